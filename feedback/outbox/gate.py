"""What is looked at once more just before a message leaves: suppression, and the checks that packages register."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from feedback import suppression
from feedback.models import Message
from feedback.reasons import SkipReason

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Do not send it, ever, for this reason."""

    reason: SkipReason | str


@dataclass(frozen=True, slots=True)
class Wait:
    """Do not send it before this moment (aware)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """The check itself failed on this message, which is set aside so that the others can go."""

    detail: str


Answer = Cancel | Wait
Check = Callable[[list[Message], datetime], Mapping[int, Answer]]

_checks: dict[str, list[Check]] = {}


def register_check(purposes: Iterable[str], check: Check) -> None:
    """Have ``check(messages, now)`` asked before messages of these purposes leave.

    It gets many at once and returns, by message id, ``Cancel`` or ``Wait``; what is missing may go. It runs in the
    transaction that also marks the messages as being sent, so a row that it locks keeps still until then. It is asked
    before every attempt, and must not send or enqueue anything. Registering the same check again changes nothing.
    """
    for purpose in purposes:
        registered = _checks.setdefault(purpose, [])
        if check not in registered:
            registered.append(check)


def examine(messages: Sequence[Message], now: datetime) -> dict[int, Cancel | Wait | Fault]:
    """Return what keeps each of the messages from leaving now; those missing may go.

    Raises:
        OperationalError, InterfaceError: the database is in trouble; no message is to blame for that.
    """
    answers: dict[int, Cancel | Wait | Fault] = {}
    stopped = suppression.suppressed_for((bytes(one.digest), one.purpose) for one in messages)
    for one in messages:
        if reason := stopped.get((bytes(one.digest), one.purpose)):
            answers[one.pk] = Cancel(reason)
    by_check: dict[Check, list[Message]] = {}
    for one in messages:
        for check in _checks.get(one.purpose, ()):
            by_check.setdefault(check, []).append(one)
    for check, theirs in by_check.items():
        left = [one for one in theirs if one.pk not in answers]
        if left:
            answers.update(_ask(check, left, now))
    return answers


def _ask(check: Check, messages: list[Message], now: datetime) -> dict[int, Cancel | Wait | Fault]:
    """Ask about all at once; where that fails, one by one, to find the one that it fails on."""
    try:
        with transaction.atomic():
            return dict(check(messages, now))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(messages) == 1:
            logger.exception("message %d is set aside: its check failed", messages[0].pk)
            return {messages[0].pk: Fault(f"the check before sending failed: {error!r}")}
        answers: dict[int, Cancel | Wait | Fault] = {}
        for one in messages:
            answers.update(_ask(check, [one], now))
        return answers
