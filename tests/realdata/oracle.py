"""What a log says of its cases, told again in the plainest way: the oracle of the replays.

One pass over a case's events, one after the other; nothing of the product's own ordering is used.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.realdata.logs import Log, Said
from tests.realdata.outcome import Outcome, Row

Key = tuple[int, datetime]


def misread(log: Log, ended: Outcome) -> list[str]:
    """Say which cases ended otherwise than the log tells it, the first few. Their own ties are nobody's to order."""
    found: dict[str, Counter[Row]] = {}
    # Of what an Outcome holds of a resolution: when, until when, which department and person by the source's names.
    for (_, number, _), (
        resolved_at,
        reopened_at,
        _,
        department,
        _,
        served_by,
        *_,
    ) in ended.resolutions.items():
        found.setdefault(number, Counter())[resolved_at, reopened_at, department, served_by or ""] += 1
    wrong = []
    for number, said in log.cases.items():
        ordered = sorted(said, key=_place)
        if any(_place(one) == _place(other) for one, other in pairwise(ordered)):
            continue
        told = ordered[-1].case["status"], Counter(_resolutions(ordered))
        ended_as = ended.cases[log.name, number][0], found.get(number, Counter())
        if told != ended_as:
            wrong.append(f"{number}: the log says {told}, it ended as {ended_as}")
    return wrong[:5]


def _place(said: Said) -> Key:
    return said.case.get("sequence", 0), said.at


def _resolutions(ordered: Sequence[Said]) -> Iterator[Row]:
    """Each unbroken run of ``resolved``: what was known when it began, or else first became known in it."""
    known: dict[str, Any] = {"department": "", "served_by": ""}
    run: dict[str, Any] | None = None
    for said in ordered:
        new = {name: said.case[name] for name in known if name in said.case}
        known |= new
        if said.case["status"] == "open":
            if run:
                yield run["since"], said.at, run["department"], run["served_by"]
            run = None
        elif run is None:
            run = {
                "since": datetime.fromisoformat(said.case.get("resolved_at", said.case["occurred_at"])),
                **known,
            }
        else:
            run |= {name: value for name, value in new.items() if not run[name]}
    if run:
        yield run["since"], None, run["department"], run["served_by"]
