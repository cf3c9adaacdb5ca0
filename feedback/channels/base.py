"""What every channel is: it is handed messages and says, for each, what became of it (R31)."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Result(StrEnum):
    """What became of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: the same message would be refused again."""
    DEFERRED = "deferred"
    """Provably not accepted, and worth another try later."""
    IN_DOUBT = "in_doubt"
    """It may have been accepted and it may not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt.

    provider_id: what the provider calls the message, as its later reports will; also when in doubt, if known.
    detail: for people, without the address and without any link.
    retry_after: seconds, where the provider named them. Only for deferred.
    stop: the whole channel is in trouble, not this message: leave the rest of the batch for later.
    report: a report on the delivery that came with the very answer, as keywords of ``outbox.Report``.
    """

    result: Result
    provider_id: str = ""
    detail: str = ""
    retry_after: float | None = None
    stop: bool = False
    report: dict[str, Any] | None = None


def accepted(provider_id: str = "", detail: str = "", report: dict[str, Any] | None = None) -> Outcome:
    return Outcome(Result.ACCEPTED, provider_id, detail, report=report)


def refused(detail: str) -> Outcome:
    return Outcome(Result.REFUSED, detail=detail)


def deferred(detail: str, retry_after: float | None = None, *, stop: bool = False) -> Outcome:
    return Outcome(Result.DEFERRED, detail=detail, retry_after=retry_after, stop=stop)


def in_doubt(detail: str, provider_id: str = "", *, stop: bool = False) -> Outcome:
    return Outcome(Result.IN_DOUBT, provider_id, detail, stop=stop)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to go: personal links are in it, so it is never stored and never logged.

    reference: our own name for the message, the same at every attempt; a provider that takes a reference is given it.
    unsubscribe: the address of the one-click opt-out, or "".
    """

    id: int
    reference: str
    attempt: int
    purpose: str
    address: str
    language: str
    text: str
    subject: str = ""
    html: str = field(default="", repr=False)
    unsubscribe: str = field(default="", repr=False)


Outcomes = Generator[tuple[Outgoing, Outcome], None, None]


class Channel(ABC):
    """One way to send. The instance made from the settings is shared by threads, so it holds no state of a sending."""

    name: str
    """What its reports are filed under."""

    step = 1
    """How many messages are marked as ``calling`` at once. If the process dies, that many may be in doubt: one, where
    nobody sends again by himself."""

    def is_on(self) -> bool:
        """Say whether it is set up so that it can send at all."""
        return True

    @contextmanager
    def session(self) -> Iterator["Channel"]:
        """For the length of one batch: what may hold a connection open while its messages go out step by step."""
        yield self

    @abstractmethod
    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        """Send one after the other and yield each outcome as soon as it is known.

        A message is tried only when its turn is asked for: whoever stops asking knows that the rest never left. An
        exception that escapes leaves the message at hand in doubt.
        """
