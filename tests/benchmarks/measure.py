"""How a figure is taken: product and baseline in turns in the same run, and the median of the rounds' ratios.

Machines that are shared drift up to twofold between runs, so only the ratio within one run is a figure.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.benchmarks.load import Done

ROUNDS = int(os.environ.get("ROUNDS", "10"))
SECONDS = float(os.environ.get("SECONDS", "2"))
"""How long a round of requests is."""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        unit: what ``value`` is counted in; "×" is a multiple of the baseline named in ``name``, more is better there.
        floor, goal: what BENCH asks for, at least, or with ``at_most`` at most; None where it asks for nothing.
        beside: what was seen in absolute numbers. It says little about another machine.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str = "×"
    floor: float | None = None
    goal: float | None = None
    at_most: bool = False
    beside: str = ""

    @property
    def verdict(self) -> str:
        if self._holds(self.goal):
            return "goal"
        if self._holds(self.floor):
            return "floor"
        return (
            "" if self.floor is None and self.goal is None else "below floor" if self.floor else "below goal"
        )

    def _holds(self, bound: float | None) -> bool:
        if bound is None:
            return False
        return self.value <= bound if self.at_most else self.value >= bound


FIGURES: list[Figure] = []
Result = TypeVar("Result")


def note(figure: Figure) -> None:
    """Keep a figure for the table at the end, and say it now."""
    FIGURES.append(figure)
    print(f"\n{figure.name:<64} {figure.value:8.2f} {figure.unit:<9} {figure.verdict}", end="", flush=True)


def in_turns(
    sides: Mapping[str, Callable[[], Result]], rounds: int = ROUNDS, *, warm_up: bool = True
) -> dict[str, list[Result]]:
    """Run each side once to warm up, then all of them so many rounds, every second round in the opposite order."""
    names = list(sides)
    if warm_up:
        for name in names:
            sides[name]()
    results: dict[str, list[Result]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names if turn % 2 else reversed(names):
            results[name].append(sides[name]())
    return results


def seconds(work: Callable[[], object]) -> Callable[[], float]:
    """``work`` as something that returns how long it took."""

    def timed() -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return timed


def ratio(
    name: str,
    product: Sequence[float],
    baseline: Sequence[float],
    *,
    floor: float | None = None,
    goal: float | None = None,
    beside: str = "",
) -> float:
    """Note how fast the product is as a multiple of the baseline, from the speeds of each round."""
    ratios = [ours / theirs for ours, theirs in zip(product, baseline, strict=True)]
    value = statistics.median(ratios)
    note(Figure(name, value, min(ratios), max(ratios), floor=floor, goal=goal, beside=beside))
    return value


def compared(
    name: str,
    *,
    product: Callable[[], object],
    baseline: Callable[[], object],
    floor: float | None = None,
    goal: float | None = None,
    rounds: int = ROUNDS,
    each: int = 1,
) -> float:
    """Time two pieces of work in turns and note their ratio; ``each`` is how many things one piece works through."""
    took = in_turns({"product": seconds(product), "baseline": seconds(baseline)}, rounds)
    ours, theirs = (statistics.median(took[side]) for side in ("product", "baseline"))
    beside = f"{_time(ours / each)} : {_time(theirs / each)}" + (" each" if each > 1 else "")
    speeds = {side: [1 / one for one in took[side]] for side in took}
    return ratio(name, speeds["product"], speeds["baseline"], floor=floor, goal=goal, beside=beside)


def _time(length: float) -> str:
    return f"{length * 1000:.1f} ms" if length >= 0.001 else f"{length * 1_000_000:.0f} µs"


def tail(name: str, rounds: Sequence[Done]) -> None:
    """Note how much longer than the median the slowest hundredth of requests takes."""
    found = [one.percentile(99) / one.percentile(50) for one in rounds]
    half, last = (statistics.median(one.percentile(percent) for one in rounds) * 1000 for percent in (50, 99))
    seen = f"{half:.1f}/{last:.1f} ms"
    value = statistics.median(found)
    note(
        Figure(
            f"{name}: p99 : p50", value, min(found), max(found), floor=3, goal=2, at_most=True, beside=seen
        )
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The rise of a straight line through points, by least squares."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope
