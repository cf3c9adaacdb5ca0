"""The order of a case's events, and what follows from it: pure functions over what the source said.

A source repeats itself, overtakes itself and forgets things. So every event is kept, and the case and its resolutions
are computed from all of them, in one total order in which each event has a place that never changes. A late event can
therefore only be put between others: it may begin a run of ``resolved`` earlier or split it, but it can never take
away what stands between two runs, so two resolutions never become one. Whatever order events arrive in, the same set
of them ends in the same state. (Where the source says neither sequence nor time, arrival itself is the order.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

RESOLVED = "resolved"
SNAPSHOT = ("department", "served_by", "product", "order_ref", "channel", "subject", "resolution")
PROFILE = ("external_id", "name", "language", "time_zone")
CONTACTS = (("email", "email"), ("phone", "sms"))
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

SortKey = tuple[bool, int, datetime, bytes]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the source said. ``said`` holds only the fields it gave: what it left out is unchanged."""

    digest: bytes
    status: str
    received_at: datetime
    sequence: int | None = None
    occurred_at: datetime | None = None
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it happened, as far as we know."""
        return self.occurred_at or self.received_at


@dataclass(slots=True)
class Run:
    """One unbroken run of ``resolved``: its first event is the resolution."""

    events: list[Event]
    snapshot: dict[str, str]
    resolved_at: datetime
    reopened_at: datetime | None = None

    @property
    def first(self) -> Event:
        return self.events[0]


@dataclass(frozen=True, slots=True)
class Derived:
    """All that follows from a case's events. ``contacts`` are (channel, address) pairs in the order they were given."""

    status: str
    snapshot: dict[str, str]
    opened_at: datetime | None
    resolved_at: datetime | None
    customer: dict[str, str]
    contacts: tuple[tuple[str, str], ...]
    runs: tuple[Run, ...]


def sort_key(event: Event) -> SortKey:
    """Return the place of one event among those of its case.

    The source's own version outranks its clock, so events that carry one come first, among themselves by it. The others
    follow by time. When we received an event counts only where the source gave nothing else: an event that has a
    sequence must not change its place with the day on which it happened to arrive.
    """
    if event.sequence is not None:
        return False, event.sequence, event.occurred_at or _BEFORE_ALL, event.digest
    return True, 0, event.at, event.digest


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events in their order. The same digest twice is the same event."""
    return sorted({event.digest: event for event in events}.values(), key=sort_key)


def derive(events: Iterable[Event]) -> Derived:
    """Compute the case and its resolutions from all of its events, which may come in any order.

    A resolution's snapshot is what was known at the first event of its run; what was still blank then is filled from
    the rest of the run, because some help desks name who served only when they close. What the first event knew
    stands: others take the name away again on closing.

    Raises:
        ValueError: there are no events.
    """
    ordered = in_order(events)
    if not ordered:
        raise ValueError("a case without events")
    snapshot = dict.fromkeys(SNAPSHOT, "")
    customer = dict.fromkeys(PROFILE, "")
    opened_at: datetime | None = None
    runs: list[Run] = []
    run: Run | None = None
    for event in ordered:
        said = event.said
        for name in SNAPSHOT:
            if name in said:
                snapshot[name] = said[name]
        customer.update(
            {name: value for name, value in said.get("customer", {}).items() if name in customer and value}
        )
        if said.get("opened_at"):
            opened_at = datetime.fromisoformat(said["opened_at"])
        if event.status != RESOLVED:
            if run is not None:
                run.reopened_at = event.at
                run = None
        elif run is None:
            run = Run([event], dict(snapshot), _resolved_at(event))
            runs.append(run)
        else:
            run.events.append(event)
            run.snapshot.update(
                {name: said[name] for name in SNAPSHOT if said.get(name) and not run.snapshot[name]}
            )
    return Derived(
        status=ordered[-1].status,
        snapshot=snapshot,
        opened_at=opened_at,
        resolved_at=run.resolved_at if run else None,
        customer=customer,
        contacts=_contacts(ordered, customer["external_id"]),
        runs=tuple(runs),
    )


def _resolved_at(event: Event) -> datetime:
    given = event.said.get("resolved_at")
    return datetime.fromisoformat(given) if given else event.at


def _contacts(ordered: Sequence[Event], external_id: str) -> tuple[tuple[str, str], ...]:
    """The addresses said to be this customer's: not those of another whom an event named instead."""
    found: dict[tuple[str, str], None] = {}
    for event in ordered:
        customer = event.said.get("customer", {})
        if customer.get("external_id") in (None, "", external_id):
            for name, channel in CONTACTS:
                if customer.get(name):
                    found[channel, customer[name]] = None
    return tuple(found)
