"""What the packages above add to the demo, upwards: rows of their own, and which customers are worth a look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from feedback.models import Department

Rows = Callable[[dict[str, Department]], None]
Customers = Callable[[int], Iterable[int]]


@dataclass(frozen=True)
class Group:
    """Customers with something in common, for the visitor to choose from; `find(limit)` gives their ids."""

    position: int
    key: str
    label: str | Promise
    find: Customers


_rows: list[Rows] = []
_groups: dict[str, Group] = {}


def rows(make: Rows) -> None:
    """Let a package make its own demo rows; `make(departments by slug)` must be harmless when called again."""
    if make not in _rows:
        _rows.append(make)


def group(position: int, key: str, label: str | Promise, find: Customers) -> None:
    """Offer a group of customers on /demo/; a second one under the same key replaces the first."""
    _groups[key] = Group(position, key, label, find)


def make_rows(departments: dict[str, Department]) -> None:
    """Call everything registered by `rows`."""
    for make in _rows:
        make(departments)


def groups() -> list[Group]:
    """Every group, in the order in which to show them."""
    return sorted(_groups.values(), key=lambda group: group.position)
