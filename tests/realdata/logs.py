"""What every log is once it is read: things that a help desk said, each a case as the API takes it."""

import csv
import gzip
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from feedback.intake.schema import MOST

SEED = 7


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a log: when it happened (aware), and the case as it is posted."""

    at: datetime
    case: dict[str, Any]

    @property
    def number(self) -> str:
        return str(self.case["external_id"])


@dataclass(frozen=True)
class Batch:
    """What is posted in one call, and what time it is then."""

    now: datetime
    said: Sequence[Said]


@dataclass(frozen=True)
class Log:
    """A whole log, in the order in which it happened."""

    name: str
    said: tuple[Said, ...]

    @cached_property
    def cases(self) -> dict[str, list[Said]]:
        """The events of each case, in the order of the log."""
        found: dict[str, list[Said]] = {}
        for one in self.said:
            found.setdefault(one.number, []).append(one)
        return found

    @property
    def begins(self) -> datetime:
        return self.said[0].at

    @property
    def ends(self) -> datetime:
        return self.said[-1].at

    def first(self, cases: int | None) -> "Log":
        """The part of the log that tells of its first so many cases; all of it for None."""
        if cases is None:
            return self
        kept = set(list(self.cases)[:cases])
        return Log(self.name, tuple(one for one in self.said if one.number in kept))

    def in_order(self) -> Iterator[Batch]:
        """As it happened, a day or a thousand events at a time; each batch arrives as its last event happens."""
        waiting: list[Said] = []
        for one in self.said:
            if waiting and (len(waiting) == MOST or waiting[-1].at.date() != one.at.date()):
                yield Batch(waiting[-1].at, waiting)
                waiting = []
            waiting.append(one)
        yield Batch(waiting[-1].at, waiting)

    def shuffled(self, seed: int = SEED) -> Iterator[Batch]:
        """As if a queue had thrown everything together: any event at any time between the log's first day and last."""
        mixed = list(self.said)
        random.Random(seed).shuffle(mixed)
        for start in range(0, len(mixed), MOST):
            part = mixed[start : start + MOST]
            share = (start + len(part)) / len(mixed)
            yield Batch(self.begins + (self.ends - self.begins) * share, part)


def rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def known(**fields: Any) -> dict[str, Any]:
    """The fields that the log knows: what is left out of a case is unchanged (``?`` is how the logs say "unknown")."""
    return {name: value for name, value in fields.items() if value not in (None, "", "?", {})}


def in_time(said: Iterable[Said]) -> tuple[Said, ...]:
    """Sort by time; what happened in the same minute stays in the order of the file."""
    return tuple(sorted(said, key=lambda one: one.at))
