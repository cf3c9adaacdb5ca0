"""The simulated people's browser reads forms as a real one does."""

import httpx

from feedback.demo.browser import Page

HTML = """
<form action="/first" method="post" id="one"><input type="hidden" name="step" value="rest">
<fieldset><legend>It took <b>too long</b></legend>
<label><input type="radio" name="q1" value="yes"></label>
<label><input type="radio" name="q1" value="no" checked></label>
<input type="checkbox" name="q2" value="a" checked><input type="checkbox" name="q2" value="b">
</fieldset><textarea name="words">kept</textarea>
<select name="who"><option value="">choose</option><option value="7" selected>seven</option></select>
<input name="off" value="x" disabled><button name="do" value="send">Send</button></form>
<form action="/admin/12/do/reply/#deed"><button>Go</button></form>
<input form="one" type="radio" name="point-3" value="fixed"><a href="/f/abc">page</a>
"""


def page() -> Page:
    request = httpx.Request("GET", "http://testserver/s/x")
    return Page.read(httpx.Response(200, html=HTML, request=request))


def test_a_form_sends_what_it_holds():
    assert page().forms[0].values() == {
        "step": ["rest"],
        "q1": ["no"],
        "q2": ["a"],
        "words": ["kept"],
        "who": ["7"],
    }


def test_a_control_may_name_its_form_from_elsewhere():
    assert page().forms[0].offers("point-3", "fixed")


def test_a_control_knows_the_legend_it_stands_under():
    assert page().forms[0].named("q1")[0].legend == "It took too long"
    assert page().forms[0].named("words")[0].legend == ""


def test_forms_and_links_are_found():
    assert page().form_with("do", "send") is not None
    assert page().form_to("/do/reply/") is not None
    assert page().link("/f/") == "/f/abc"
    assert page().form_to("/do/take/") is None
