"""The customer's page shows every point of a response, whoever has it, as it stands (R19, R23, R36, DESIGN 5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import clock, links
from feedback.models import Department
from followups import customer, promises, replies, services
from followups.models import FollowUp
from followups.page import page_of
from followups.replies import Part
from surveys import default_survey
from tests import factories
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db

PART = Part("The pump was blocked.", "We cleaned it.", "It runs without leaking.")


@pytest.fixture
def billing():
    owner = factories.UserFactory(first_name="Bea")
    return factories.DepartmentFactory(
        slug="billing", name={"en": "Billing", "zh-hans": "结算部"}, owner=owner
    )


@pytest.fixture
def response(billing):
    factories.fallback(owner=factories.UserFactory(first_name="Fay"))
    default_survey.ensure({"charge": billing})
    return factories.answer(
        outcome="no",
        ease=2,
        reasons=["not_fixed", "charge"],
        words="It leaks <b>again</b>.\nAnd cost 80.",
        person=1,
    )


def follow_up(response, department):
    return FollowUp.objects.get(response=response, department__slug=department)


def reply(response, department, part=PART):
    one = follow_up(response, department)
    ids = one.points.values_list("pk", flat=True)
    return replies.reply(
        one.pk, one.assignee, dict.fromkeys(ids, part), kept=one.promises.values_list("pk", flat=True)
    )


def test_all_points_of_all_departments_are_one_list(response):
    page = page_of(response)
    assert {(point.title, point.department) for point in page.points} == {
        ("The problem is still there", "Front-Office"),
        ("The price or a charge", "Billing"),
        ("How you were treated", "Front-Office"),
    }
    text = Visitor().open(response.link).text
    assert all(point.title in text for point in page.points)


def test_the_customers_own_words_are_quoted_as_text(response):
    text = Visitor().open(response.link).text
    assert "It leaks &lt;b&gt;again&lt;/b&gt;.<br>And cost 80." in text


def test_who_works_on_it_is_named_except_about_a_person(response):
    named = {point.title: point.assignee for point in page_of(response).points}
    assert named["The price or a charge"] == "Bea"
    assert named["How you were treated"] == ""


def test_the_time_of_the_answer_is_told_and_lateness_is_said_plainly(response, settings):
    page = page_of(response)
    due = {point.due_at for point in page.points}
    assert due == {page.said_at + timedelta(hours=settings.TOLD_HOURS)}
    assert not any(point.late for point in page.points)
    after = page_of(response, clock.now() + timedelta(hours=settings.TOLD_HOURS, seconds=1))
    assert all(point.late for point in after.points)


def test_the_page_says_we_are_late(response, settings):
    settings.TOLD_HOURS = 0
    assert "We are late" in Visitor().open(response.link).text


@pytest.mark.rule("R23")
def test_a_reply_stands_on_the_page_from_the_moment_it_is_written(response):
    reply(response, "billing")
    point = next(point for point in page_of(response).points if point.department == "Billing")
    assert point.stage == "told"
    assert point.may_be_judged
    assert point.reply is not None
    assert (point.reply.found, point.reply.did, point.reply.changes) == (PART.found, PART.did, PART.changes)
    text = Visitor().open(response.link).text
    assert all(words in text for words in (PART.found, PART.did, PART.changes, "Is it fixed?"))


def test_only_the_newest_reply_is_shown(response):
    reply(response, "billing")
    point = next(point for point in page_of(response).points if point.department == "Billing")
    assert point.reply is not None
    customer.say(response, {point.reply.part_id: "not_fixed"})
    assert next(p for p in page_of(response).points if p.id == point.id).stage == "again"
    reply(response, "billing", Part("It was the price list.", "Corrected.", "You get 80 back."))
    text = Visitor().open(response.link).text
    assert "You get 80 back." in text
    assert PART.found not in text


@pytest.mark.rule("R19")
def test_promises_stand_on_the_page_and_an_overdue_one_says_so(response):
    one = follow_up(response, "billing")
    made = promises.promise(one.pk, one.assignee, "We send the money.", clock.now() + timedelta(days=1))
    page = page_of(response)
    assert [(promise.text, promise.overdue) for promise in page.promises] == [("We send the money.", False)]
    assert page_of(response, made.due_at + timedelta(seconds=1)).promises[0].overdue
    assert "We send the money." in Visitor().open(response.link).text


def test_the_thread_holds_what_was_written_to_and_fro_and_no_notes(response):
    one = follow_up(response, "billing")
    services.note(one.pk, one.assignee, "Difficult customer.")
    services.write(one.pk, one.assignee, "Do you have the receipt?")
    customer.write_back(response, "Yes.")
    assert [(entry.by, entry.text) for entry in page_of(response).thread] == [
        ("Bea", "Do you have the receipt?"),
        ("", "Yes."),
    ]
    assert "Difficult" not in Visitor().open(response.link).text


def test_that_there_was_a_call_is_shown_but_not_what_was_noted_of_it(response):
    one = follow_up(response, "billing")
    services_text = "She sounded tired."
    replies.log_call(one.pk, one.assignee, services_text)
    page = page_of(response)
    assert [(entry.by, entry.call, entry.text) for entry in page.thread] == [("Bea", True, "")]


def test_the_page_is_read_set_by_set(response):
    reply(response, "billing")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page_of(response)
    for _ in range(3):
        customer.write_back(response, "More.")
        one = follow_up(response, "front-office")
        promises.promise(one.pk, one.assignee, "Soon.", clock.now() + timedelta(days=1))
    with CaptureQueriesContext(connection) as many:
        page_of(response)
    assert len(few) == len(many) <= 12


def test_department_and_titles_are_in_the_readers_language(response):
    visitor = Visitor().open(response.link)
    text = visitor.open(f"{visitor.at}?l=zh-hans").text
    assert "结算部" in text
    assert "价格或收费" in text
    assert '<html lang="zh-hans">' in text


def test_who_was_content_sees_a_page_with_nothing_open():
    response = factories.answer(outcome="yes")
    visitor = Visitor().open(response.link)
    assert visitor.status == 200
    assert "Nothing is open here" in visitor.text


@pytest.mark.rule("R36")
def test_it_opens_only_by_its_own_link(response):
    address = links.url(response.link, "email")
    survey = links.url(response.invitation.link, "email").replace("/s/", "/f/")
    assert Visitor().open(survey).status == 404
    assert Visitor().open(address[:-1] + ("0" if address[-1] != "0" else "1")).status == 404
    visitor = Visitor().open(address)
    assert visitor.page.headers["Cache-Control"] == "no-store"
    assert visitor.page.headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in visitor.page.headers["Content-Security-Policy"]


@pytest.mark.rule("R36")
def test_it_works_for_180_days_after_its_last_event(response):
    response.link.refresh_from_db()
    assert response.link.expires_at - clock.now() > timedelta(days=179)
    response.link.expires_at = clock.now() - timedelta(seconds=1)
    response.link.save()
    visitor = Visitor().open(response.link)
    assert visitor.status == 410
    assert "leaks" not in visitor.text


def test_a_survey_held_back_meanwhile_is_offered_here(response):
    later = factories.invitation(case__customer=response.customer)
    later.state, later.reason = "skipped", "open_follow_up"
    later.save()
    assert later.link is not None
    links.extend([later.link.pk], clock.now())
    assert links.url(later.link, "email") in Visitor().open(response.link).text


def test_a_department_that_has_nothing_any_more_is_not_shown(response, billing):
    one = follow_up(response, "billing")
    services.transfer(
        one.pk,
        one.assignee,
        Department.objects.get(slug="front-office"),
        one.points.values_list("pk", flat=True),
    )
    page = page_of(response)
    assert len(page.points) == 3
    assert {point.department for point in page.points} == {"Front-Office"}
