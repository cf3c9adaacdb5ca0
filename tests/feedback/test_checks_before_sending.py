"""What is looked at once more when a message is about to leave."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from feedback import outbox, pause, suppression
from feedback.channels.base import deferred
from feedback.models import Message
from feedback.models.messages import Purpose
from feedback.outbox import Cancel, Wait, gate
from feedback.reasons import SkipReason
from tests.feedback.letters import letter, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_checks(monkeypatch):
    monkeypatch.setattr(gate, "_checks", {})


@pytest.mark.rule("R34")
def test_an_address_blocked_after_enqueueing_is_not_written_to(memory):
    survey, reply, notice = letter(purpose="survey"), letter(purpose="reply"), letter(purpose="notice")
    for message in (survey, reply, notice):
        suppression.suppress(bytes(message.digest), suppression.Scope.SURVEYS, suppression.Cause.OPT_OUT)
    outbox.send_due()
    assert states(survey, reply, notice) == ["cancelled", "accepted", "accepted"]
    survey.refresh_from_db()
    assert survey.reason == "opted_out"


def test_a_check_is_asked_about_its_purposes_all_at_once_and_decides(memory, moved_clock):
    asked: list[list[int]] = []
    go, stop, wait, other = (
        letter("email", purpose) for purpose in ("survey", "survey", "reminder", "reply")
    )
    until = moved_clock.now + timedelta(hours=11)

    def check(messages, now):
        asked.append([one.pk for one in messages])
        assert now == moved_clock.now
        return {stop.pk: Cancel(SkipReason.REOPENED), wait.pk: Wait(until)}

    outbox.register_check([Purpose.SURVEY, Purpose.REMINDER], check)
    outbox.register_check([Purpose.SURVEY], check)
    outbox.send_due()
    assert asked == [[go.pk, stop.pk, wait.pk]]
    assert states(go, stop, wait, other) == ["accepted", "cancelled", "queued", "accepted"]
    wait.refresh_from_db()
    assert (wait.due_at, wait.deferrals, wait.lease_until) == (until, 0, None)


def test_a_wait_that_is_over_already_does_not_turn_in_circles(memory, moved_clock):
    message = letter()
    outbox.register_check([Purpose.REPLY], lambda messages, now: {message.pk: Wait(now)})
    outbox.send_due()
    message.refresh_from_db()
    assert (message.attempts, message.state) == (1, "queued")
    assert message.due_at > moved_clock.now


def test_a_check_is_asked_again_at_every_attempt(memory, moved_clock):
    message = letter()
    memory.answers.append(deferred("busy"))
    outbox.send_due()
    outbox.register_check([Purpose.REPLY], lambda messages, now: {message.pk: Cancel(SkipReason.ERASED)})
    moved_clock.advance(minutes=5)
    outbox.send_due()
    assert states(message) == ["cancelled"]
    assert len(memory.sent) == 1


@pytest.mark.rule("R30")
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_message_whose_check_fails_is_set_aside_and_the_others_flow(memory, channel):
    messages = [letter(channel) for _ in range(5)]

    def check(asked, now):
        if messages[2].pk in {one.pk for one in asked}:
            raise KeyError("something is wrong with the third")
        return {}

    outbox.register_check([Purpose.REPLY], check)
    outbox.send_due()
    assert states(*messages) == ["accepted", "accepted", "refused", "accepted", "accepted"]
    messages[2].refresh_from_db()
    assert "check before sending failed" in messages[2].detail
    assert messages[2].settled_at


@pytest.mark.rule("R30")
def test_a_check_that_breaks_its_transaction_is_undone_by_itself(memory):
    messages = [letter() for _ in range(3)]

    def check(asked, now):
        if messages[1].pk in {one.pk for one in asked}:
            list(Message.objects.raw("SELECT no_such_column FROM feedback_message"))
        return {}

    outbox.register_check([Purpose.REPLY], check)
    outbox.send_due()
    assert states(*messages) == ["accepted", "refused", "accepted"]


@pytest.mark.rule("R30")
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_message_that_cannot_be_put_together_is_set_aside_and_the_others_flow(memory, channel):
    messages = [letter(channel) for _ in range(3)]
    Message.objects.filter(pk=messages[1].pk).update(text=f"{outbox.LINK} {outbox.OPT_OUT}")
    outbox.send_due()
    assert states(*messages) == ["accepted", "refused", "accepted"]
    messages[1].refresh_from_db()
    assert "cannot be put together" in messages[1].detail


def test_a_database_in_trouble_is_no_fault_of_the_message(memory, moved_clock):
    message = letter()

    def check(asked, now):
        raise OperationalError("the server went away")

    outbox.register_check([Purpose.REPLY], check)
    with pytest.raises(OperationalError):
        outbox.send_due()
    assert states(message) == ["claimed"]
    moved_clock.advance(minutes=1)
    outbox.rescue()
    assert states(message) == ["queued"]


@pytest.mark.rule("R42")
def test_while_paused_surveys_wait_and_replies_go(memory):
    survey, reminder, reply = letter(purpose="survey"), letter(purpose="reminder"), letter(purpose="reply")
    pause.start(None, "first import")
    outbox.send_due()
    assert states(survey, reminder, reply) == ["queued", "queued", "accepted"]
    survey.refresh_from_db()
    assert survey.attempts == 0
    pause.end()
    outbox.send_due()
    assert states(survey, reminder) == ["accepted", "accepted"]
