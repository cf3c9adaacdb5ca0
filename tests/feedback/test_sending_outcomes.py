"""What becomes of a message, outcome by outcome."""

from datetime import timedelta

import pytest

from feedback import outbox, signals
from feedback.channels.base import accepted, deferred, in_doubt, refused
from feedback.models import Message
from feedback.outbox.settling import backoff
from tests.feedback.letters import letter, link_of, states

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R31")]


@pytest.fixture
def rung():
    heard: list[list[int]] = []

    def hear(sender, message_ids, **kwargs):
        heard.append(message_ids)

    signals.message_changed.connect(hear)
    yield heard
    signals.message_changed.disconnect(hear)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_accepted_ends_it_and_keeps_the_providers_id(memory, rung, channel, moved_clock):
    message = letter(channel)
    memory.answers.append(accepted("provider-7", "queued as 7"))
    assert outbox.send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.detail) == ("accepted", "provider-7", "queued as 7")
    assert (message.settled_at, message.lease_until, message.attempts) == (moved_clock.now, None, 1)
    assert rung == [[message.pk]]
    assert outbox.send_due() == 0


def test_refused_ends_it_for_good(memory, rung):
    message = letter()
    memory.answers.append(refused("550 no such user"))
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("refused", "550 no such user")
    assert message.settled_at
    assert rung == [[message.pk]]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_deferred_is_tried_again_later_and_rings_for_nobody(memory, rung, channel, moved_clock):
    message = letter(channel)
    memory.answers.append(deferred("451 try later"))
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.deferrals, message.settled_at) == ("queued", 1, None)
    assert timedelta(seconds=20) < message.due_at - moved_clock.now < timedelta(seconds=40)
    assert rung == []
    assert outbox.send_due() == 0
    moved_clock.advance(seconds=40)
    assert outbox.send_due() == 1
    assert states(message) == ["accepted"]


def test_a_provider_that_names_a_time_is_obeyed(memory, moved_clock):
    message = letter("sms")
    memory.answers.append(deferred("429 too many", retry_after=900))
    outbox.send_due()
    message.refresh_from_db()
    assert message.due_at == moved_clock.now + timedelta(seconds=900)


def test_waiting_doubles_up_to_an_hour():
    waits = [backoff(n) / timedelta(seconds=1) for n in range(1, 12)]
    for n, wait in enumerate(waits):
        plain = min(30 * 2**n, 3600)
        assert 0.75 * plain <= wait <= 1.25 * plain
    assert backoff(30_000) <= timedelta(hours=1.25)


def test_deferred_too_often_is_given_up_and_says_so(memory, settings, moved_clock):
    settings.SEND_ATTEMPTS = 3
    message = letter()
    for _ in range(3):
        memory.answers.append(deferred("451 mailbox busy"))
        outbox.send_due()
        moved_clock.advance(hours=2)
    message.refresh_from_db()
    assert message.state == "refused"
    assert message.detail == "gave up after 3 attempts: 451 mailbox busy"
    assert len(memory.sent) == 3


def test_in_doubt_an_email_is_sent_exactly_once_more_after_half_an_hour(memory, moved_clock):
    message = letter("email")
    memory.answers.extend([in_doubt("time-out"), in_doubt("time-out again")])
    outbox.send_due()
    assert states(message) == ["in_doubt"]
    moved_clock.advance(minutes=29, seconds=59)
    assert outbox.rescue() == 0
    moved_clock.advance(seconds=1)
    assert outbox.rescue() == 1
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.resend_at, message.detail) == ("in_doubt", None, "time-out again")
    assert [one.attempt for one in memory.sent] == [1, 2]
    assert len({one.reference for one in memory.sent}) == 1
    for _ in range(3):
        moved_clock.advance(days=1)
        assert outbox.rescue() == 0
        assert outbox.send_due() == 0


def test_the_second_sending_may_succeed(memory, moved_clock):
    message = letter("email")
    memory.answers.append(in_doubt("time-out"))
    outbox.send_due()
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.resend_at) == ("accepted", None)


def test_a_second_sending_that_is_deferred_is_still_the_second(memory, moved_clock):
    message = letter("email")
    memory.answers.extend([in_doubt("time-out"), deferred("busy"), in_doubt("time-out")])
    outbox.send_due()
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.send_due()
    moved_clock.advance(hours=2)
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.resend_at) == ("in_doubt", None)


def test_a_second_sending_given_up_leaves_the_doubt(memory, settings, moved_clock):
    settings.SEND_ATTEMPTS = 1
    message = letter("email")
    memory.answers.extend([in_doubt("time-out"), deferred("busy")])
    outbox.send_due()
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.send_due()
    assert states(message) == ["in_doubt"]


def test_a_second_sending_taken_back_leaves_the_doubt_and_is_not_sent(memory, moved_clock):
    message = letter("email")
    memory.answers.append(in_doubt("time-out"))
    outbox.send_due()
    moved_clock.advance(minutes=30)
    outbox.rescue()
    assert states(message) == ["queued"]
    assert outbox.cancel([message.pk], "suppressed") == []
    message.refresh_from_db()
    assert (message.state, message.reason, message.resend_at) == ("in_doubt", "", None)
    assert "not sent a second time" in message.detail
    assert outbox.send_due() == 0


def test_in_doubt_an_sms_is_never_sent_again_by_itself(memory, moved_clock):
    message = letter("sms")
    memory.answers.append(in_doubt("500 after the bytes"))
    outbox.send_due()
    for _ in range(5):
        moved_clock.advance(hours=8)
        outbox.rescue()
        outbox.send_due()
    assert states(message) == ["in_doubt"]
    assert len(memory.sent) == 1


@pytest.mark.parametrize(("arrived", "state"), [(True, "accepted"), (False, "refused")])
def test_a_person_may_end_a_doubt(memory, rung, arrived, state):
    message = letter("sms")
    memory.answers.append(in_doubt("time-out"))
    outbox.send_due()
    rung.clear()
    assert outbox.settle_doubt(message.pk, arrived=arrived, detail="the provider's console says so")
    assert states(message) == [state]
    assert rung == [[message.pk]]
    assert not outbox.settle_doubt(message.pk, arrived=arrived, detail="again")


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_channel_that_breaks_leaves_one_message_in_doubt_and_the_rest_unsent(memory, channel, moved_clock):
    messages = [letter(channel) for _ in range(4)]
    memory.answers.extend([accepted("one"), RuntimeError("a fault in the provider's library")])
    outbox.send_due()
    assert states(*messages) == ["accepted", "in_doubt", "queued", "queued"]
    rest = Message.objects.filter(state="queued")
    assert {one.deferrals for one in rest} == {0}
    moved_clock.advance(seconds=15)
    outbox.send_due()
    assert states(*messages) == ["accepted", "in_doubt", "accepted", "accepted"]
    assert len(memory.sent) == 4


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_channel_in_trouble_is_not_hammered_and_nobody_behind_pays_for_it(memory, channel, moved_clock):
    messages = [letter(channel) for _ in range(3)]
    memory.answers.append(deferred("connection refused", stop=True))
    assert outbox.send_due() == 1
    assert states(*messages) == ["queued"] * 3
    assert sorted(Message.objects.values_list("deferrals", flat=True)) == [0, 0, 1]
    assert outbox.send_due() == 0


def test_one_channel_in_trouble_does_not_hold_up_the_other(memory):
    by_sms, by_email = letter("sms"), letter("email")
    memory.answers.append(deferred("connection refused", stop=True))  # email is asked first
    outbox.send_due()
    assert states(by_email, by_sms) == ["queued", "accepted"]


def test_a_channel_that_is_off_says_so(memory):
    memory.on = False
    message = letter("sms")
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "channel_off")


def test_without_a_backend_the_sms_channel_is_off(memory, settings):
    settings.CHANNELS = {**settings.CHANNELS, "sms": ""}
    message = letter("sms")
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "channel_off")


@pytest.mark.rule("R36")
def test_a_surveys_time_counts_from_its_sending(memory, moved_clock):
    message = letter(purpose="survey", due_at=moved_clock.now + timedelta(days=2))
    link = link_of(message)
    assert link.expires_at is None
    moved_clock.advance(days=2)
    outbox.send_due()
    link.refresh_from_db()
    assert link.expires_at == moved_clock.now + timedelta(days=14)


def test_a_receiver_that_breaks_the_transaction_costs_no_outcome(memory):
    def break_it(sender, message_ids, **kwargs):
        Message.objects.raw("SELECT no_such_column FROM feedback_message")[0]

    signals.message_changed.connect(break_it)
    try:
        message = letter()
        outbox.send_due()
    finally:
        signals.message_changed.disconnect(break_it)
    assert states(message) == ["accepted"]
