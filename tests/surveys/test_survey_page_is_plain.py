"""The page works anywhere: no script, no cookie, nothing from elsewhere, small, labelled, bilingual (R8, R36)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from surveys import published
from tests import factories
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R8")]


@pytest.fixture
def asked():
    return factories.invitation()


@pytest.fixture
def pages(asked):
    """Every page of the survey, as opened on the way through it."""
    version = published.version(asked.version_id)
    visitor = Visitor().open(asked.link)
    found = {"first": visitor.text}
    found["error"] = visitor.press().text
    visitor.open(asked.link).press(**{f"q{version.first.id}": "no"})
    found["rest"] = visitor.text
    found["thanks"] = visitor.press().text
    found["unknown"] = Visitor().open("/s/x").text
    return found


def test_html_and_style_together_are_at_most_15_kilobytes(pages):
    style = Path(str(finders.find("feedback/customer.css"))).stat().st_size
    assert {
        name: len(text.encode()) + style
        for name, text in pages.items()
        if len(text.encode()) + style > 15_000
    } == {}


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(pages):
    for text in pages.values():
        assert not re.search(r"<script|<iframe|<img|\son\w+=|style=|<style|javascript:", text)
        loaded = re.findall(r'<link[^>]+href="([^"]+)"', text)
        assert loaded == ["/static/feedback/customer.css", "data:,"]
    assert "url(" not in Path(str(finders.find("feedback/customer.css"))).read_text()


def test_every_control_has_its_label_and_every_group_its_legend(pages):
    for text in pages.values():
        for control in re.findall(
            r'<(?:input|textarea)[^>]*type="(?:radio|checkbox)"[^>]* id="([^"]+)"', text
        ):
            assert f'for="{control}"' in text
        for area in re.findall(r'<textarea[^>]* id="([^"]+)"', text):
            assert f'for="{area}"' in text
        assert text.count("<fieldset") == text.count("<legend")
        assert text.count("<h1") == 1
        assert '<html lang="en">' in text


@pytest.mark.rule("R36")
def test_no_link_gets_into_the_log(asked, caplog):
    visitor = Visitor().open(asked.link).press()
    visitor.open("/s/guess")
    assert visitor.status == 404
    assert "/s/" not in caplog.text


@pytest.mark.rule("R36")
@pytest.mark.parametrize("status", [200, 400, 404, 405])
def test_the_headers_do_not_depend_on_middleware(asked, settings, status):
    settings.MIDDLEWARE = []
    visitor = Visitor().open(asked.link)
    if status == 400:
        visitor.press()
    elif status == 404:
        visitor.open("/s/x")
    elif status == 405:
        visitor.page = visitor.client.put(visitor.forms()[0].action)
    assert visitor.status == status
    headers = visitor.page.headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert not visitor.page.cookies


def test_it_speaks_the_customers_language(asked):
    asked.customer.language = "zh-CN"
    asked.customer.save()
    visitor = Visitor(accept_language="en").open(asked.link)
    assert '<html lang="zh-hans">' in visitor.text
    assert "问题解决了吗？" in visitor.text
    assert visitor.page.headers["Content-Language"] == "zh-hans"


def test_without_one_it_speaks_the_browsers(asked):
    asked.customer.language = ""
    asked.customer.save()
    assert '<html lang="zh-hans">' in Visitor(accept_language="zh-CN,zh;q=0.9").open(asked.link).text
    assert '<html lang="en">' in Visitor(accept_language="fr").open(asked.link).text


def test_a_language_chosen_on_the_page_stays_through_the_whole_survey(asked):
    version = published.version(asked.version_id)
    visitor = Visitor().open(asked.link)
    (other,) = re.findall(r'<a href="([^"]+)" lang="zh-hans"', visitor.text)
    visitor.open(other).press(**{f"q{version.first.id}": "no"})
    assert '<html lang="zh-hans">' in visitor.text
    visitor.press()
    assert '<html lang="zh-hans">' in visitor.text
    assert "l=zh-hans" in visitor.at
    assert asked.response.language == "zh-hans"


def test_the_language_link_keeps_the_choice_made(asked):
    visitor = Visitor().open(asked.link)
    visitor.open(f"{visitor.at}?a=no")
    (other,) = re.findall(r'<a href="([^"]+)" lang="zh-hans"', visitor.text)
    assert "a=no" in other
