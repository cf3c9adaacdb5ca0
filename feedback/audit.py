"""The invariants, each a query over the whole database that returns what violates it (DESIGN 9, ``audit``).

A package registers its own in ``AppConfig.ready()``. An invariant that holds returns nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

FindViolations = Callable[[], Iterable[object]]


@dataclass(frozen=True)
class Invariant:
    """One invariant: a stable id, what must hold, and the function that yields the ids of rows that violate it."""

    id: str
    says: str
    find: FindViolations


@dataclass(frozen=True)
class Finding:
    """What became of one invariant: the ids of the violating rows, none if it holds."""

    invariant: Invariant
    violations: tuple[object, ...]


_invariants: dict[str, Invariant] = {}


def register(key: str, says: str, find: FindViolations) -> None:
    """Add an invariant under its stable id. ``find()`` yields the ids of the rows that violate it."""
    _invariants[key] = Invariant(key, says, find)


def run() -> list[Finding]:
    """Check every invariant over the whole database, in the order of their ids."""
    return [Finding(invariant, tuple(invariant.find())) for _, invariant in sorted(_invariants.items())]
