"""How an attempt ends in the database. Every write here is fenced by the attempt number (R30, R31)."""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from feedback import clock
from feedback.channels.base import Outcome, Result
from feedback.models import Message
from feedback.models.messages import State
from feedback.models.people import Channel
from feedback.outbox import bell
from feedback.outbox.delivery import adopt

logger = logging.getLogger(__name__)

RESEND_AFTER = timedelta(minutes=30)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
DETAIL = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """One attempt that has ended."""

    message: Message
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _End:
    """What the row will say."""

    state: State
    detail: str
    provider_id: str = ""
    deferrals: int = 0
    due_at: datetime | None = None
    resend_at: datetime | None = None


def settle(ended: Sequence[Settled]) -> None:
    """Write down how attempts ended and ring for those that are over. To be called in a transaction.

    An attempt that somebody else has meanwhile settled (our lease ran out) changes nothing and is logged.
    """
    now = clock.now()
    ends = [(one.message, _end(one.message, one.outcome, now)) for one in ended]
    written = _write(ends, State.CALLING, now)
    for message, end in ends:
        if message.pk not in written:
            attempt = (message.pk, message.attempts, end.state)
            logger.warning("message %d: attempt %d ended as %s, too late to count", *attempt)
    done = [(message, end) for message, end in ends if message.pk in written and end.state != State.QUEUED]
    adopt({end.provider_id: message.pk for message, end in done if end.provider_id})
    bell.ring([message.pk for message, _ in done])


def set_aside(faults: Iterable[tuple[Message, str]]) -> None:
    """Refuse claimed messages that could not even be tried, so that the others flow. To be called in a transaction."""
    ends = [
        (message, _End(_failed(message), detail[:DETAIL], deferrals=message.deferrals))
        for message, detail in faults
    ]
    bell.ring(sorted(_write(ends, State.CLAIMED, clock.now())))


def mark_calling(messages: Sequence[Message], lease_until: datetime) -> set[int]:
    """Mark those messages that are still claimed by us; return their ids. The caller commits before it calls."""
    if not messages:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE feedback_message AS m SET state = 'calling', lease_until = %s
            FROM unnest(%s::bigint[], %s::int[]) AS v (id, attempt)
            WHERE m.id = v.id AND m.attempts = v.attempt AND m.state = 'claimed'
            RETURNING m.id
            """,
            [lease_until, [one.pk for one in messages], [one.attempts for one in messages]],
        )
        return {row[0] for row in cursor.fetchall()}


def release(messages: Sequence[Message], due_at: datetime) -> None:
    """Put back messages of ours that were not tried. To be called in a transaction."""
    if not messages:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE feedback_message AS m
            SET state = 'queued', lease_until = NULL, due_at = greatest(m.due_at, %s)
            FROM unnest(%s::bigint[], %s::int[]) AS v (id, attempt)
            WHERE m.id = v.id AND m.attempts = v.attempt AND m.state IN ('claimed', 'calling')
            """,
            [due_at, [one.pk for one in messages], [one.attempts for one in messages]],
        )


def _end(message: Message, outcome: Outcome, now: datetime) -> _End:
    detail = outcome.detail[:DETAIL]
    if outcome.result == Result.ACCEPTED:
        return _End(State.ACCEPTED, detail, outcome.provider_id, message.deferrals)
    if outcome.result == Result.REFUSED:
        return _End(State.REFUSED, detail, deferrals=message.deferrals)
    if outcome.result == Result.DEFERRED:
        return _deferred(message, outcome, now)
    # One second sending by email, and none by SMS: two texts about one complaint are worse than none.
    again = message.channel == Channel.EMAIL and message.resend_at is None
    return _End(
        State.IN_DOUBT,
        detail,
        outcome.provider_id or message.provider_id,
        message.deferrals,
        resend_at=now + RESEND_AFTER if again else None,
    )


def _deferred(message: Message, outcome: Outcome, now: datetime) -> _End:
    deferrals = message.deferrals + 1
    if deferrals >= settings.SEND_ATTEMPTS:
        return _gave_up(message, outcome.detail, deferrals)
    wait = backoff(deferrals)
    if outcome.retry_after is not None:
        wait = max(wait, timedelta(seconds=min(max(outcome.retry_after, 0), 86_400)))
    return _End(
        State.QUEUED, outcome.detail[:DETAIL], message.provider_id, deferrals, now + wait, message.resend_at
    )


def _gave_up(message: Message, detail: str, deferrals: int) -> _End:
    """A message that was put off too often."""
    said = f"gave up after {deferrals} attempts: {detail}"[:DETAIL]
    return _End(_failed(message), said, message.provider_id, deferrals)


def _failed(message: Message) -> State:
    """How it ends when we give up by ourselves: what may have arrived at its first sending stays in doubt."""
    return State.REFUSED if message.resend_at is None else State.IN_DOUBT


def backoff(deferrals: int) -> timedelta:
    """How long to wait after so many deferrals: doubling up to an hour, a quarter more or less by chance, so that what
    failed together does not come back together."""
    wait: timedelta = min(FIRST_RETRY * 2 ** min(deferrals - 1, 16), LONGEST_RETRY)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311  # spreads load, guards nothing


def _write(ends: Sequence[tuple[Message, _End]], held: State, now: datetime) -> set[int]:
    """Write all ends in one statement; return the ids of those that were still ours."""
    if not ends:
        return set()
    over = [end.state != State.QUEUED for _, end in ends]
    columns: list[list[Any]] = [
        [message.pk for message, _ in ends],
        [message.attempts for message, _ in ends],
        [str(end.state) for _, end in ends],
        [end.detail for _, end in ends],
        [end.provider_id for _, end in ends],
        [end.deferrals for _, end in ends],
        [end.due_at or message.due_at for message, end in ends],
        [end.resend_at for _, end in ends],
        [now if done else None for done in over],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE feedback_message AS m
            SET detail = v.detail, provider_id = v.provider_id, deferrals = v.deferrals, due_at = v.due_at,
                settled_at = v.settled_at, lease_until = NULL,
                -- A report that overtook us ends the doubt.
                state = CASE WHEN v.state = 'in_doubt' AND m.delivery <> '' THEN 'accepted' ELSE v.state END,
                resend_at = CASE WHEN v.state = 'in_doubt' AND m.delivery <> '' THEN NULL ELSE v.resend_at END
            FROM unnest(
                %s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[],
                %s::timestamptz[], %s::timestamptz[]
            ) AS v (id, attempt, state, detail, provider_id, deferrals, due_at, resend_at, settled_at)
            WHERE m.id = v.id AND m.attempts = v.attempt AND m.state = %s
            RETURNING m.id
            """,
            [*columns, str(held)],
        )
        return {row[0] for row in cursor.fetchall()}
