"""Claim, lease, fence and rescue: what keeps a message from being sent twice, and from never being sent."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from feedback import outbox
from feedback.channels.base import Outcome, Outgoing, accepted
from feedback.channels.memory import Memory
from feedback.models import Message
from feedback.outbox import sending, settling
from feedback.outbox.settling import Settled
from tests.feedback.letters import customer, letter, states

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R30")]


def watched(memory, look: Callable[[], Any]) -> list[Any]:
    """What ``look`` sees while the channel sends the next message."""
    seen: list[Any] = []

    def send(outgoing: Outgoing) -> Outcome:
        seen.append(look())
        return accepted()

    memory.answers.append(send)
    return seen


def test_a_claim_takes_what_is_due_the_longest_due_first_and_counts_the_attempt(moved_clock):
    to = customer()
    late, later, not_yet = (letter(to=to, due_at=moved_clock.now + timedelta(seconds=n)) for n in (-9, -5, 5))
    claimed = sending.claim("email", 10)
    assert claimed == [late, later]
    assert states(late, later, not_yet) == ["claimed", "claimed", "queued"]
    assert {(one.attempts, one.lease_until) for one in claimed} == {
        (1, moved_clock.now + timedelta(seconds=60))
    }
    assert sending.claim("email", 10) == []


def test_a_claim_is_one_statement(django_assert_num_queries):
    for _ in range(5):
        letter()
    with django_assert_num_queries(1):
        assert len(sending.claim("email", 3)) == 3


def test_a_claimed_message_is_what_the_row_says():
    letter(subject="Ärger über 退款")
    [claimed] = sending.claim("email", 1)
    fields = [field.attname for field in Message._meta.concrete_fields]
    ours, plain = (
        {name: getattr(one, name) for name in fields} | {"digest": bytes(one.digest)}
        for one in (claimed, Message.objects.get())
    )
    assert ours == plain
    assert not claimed.get_deferred_fields()


def test_a_message_is_marked_as_calling_before_the_channel_sees_it(memory):
    message = letter()
    seen = watched(memory, lambda: states(message))
    outbox.send_due()
    assert seen == [["calling"]]
    assert states(message) == ["accepted"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_the_channel_is_called_outside_any_transaction(memory, channel):
    letter(channel)
    seen = watched(memory, lambda: connection.in_atomic_block)
    outbox.send_due()
    assert seen == [False]


def test_where_nobody_sends_again_only_one_message_is_marked_at_a_time(memory):
    first, second = letter("sms"), letter("sms")
    seen = watched(memory, lambda: states(first, second))
    outbox.send_due()
    assert seen == [["calling", "claimed"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_two_hundred_messages_and_two_workers_and_each_is_sent_once(memory, channel):
    people = [customer() for _ in range(20)]
    messages = [letter(channel, to=people[n % 20]) for n in range(200)]
    start = threading.Barrier(2)

    def work(_):
        try:
            start.wait()
            return outbox.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        tried = list(pool.map(work, range(2)))
    assert sum(tried) == 200
    assert Counter(one.id for one in Memory.sent) == {one.pk: 1 for one in messages}
    assert set(states(*messages)) == {"accepted"}
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_sweepers_side_by_side_rescue_each_message_once(memory, moved_clock):
    for _ in range(40):
        letter()
    sending.claim("email", 20)
    lost = sending.claim("email", 20)
    settling.mark_calling(lost, moved_clock.now + timedelta(seconds=60))
    moved_clock.advance(seconds=61)

    def sweep(_):
        try:
            return outbox.rescue()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rescued = list(pool.map(sweep, range(4)))
    assert sum(rescued) == 40
    assert Counter(Message.objects.values_list("state", flat=True)) == {"queued": 20, "in_doubt": 20}


def test_a_worker_that_died_after_claiming_had_sent_nothing_so_another_sends(memory, moved_clock):
    message = letter("sms")
    sending.claim("sms", 1)
    moved_clock.advance(seconds=59)
    assert outbox.rescue() == 0
    moved_clock.advance(seconds=1)
    assert outbox.rescue() == 1
    assert states(message) == ["queued"]
    outbox.send_due()
    assert states(message) == ["accepted"]
    assert len(memory.sent) == 1


@pytest.mark.rule("R31")
def test_a_worker_that_died_while_calling_leaves_a_doubt(memory, moved_clock):
    by_email, by_sms = letter("email"), letter("sms")
    for channel in ("email", "sms"):
        settling.mark_calling(sending.claim(channel, 1), moved_clock.now + timedelta(seconds=60))
    moved_clock.advance(seconds=60)
    assert outbox.rescue() == 2
    assert states(by_email, by_sms) == ["in_doubt", "in_doubt"]
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.send_due()
    assert states(by_email, by_sms) == ["accepted", "in_doubt"]
    assert [one.id for one in memory.sent] == [by_email.pk]


def test_a_message_that_kills_its_workers_comes_to_an_end(settings, moved_clock):
    settings.SEND_ATTEMPTS = 3
    message = letter()
    for _ in range(3):
        assert sending.claim("email", 1) == [message]
        moved_clock.advance(seconds=60)
        outbox.rescue()
    message.refresh_from_db()
    assert message.state == "refused"
    assert "never got as far" in message.detail
    assert message.settled_at


def test_a_frozen_worker_that_wakes_changes_nothing(memory, moved_clock, caplog):
    message = letter("sms")
    frozen = sending.claim("sms", 1)
    settling.mark_calling(frozen, moved_clock.now + timedelta(seconds=60))
    moved_clock.advance(seconds=60)
    outbox.rescue()
    with caplog.at_level(logging.WARNING):
        settling.settle([Settled(frozen[0], accepted("late"))])
    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("in_doubt", "")
    assert "too late to count" in caplog.text


def test_a_frozen_worker_cannot_settle_the_attempt_of_another(memory, moved_clock):
    message = letter("sms")
    frozen = sending.claim("sms", 1)
    moved_clock.advance(seconds=60)
    outbox.rescue()
    other = sending.claim("sms", 1)
    settling.mark_calling(other, moved_clock.now + timedelta(seconds=60))
    assert settling.mark_calling(frozen, moved_clock.now) == set()
    settling.settle([Settled(frozen[0], accepted("late"))])
    settling.release(frozen, moved_clock.now)
    settling.set_aside([(frozen[0], "late")])
    assert states(message) == ["calling"]
    settling.settle([Settled(other[0], accepted("right"))])
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.attempts) == ("accepted", "right", 2)


def test_a_message_cancelled_after_the_claim_is_not_sent(memory, monkeypatch):
    keep, drop = letter(), letter()

    claim = sending.claim

    def cancel_meanwhile(*args):
        claimed = claim(*args)
        outbox.cancel([drop.pk], "reopened")
        return claimed

    monkeypatch.setattr(sending, "claim", cancel_meanwhile)
    outbox.send_due()
    assert [one.id for one in memory.sent] == [keep.pk]
    assert states(keep, drop) == ["accepted", "cancelled"]


def test_a_slow_channel_gives_the_rest_back_before_its_lease_ends(memory, settings, monkeypatch):
    settings.SEND_LEASE_SECONDS = 60
    seconds = [0.0]
    monkeypatch.setattr("feedback.outbox.sending.time.monotonic", lambda: seconds[0])
    messages = [letter("email") for _ in range(4)]

    def slowly(outgoing):
        seconds[0] += 20
        return accepted()

    memory.answers.extend([slowly] * 4)
    outbox.send_due()
    assert states(*messages) == ["accepted", "accepted", "queued", "queued"]


@pytest.mark.rule("R31")
def test_a_database_that_is_away_for_a_moment_makes_no_doubt(memory, monkeypatch):
    troubles = iter([OperationalError("gone"), OperationalError("gone")])
    slept: list[float] = []

    class Connection:
        in_atomic_block = False

        def close(self):
            pass

    def write():
        if trouble := next(troubles, None):
            raise trouble

    monkeypatch.setattr(sending, "connection", Connection())
    monkeypatch.setattr("feedback.outbox.sending.time.sleep", slept.append)
    sending._firmly(write)
    assert slept == [0.2, 1.0]
