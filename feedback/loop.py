"""The loop in numbers, arrow by arrow (DESIGN 4): each package registers what it counts, upwards.

The desk's first page shows those of the last days, ``/demo/`` the same list over everything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

CountFn = Callable[[datetime | None], int]
"""Counts what came to be at that moment or later, by an index on its time; everything, if none is given."""


@dataclass(frozen=True)
class Count:
    """One number of the loop: a stable key, its label in the reader's language, and the count."""

    key: str
    label: str
    value: int


_counts: dict[str, tuple[int, str | Promise, CountFn]] = {}


def register(position: int, key: str, label: str | Promise, count_fn: CountFn) -> None:
    """Make ``count_fn(since)`` part of the loop at ``position``; registering ``key`` again replaces it."""
    _counts[key] = (position, label, count_fn)


def counts(since: datetime | None = None) -> list[Count]:
    """Return every registered number in the order of the loop, counted now; of what came to be since then."""
    return [
        Count(key, str(label), count_fn(since))
        for key, (_position, label, count_fn) in sorted(_counts.items(), key=lambda item: item[1][0])
    ]
