"""The survey's page, as fast as a view with one joined SELECT, and as one with a single SELECT and remembered text."""

import statistics
from collections.abc import Callable

import pytest

from tests.benchmarks.load import Done
from tests.benchmarks.measure import SECONDS, in_turns, ratio, tail
from tests.benchmarks.ready import Ready
from tests.benchmarks.stack import Web

pytestmark = pytest.mark.benchmark

PAGES = 2000
"""Different surveys in a round, so that nothing is read twice in a row."""


def test_survey_get(web: Web, ready: Ready):
    numbers = ready.take(PAGES)
    requests = {
        "product": [web.get(ready.path(number)) for number in numbers],
        "joined": [web.get(f"/baseline/joined/{number}") for number in numbers],
        "single": [web.get(f"/baseline/single/{number}") for number in numbers],
        "template": [web.get("/baseline/template")],
        "bare": [web.get("/baseline/bare")],
    }
    for side in ("product", "joined", "single", "template"):
        [page] = web.load(requests[side][:1], 5).odd.values()
        assert page.count(b'type="radio"') == 3, page

    def asks(said: list[bytes]) -> Callable[[], Done]:
        return lambda: web.load(said, SECONDS, again=True)

    rounds = in_turns({side: asks(said) for side, said in requests.items()})
    speed = {side: [one.per_second for one in done] for side, done in rounds.items()}
    seen = {side: f"{statistics.median(found):.0f}/s" for side, found in speed.items()}
    compared = {
        "joined": ("joined ORM SELECT + template", 1.0, None),
        "single": ("single SELECT + remembered text", None, 0.8),
        "template": ("a template, no database", None, None),
        "bare": ("a bare view", None, None),
    }
    for side, (name, floor, goal) in compared.items():
        beside = f"{seen['product']} : {seen[side]}"
        ratio(f"survey GET : {name}", speed["product"], speed[side], floor=floor, goal=goal, beside=beside)
    tail("survey GET", rounds["product"])
    tail("baseline: joined ORM SELECT", rounds["joined"])
