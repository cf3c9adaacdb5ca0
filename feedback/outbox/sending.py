"""Claim, look once more, mark as calling, commit, call, settle (R30)."""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from psycopg.pq import Format

from feedback import channels, clock, links
from feedback.channels.base import Channel, Outcome, Outgoing, in_doubt
from feedback.models import Link, Message
from feedback.models.messages import ASKING, State
from feedback.outbox import gate, post, settling
from feedback.outbox.delivery import Report, apply_delivery
from feedback.outbox.gate import Cancel, Fault, Wait
from feedback.outbox.settling import Settled
from feedback.reasons import SkipReason

logger = logging.getLogger(__name__)

BATCH = 100
# A channel in trouble is asked again after this; meanwhile the messages behind the one that failed wait.
TROUBLE = timedelta(seconds=15)
# A check that says "wait" without an end to it must not make us turn in circles.
SHORTEST_WAIT = timedelta(seconds=5)


def send_due(limit: int = 1000) -> int:
    """Send what is due, at most ``limit`` messages of each channel; return how many were tried.

    Any number of processes may do this at once. To be called outside a transaction: its commits are what makes a
    message go out once.
    """
    return sum(_send_channel(name, limit) for name in settings.CHANNELS)


def _send_channel(name: str, limit: int) -> int:
    tried = 0
    backend = channels.channel(name)
    for _ in range(-(-limit // BATCH)):
        batch = claim(name, min(BATCH, limit))
        if not batch:
            break
        if backend is None:
            post.withdraw(_still_ours(batch), SkipReason.CHANNEL_OFF)
            continue
        sent, all_well = _Batch(backend, batch).send()
        tried += sent
        if not all_well or len(batch) < BATCH:
            break
    return tried


def claim(channel: str, limit: int) -> list[Message]:
    """Take up to ``limit`` due messages for the length of a lease, the longest due first. One statement.

    While sending is paused, messages that ask are left where they are (R42).
    """
    now = clock.now()
    attributes, columns = _fields()
    with connection.cursor() as cursor:
        # Read as PostgreSQL has it, not as text: half of a claim's time is spent on turning its rows into messages.
        cursor.cursor.format = Format.BINARY
        cursor.execute(
            f"""
            WITH due AS (
                SELECT id FROM feedback_message
                WHERE state = 'queued' AND due_at <= %(now)s AND channel = %(channel)s
                  AND NOT (purpose = ANY(%(asking)s) AND EXISTS (SELECT FROM feedback_pause WHERE ended_at IS NULL))
                ORDER BY due_at, id LIMIT %(limit)s
                FOR UPDATE SKIP LOCKED
            )
            UPDATE feedback_message AS m
            SET state = 'claimed', attempts = m.attempts + 1, lease_until = %(lease)s
            FROM due WHERE m.id = due.id
            RETURNING {columns}
            """,  # noqa: S608  # names of our own columns
            {
                "now": now,
                "channel": channel,
                "asking": [str(purpose) for purpose in ASKING],
                "limit": limit,
                "lease": now + timedelta(seconds=settings.SEND_LEASE_SECONDS),
            },
        )
        taken = [Message.from_db(connection.alias, attributes, row) for row in cursor.fetchall()]
    # RETURNING promises no order.
    return sorted(taken, key=lambda one: (one.due_at, one.pk))


@cache
def _fields() -> tuple[list[str], str]:
    """The attributes of a message in the order in which ``from_db`` takes them, and their columns."""
    fields = Message._meta.concrete_fields
    return [field.attname for field in fields], ", ".join(f"m.{field.column}" for field in fields)


def _still_ours(messages: Sequence[Message]) -> Q:
    """These messages, as long as nobody else has taken them over since we claimed them."""
    which = Q(pk__in=[])
    for attempt in {one.attempts for one in messages}:
        which |= Q(pk__in=[one.pk for one in messages if one.attempts == attempt], attempts=attempt)
    return which & Q(state=State.CLAIMED)


@dataclass(slots=True)
class _Ready:
    """One message that may go, and how it looks."""

    message: Message
    outgoing: Outgoing


class _Batch:
    """Some claimed messages of one channel, sent step by step before their lease runs out."""

    def __init__(self, channel: Channel, messages: list[Message]) -> None:
        self.channel = channel
        self.messages = messages
        # Half of the lease: then the last call still has time to end before others may take the message over.
        self.deadline = time.monotonic() + settings.SEND_LEASE_SECONDS / 2
        self.tried = 0

    def send(self) -> tuple[int, bool]:
        """Return how many were tried, and whether the channel seems well."""
        self._read_links()
        size = self.channel.step
        with self.channel.session() as channel:
            for start in range(0, len(self.messages), size):
                if not self._send_step(channel, self.messages[start : start + size]):
                    self._put_back(self.messages[start + size :])
                    return self.tried, False
        return self.tried, True

    def _read_links(self) -> None:
        wanted = {pk for one in self.messages for pk in (one.link_id, one.opt_out_id) if pk}
        found = {link.pk: link for link in Link.objects.filter(pk__any_of=wanted)}
        for one in self.messages:
            one.link = found[one.link_id] if one.link_id else None
            one.opt_out = found[one.opt_out_id] if one.opt_out_id else None

    def _send_step(self, channel: Channel, step: list[Message]) -> bool:
        """Send a few messages; say whether to go on."""
        with transaction.atomic():
            ready = self._mark(step)
        if not ready:
            return self._in_time()
        ended, go_on = self._call(channel, ready)
        begun = {one.message.pk for one in ended}
        _firmly(lambda: _settle(ended, [one.message for one in ready if one.message.pk not in begun]))
        for one in ended:
            if report := one.outcome.report:
                apply_delivery(Report(self.channel.name, provider_id=one.outcome.provider_id, **report))
        return go_on and self._in_time()

    def _mark(self, step: list[Message]) -> list[_Ready]:
        """Look once more, put aside what must not go, and mark the rest as ``calling``. The caller commits."""
        now = clock.now()
        answers = gate.examine(step, now)
        ready: list[_Ready] = []
        for message in step:
            if message.pk not in answers:
                try:
                    ready.append(_Ready(message, _outgoing(message)))
                except Exception as error:
                    logger.exception("message %d is set aside: it cannot be put together", message.pk)
                    answers[message.pk] = Fault(f"this message cannot be put together: {error!r}")
        self._put_aside(step, answers)
        lease = now + timedelta(seconds=settings.SEND_LEASE_SECONDS)
        # Those missing were cancelled meanwhile, or our lease ran out and another worker has them.
        marked = settling.mark_calling([one.message for one in ready], lease)
        ready = [one for one in ready if one.message.pk in marked]
        # A survey's time counts from its sending.
        links.extend([one.message.link_id for one in ready if one.message.link_id], now)
        return ready

    def _put_aside(self, step: list[Message], answers: dict[int, Cancel | Wait | Fault]) -> None:
        by_id = {message.pk: message for message in step}
        cancelled: dict[str, list[Message]] = {}
        faults: list[tuple[Message, str]] = []
        for pk, answer in answers.items():
            message = by_id.get(pk)
            if message is None:
                logger.error("a check answered for message %d, which it was not asked about", pk)
            elif isinstance(answer, Cancel):
                cancelled.setdefault(str(answer.reason), []).append(message)
            elif isinstance(answer, Wait):
                settling.release([message], max(answer.until, clock.now() + SHORTEST_WAIT))
            else:
                faults.append((message, answer.detail))
        for reason, messages in cancelled.items():
            post.withdraw(_still_ours(messages), reason)
        settling.set_aside(faults)

    def _call(self, channel: Channel, ready: list[_Ready]) -> tuple[list[Settled], bool]:
        """Hand the messages to the channel, outside any transaction; return how those ended that were begun."""
        ended: list[Settled] = []
        with closing(channel.send([one.outgoing for one in ready])) as outcomes:
            for one in ready:
                if not self._in_time():
                    return ended, False
                self.tried += 1
                outcome = _next(outcomes.__next__, one)
                ended.append(Settled(one.message, outcome))
                if outcome.stop:
                    return ended, False
        return ended, True

    def _put_back(self, rest: list[Message]) -> None:
        if rest:
            with transaction.atomic():
                settling.release(rest, clock.now() + TROUBLE)

    def _in_time(self) -> bool:
        return bool(time.monotonic() < self.deadline)


def _settle(ended: Sequence[Settled], not_begun: Sequence[Message]) -> None:
    with transaction.atomic():
        settling.settle(ended)
        settling.release(not_begun, clock.now() + TROUBLE)


def _firmly(write: Callable[[], None]) -> None:
    """Write down what is known and would else be in doubt, even if the database was away for a moment."""
    for pause in (0.2, 1.0, 5.0):
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            logger.warning("settling failed; trying again in %s s", pause, exc_info=True)
            connection.close()
            time.sleep(pause)
    return write()


def _next(take: Callable[[], tuple[Outgoing, Outcome]], one: _Ready) -> Outcome:
    """The outcome of the message at hand. A channel that breaks leaves it in doubt: nobody knows how far it came."""
    try:
        outgoing, outcome = take()
    except Exception as error:
        logger.exception("the channel broke while it sent message %d", one.message.pk)
        return in_doubt(f"the channel broke: {error!r}", stop=True)
    if outgoing.id != one.message.pk:
        logger.error("the channel answered for message %d when asked about %d", outgoing.id, one.message.pk)
        return in_doubt("the channel answered for another message", stop=True)
    return outcome


def reference(message: Message) -> str:
    """Our own name for a message towards providers: the same at every attempt, and in no other installation."""
    return f"{message.pk}.{hashlib.sha256(message.send_key.encode()).hexdigest()[:16]}"


def _outgoing(message: Message) -> Outgoing:
    words = post.rendered(message)
    return Outgoing(
        id=message.pk,
        reference=reference(message),
        attempt=message.attempts,
        purpose=message.purpose,
        address=message.address,
        language=message.language,
        text=words.text,
        subject=words.subject,
        html=words.html,
        unsubscribe=links.url(message.opt_out, message.channel) if message.opt_out else "",
    )
