"""The clocks of a follow-up: pure functions of its journal (R17).

A clock runs from the customer's answer, never resets, and leaves out only the time in which nothing was owed: from a
telling, or from giving the customer up as unreachable, until the point was reopened. Until targets per department
come, time is elapsed time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from followups.states import Event

CONTACTS = (Event.CALLED, Event.WRITTEN, Event.TOLD, Event.PROMISED)
"""What counts as a first human contact; an automatic message is none."""


@dataclass(frozen=True)
class Happening:
    """One journal entry as a clock sees it. ``at`` is an aware datetime."""

    kind: str
    at: datetime
    point_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A stretch of time in which a point was owed; ``until`` is ``None`` while it still is."""

    since: datetime
    until: datetime | None


def owed(point_id: int, opened_at: datetime, journal: Iterable[Happening]) -> list[Span]:
    """Return the stretches in which a point was owed to the customer, in order.

    Args:
        point_id: the point.
        opened_at: when the customer gave the answer that it comes from.
        journal: the entries of all follow-ups of the response, oldest first (a point may have been moved).
    """
    spans: list[Span] = []
    since: datetime | None = opened_at
    for entry in journal:
        # A move names points only where they are closed without a telling: the customer cannot be reached.
        settled = entry.kind in (Event.TOLD, Event.MOVED) and point_id in entry.data.get("points", ())
        settled = settled or (
            entry.kind in (Event.FIXED, Event.POINT_WITHDRAWN) and entry.point_id == point_id
        )
        if settled and since is not None:
            spans.append(Span(since, max(since, entry.at)))
            since = None
        elif point_id in entry.data.get("reopened", ()) and since is None:
            since = entry.at
    if since is not None:
        spans.append(Span(since, None))
    return spans


def elapsed(spans: Sequence[Span], now: datetime) -> timedelta:
    """Return how long a point has been owed, all stretches together."""
    return sum(((span.until or max(now, span.since)) - span.since for span in spans), timedelta())


def told_due(spans: Sequence[Span], target: timedelta) -> datetime | None:
    """Return when the customer must have been told about a point; ``None`` while nothing is owed."""
    if not spans or spans[-1].until is not None:
        return None
    return spans[-1].since + target - elapsed(spans[:-1], spans[-1].since)


def first_contact_due(
    opened_at: datetime, journal: Iterable[Happening], target: timedelta
) -> datetime | None:
    """Return when the first human contact is due; ``None`` once there was one."""
    return None if any(entry.kind in CONTACTS for entry in journal) else opened_at + target


def one_business_day(after: datetime, zone: ZoneInfo) -> datetime:
    """Return the same time of day on the next weekday, on the wall clock of ``zone``, in UTC."""
    due = after.astimezone(zone) + timedelta(days=1)
    while due.isoweekday() > 5:
        due += timedelta(days=1)
    return due.astimezone(ZoneInfo("UTC"))
