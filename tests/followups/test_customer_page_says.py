"""What the customer does on the page: verdicts, words, a wish for a call, taking a point back (R10, R15, R19, R24)."""

import pytest

from followups import replies
from followups.models import FollowUp, Promise, Verdict, Words
from followups.replies import Part
from followups.states import Event, PointStatus, Status
from tests import factories
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db

PART = Part("The pump was blocked.", "We cleaned it.", "It runs without leaking.")


@pytest.fixture
def response():
    return factories.answer(outcome="no", reasons=["not_fixed", "charge"], words="It leaks again.")


@pytest.fixture
def follow_up(response):
    return FollowUp.objects.get(response=response)


def reply(follow_up, part=PART):
    follow_up.refresh_from_db()
    open_points = follow_up.points.filter(status=PointStatus.OPEN)
    kept = follow_up.promises.filter(state="open").values_list("pk", flat=True)
    return replies.reply(
        follow_up.pk, follow_up.assignee, {point.pk: part for point in open_points}, kept=kept
    )


@pytest.fixture
def told(follow_up):
    reply(follow_up)
    return follow_up


def points(follow_up):
    return list(follow_up.points.order_by("pk"))


def statuses(follow_up):
    return [point.status for point in points(follow_up)]


@pytest.mark.rule("R24")
def test_each_point_has_its_own_verdict(response, told):
    first, second = points(told)
    visitor = Visitor().open(response.link)
    visitor.press(
        "verdict", **{f"point-{first.pk}": "fixed", f"point-{second.pk}": "not_fixed", "missing": "The 80."}
    )
    assert statuses(told) == [PointStatus.FIXED, PointStatus.OPEN]
    told.refresh_from_db()
    assert told.status == Status.WORKING
    assert Words.objects.filter(text="The 80.", journal__kind=Event.NOT_FIXED).exists()
    assert visitor.way[0][1] == 303
    assert "Thank you" in visitor.text


@pytest.mark.rule("R24")
def test_one_press_says_that_all_is_fixed(response, told):
    Visitor().open(response.link).press("all_fixed")
    told.refresh_from_db()
    assert told.status == Status.CONFIRMED
    assert set(statuses(told)) == {PointStatus.FIXED}


@pytest.mark.rule("R24")
def test_what_was_not_judged_stays_as_it_is(response, told):
    first, _second = points(told)
    Visitor().open(response.link).press("verdict", **{f"point-{first.pk}": "fixed"})
    told.refresh_from_db()
    assert statuses(told) == [PointStatus.FIXED, PointStatus.TOLD]
    assert told.status == Status.TOLD


def test_looking_says_nothing(response, told):
    visitor = Visitor().open(response.link)
    for query in (
        "do=all_fixed",
        "done=verdict",
        f"withdraw={points(told)[0].pk}",
        "withdraw=x",
        "withdraw=٣",
    ):
        assert visitor.open(f"{visitor.at.partition('?')[0]}?{query}").status == 200
    assert not Verdict.objects.exists()
    assert PointStatus.WITHDRAWN not in statuses(told)


@pytest.mark.rule("R24")
def test_a_verdict_pressed_on_a_page_older_than_the_newest_reply_is_not_taken(response, told):
    first, second = points(told)
    old = Visitor().open(response.link)
    Visitor().open(response.link).press(
        "verdict", **{f"point-{first.pk}": "not_fixed", f"point-{second.pk}": "not_fixed"}
    )
    reply(told, Part("It was the seal.", "We changed it.", "No more water on the floor."))
    said = Verdict.objects.count()
    old.press("all_fixed")
    assert old.status == 409
    assert "Our answer has changed" in old.text
    assert "It was the seal." in old.text
    assert Verdict.objects.count() == said
    old.press("all_fixed")
    assert set(statuses(told)) == {PointStatus.FIXED}


@pytest.mark.rule("R24")
def test_a_stale_verdict_among_good_ones_takes_none_and_keeps_the_words(response, told):
    first, second = points(told)
    old = Visitor().open(response.link)
    Visitor().open(response.link).press("verdict", **{f"point-{first.pk}": "not_fixed"})
    reply(told, Part("It was the seal.", "We changed it.", "No more water."))
    said = Verdict.objects.count()
    old.press(
        "verdict", **{f"point-{first.pk}": "fixed", f"point-{second.pk}": "fixed", "missing": "And the 80?"}
    )
    assert old.status == 409
    assert Verdict.objects.count() == said
    assert any(form.values.get("missing") == ["And the 80?"] for form in old.forms())


@pytest.mark.rule("R24")
def test_fixed_can_turn_out_otherwise_long_after(response, told):
    Visitor().open(response.link).press("all_fixed")
    first, _second = points(told)
    visitor = Visitor().open(response.link)
    visitor.press("verdict", **{f"point-{first.pk}": "not_fixed"})
    told.refresh_from_db()
    assert told.status == Status.WORKING
    assert statuses(told)[0] == PointStatus.OPEN


def test_no_verdict_chosen_is_said(response, told):
    visitor = Visitor().open(response.link).press("verdict")
    assert visitor.status == 400
    assert 'role="alert"' in visitor.text


@pytest.mark.rule("R10")
def test_a_double_tap_on_a_verdict_with_words_is_one(response, told):
    first, _second = points(told)
    visitor, twice = Visitor().open(response.link), Visitor()
    twice.page = visitor.page
    for one in (visitor, twice):
        one.press("verdict", **{f"point-{first.pk}": "not_fixed", "missing": "Still wet."})
    assert Verdict.objects.count() == 1
    assert Words.objects.filter(text="Still wet.").count() == 1


def test_writing_back_reaches_the_desk_and_returns_what_was_told_to_work(response, told):
    visitor = Visitor().open(response.link).press("write", text="When do you come?\nI am home.")
    assert "Your message has arrived." in visitor.text
    assert "When do you come?<br>I am home." in visitor.text
    told.refresh_from_db()
    assert told.status == Status.WORKING


@pytest.mark.rule("R10")
def test_a_double_tap_on_a_message_is_one_message(response, follow_up):
    visitor, twice = Visitor().open(response.link), Visitor()
    twice.page = visitor.page
    visitor.press("write", text="Hello?")
    twice.press("write", text="Hello?")
    assert Words.objects.filter(text="Hello?").count() == 1
    assert twice.status == 200


@pytest.mark.parametrize("text", ["", "   \n ", "\x00", "x" * 10_001])
def test_a_message_that_cannot_be_kept_is_refused_in_words(response, follow_up, text):
    visitor = Visitor().open(response.link).press("write", text=text)
    assert visitor.status == 400
    assert 'role="alert"' in visitor.text
    assert 'href="#text"' in visitor.text
    if len(text) > 10_000:
        assert any(form.values.get("text") == [text] for form in visitor.forms())


@pytest.mark.rule("R19")
def test_asking_for_a_call_becomes_a_promise_on_the_page(response, follow_up):
    visitor = Visitor().open(response.link).press("call", call="After six, please.")
    promise = Promise.objects.get()
    assert promise.kind == Promise.Kind.CALL
    assert promise.assignee == follow_up.assignee
    assert "We will call you" in visitor.text
    assert "After six, please." in visitor.text
    Visitor().open(response.link).press("call")
    assert Promise.objects.count() == 1


@pytest.mark.rule("R19")
def test_the_customer_can_release_us_from_a_promise(response, follow_up):
    visitor = Visitor().open(response.link).press("call").press("release")
    assert Promise.objects.get().state == "released"
    assert "No longer needed" not in visitor.text


@pytest.mark.rule("R10")
def test_a_point_is_withdrawn_only_after_a_second_press(response, follow_up):
    first, _second = points(follow_up)
    visitor = Visitor().open(response.link)
    assert f"withdraw={first.pk}" in visitor.text
    visitor.open(f"{visitor.at}?withdraw={first.pk}")
    assert statuses(follow_up) == [PointStatus.OPEN, PointStatus.OPEN]
    visitor.press("withdraw")
    assert statuses(follow_up) == [PointStatus.WITHDRAWN, PointStatus.OPEN]
    assert "Withdrawn by you" in visitor.text


def test_when_the_last_point_is_withdrawn_the_page_still_opens_and_can_be_written_on(response, follow_up):
    for point in points(follow_up):
        visitor = Visitor().open(response.link)
        visitor.open(f"{visitor.at}?withdraw={point.pk}").press("withdraw")
    follow_up.refresh_from_db()
    assert follow_up.status == Status.WITHDRAWN
    visitor = Visitor().open(response.link)
    assert "Nothing is open here" in visitor.text
    visitor.press("write", text="It is back.")
    assert visitor.status == 200
    assert "It is back." in visitor.text


def test_a_danger_cannot_be_withdrawn():
    response = factories.answer(outcome="no", reasons=["unsafe"])
    visitor = Visitor().open(response.link)
    assert "withdraw=" not in visitor.text
    point = response.points.get()
    visitor.client.get(f"{visitor.at}?withdraw={point.pk}")
    form = visitor.forms()[0]
    answer = visitor.client.post(
        form.action, {"form": form.values["form"][0], "do": "withdraw", "point": str(point.pk)}
    )
    assert answer.status_code == 400
    point.refresh_from_db()
    assert point.status == PointStatus.OPEN


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "explode"},
        {"do": "withdraw"},
        {"do": "withdraw", "point": "9" * 40},
        {"do": "withdraw", "point": "-1"},
        {"do": "release", "promise": "x"},
        {"do": "verdict", "part-1": "1", "point-1": "perhaps"},
        {"do": "verdict", "part-1": "99999999", "point-1": "fixed"},
        {"do": "verdict", "part-": "", "point-": "fixed"},
        {"do": "all_fixed"},
    ],
)
def test_what_no_button_sends_is_refused_without_harm(response, told, fields):
    visitor = Visitor().open(response.link)
    form = visitor.forms()[0]
    answer = visitor.client.post(form.action, {"form": form.values["form"][0], **fields})
    assert answer.status_code in (400, 409)
    assert not Verdict.objects.exists()


def test_another_customers_point_promise_and_reply_are_out_of_reach(response, told):
    other = factories.answer(outcome="no")
    Visitor().open(response.link).press("call")
    point, part, promise = points(told)[0], told.replies.get().parts.first(), Promise.objects.get()
    visitor = Visitor().open(other.link)
    form = visitor.forms()[0]
    for fields in (
        {"do": "withdraw", "point": point.pk},
        {"do": "release", "promise": promise.pk},
        {"do": "verdict", f"part-{point.pk}": part.pk, f"point-{point.pk}": "fixed"},
    ):
        answer = visitor.client.post(form.action, {"form": form.values["form"][0], **fields})
        assert answer.status_code in (400, 409)
    assert not Verdict.objects.exists()
    promise.refresh_from_db()
    assert promise.state == "open"


def test_a_post_without_the_forms_token_does_nothing_and_loses_nothing(response, follow_up):
    visitor = Visitor().open(response.link)
    path = visitor.forms()[0].action
    visitor.page = visitor.client.post(path, {"do": "write", "text": "Hello?"})
    assert visitor.status == 403
    assert not Words.objects.filter(text="Hello?").exists()
    visitor.press("write")
    assert Words.objects.filter(text="Hello?").count() == 1


def test_the_language_chosen_stays(response, follow_up):
    visitor = Visitor().open(response.link)
    visitor.open(f"{visitor.at}?l=zh-hans").press("write", text="你好")
    assert '<html lang="zh-hans">' in visitor.text
    visitor.open(f"{visitor.at.partition('?')[0]}?l=zh-hans&withdraw={points(follow_up)[0].pk}")
    assert '<html lang="zh-hans">' in visitor.press("withdraw").text
