"""The simulated people use the real doors: here in one process, without sockets, and without the passing of time."""

from datetime import timedelta

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from feedback import clock, first_start, outbox
from feedback.demo import browser, cast, customers, fates, owners, sample, setup, timeline
from feedback.intake import fields, services
from feedback.models import Message
from feedback.models.messages import Purpose
from followups.models import FollowUp
from followups.states import OWED, Status
from surveys.models import Response

pytestmark = pytest.mark.django_db

AT_THE_DESK: dict[str, owners.Owner] = {}


@pytest.fixture
def demo(settings, tmp_path, monkeypatch):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    settings.QUIET_HOURS = None
    settings.SMS_BACKEND = settings.SMS_THAT_STAYS
    settings.CHANNELS = {**settings.CHANNELS, "sms": settings.SMS_THAT_STAYS}
    setup.ensure()
    first_start.ensure()
    setup.ensure_upper_rows()
    for signal in (request_started, request_finished):  # the test's transaction is on that connection
        signal.disconnect(close_old_connections)
    client, application = httpx.Client, get_wsgi_application()
    monkeypatch.setattr(
        browser.httpx,
        "Client",
        lambda **given: client(transport=httpx.WSGITransport(app=application), **given),
    )
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def resolved(caller: str) -> Message:
    """Take the caller's first incident in up to its first resolution, and send the survey. Out: the survey."""
    line = timeline.begin(clock.now(), sample.incidents()[-1])  # everything lies behind us, by minutes
    number = next(event.number for event in sample.incidents() if event.caller == caller)
    story = [event for event in sample.incidents() if event.number == number]
    upto = next(index for index, event in enumerate(story) if event.resolved_at)
    said = [fields.read(timeline.payload(event, line)) for event in story[: upto + 1]]
    services.take_in(said)
    outbox.send_due()
    return Message.objects.get(customer__external_id=caller, purpose=Purpose.SURVEY)


def somebody(**wanted: object) -> str:
    """A caller with one incident whose fate is as wanted."""
    for caller, fate in fates.fates().items():
        fits = all(getattr(fate, name) == value for name, value in wanted.items())
        group = next(
            sample.first_resolved_in()[event.number] for event in sample.incidents() if event.caller == caller
        )
        if fits and fate.answers and fate.words and group == "Group 25":
            return caller
    raise AssertionError(f"nobody is {wanted}")


def play(people: customers.Customers) -> None:
    """Let everybody do what they would do within the next quarter of an hour."""
    people._read_new_messages()
    people.plans = [(0.0, message, what) for _, message, what in people.plans]
    while people.step():
        pass


def test_a_simulated_customer_answers_on_the_real_pages(demo):
    caller = somebody(mood=fates.NEGATIVE, only_first=False, changes_mind=False)
    resolved(caller)
    play(customers.Customers())
    response = Response.objects.get(customer__external_id=caller)
    answers = response.answers.filter(superseded_at=None)
    fate = fates.fates()[caller]
    assert {answer.words for answer in answers if answer.words} == {fate.words}
    assert set(fate.reasons) in [set(answer.chosen) for answer in answers]
    assert FollowUp.objects.filter(response=response).exists()


def test_after_a_restart_nobody_answers_twice(demo):
    caller = somebody(mood=fates.NEGATIVE, only_first=False, changes_mind=False)
    resolved(caller)
    play(customers.Customers())
    before = Response.objects.get().answers.count()
    play(customers.Customers())
    assert Response.objects.get().answers.count() == before


def report_back(monkeypatch) -> None:
    """Let the assignees do all that they do until every customer was told."""
    monkeypatch.setattr(owners, "AGAIN", -60.0)
    for follow_up in FollowUp.objects.filter(status__in=OWED):
        assert follow_up.assignee
        owner = AT_THE_DESK.setdefault(follow_up.assignee.username, owners.Owner(follow_up.assignee.username))
        owner.sign_in()
        for _ in range(4):
            owner.first_seen[str(follow_up.pk)] = -1e9
            if FollowUp.objects.get(pk=follow_up.pk).status in OWED:
                assert owner.work(str(follow_up.pk))
            outbox.send_due()
    assert {follow_up.status for follow_up in FollowUp.objects.all()} == {Status.TOLD}


@pytest.mark.parametrize(("verdict", "tellings"), [("fixed", 1), ("not_fixed", 2)])
def test_owners_report_back_and_the_customer_has_the_last_word(demo, monkeypatch, verdict, tellings):
    caller = somebody(mood=fates.NEGATIVE, verdict=verdict, next_step="wait", changes_mind=False)
    resolved(caller)
    people = customers.Customers()
    play(people)
    AT_THE_DESK.clear()
    for _ in range(tellings):
        report_back(monkeypatch)
        play(people)
    assert {follow_up.status for follow_up in FollowUp.objects.all()} == {Status.CONFIRMED}


def test_what_the_visitor_works_on_is_left_to_them(demo):
    caller = somebody(mood=fates.NEGATIVE, changes_mind=False)
    resolved(caller)
    play(customers.Customers())
    follow_up = FollowUp.objects.order_by("pk").first()
    assert follow_up and follow_up.assignee
    visitor = owners.Owner(follow_up.assignee.username)
    visitor.sign_in()
    visitor.first_seen[str(follow_up.pk)] = 0.0
    assert visitor.work(str(follow_up.pk))  # taken
    simulated = owners.Owner(follow_up.assignee.username)
    simulated.sign_in()
    assert not simulated.work(str(follow_up.pk))


def test_a_promise_is_for_noon_of_the_departments_tomorrow():
    now = clock.now()
    due = owners._tomorrow_noon(now)
    assert due.hour == 12 and timedelta(0) < due - now < timedelta(days=2)
    assert str(due.tzinfo) == cast.ZONE
