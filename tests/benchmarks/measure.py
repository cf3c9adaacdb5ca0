"""How a figure is taken: product and baseline in turns in the same run, and the median of their ratios."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 15


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ratio(name: str, *, product: Callable[[], object], baseline: Callable[[], object], floor: float) -> float:
    """Run both in turns and print how fast the product is as a multiple of the baseline (1.0 is as fast).

    Machines that are shared drift up to twofold between runs, so only the ratio within one run is a figure.

    Args:
        floor: what BENCH asks for at least; printed beside the figure.
    """
    product(), baseline()
    figures = []
    for turn in range(ROUNDS):
        pair = (product, baseline) if turn % 2 else (baseline, product)
        took = {work: seconds(work) for work in pair}
        figures.append(took[baseline] / took[product])
    median = statistics.median(figures)
    print(f"\n{name:<40} {median:5.2f} x baseline (floor {floor}; {min(figures):.2f} to {max(figures):.2f})")
    return median
