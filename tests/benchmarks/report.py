"""The table at the end of a run, on the terminal and in the file that BENCH_OUT names."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.measure import Figure

HEADS = ("what", "median", "spread", "floor", "goal", "verdict", "seen")


def rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    return [
        (
            figure.name,
            f"{figure.value:.2f} {figure.unit}",
            f"{figure.low:.2f}–{figure.high:.2f}",
            _bound(figure, figure.floor),
            _bound(figure, figure.goal),
            figure.verdict,
            figure.beside,
        )
        for figure in figures
    ]


def _bound(figure: Figure, bound: float | None) -> str:
    return "" if bound is None else f"{'≤' if figure.at_most else '≥'} {bound:g}"


def markdown(figures: Sequence[Figure]) -> str:
    lines = [HEADS, tuple("---" for _ in HEADS), *rows(figures)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def plain(figures: Sequence[Figure]) -> str:
    lines = [HEADS, *rows(figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def write(figures: Sequence[Figure]) -> list[Path]:
    """Write BENCH_OUT.md and BENCH_OUT.json, if BENCH_OUT is set; return what was written."""
    if not (out := os.environ.get("BENCH_OUT")):
        return []
    base = Path(out).absolute()
    base.parent.mkdir(parents=True, exist_ok=True)
    table, data = base.with_name(f"{base.name}.md"), base.with_name(f"{base.name}.json")
    table.write_text(markdown(figures))
    machine = {
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
    found = [{**asdict(figure), "verdict": figure.verdict} for figure in figures]
    data.write_text(json.dumps({**machine, "figures": found}, indent=1, ensure_ascii=False) + "\n")
    return [table, data]
