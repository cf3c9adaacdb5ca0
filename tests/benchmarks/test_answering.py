"""An answer posted: recorded and judged, and where it is negative, routed and opened as a follow-up."""

import statistics
from collections.abc import Callable

import pytest

from followups.models import FollowUp, Point
from surveys.models import Answer, Response
from tests.benchmarks.baseline.models import Answer as BaselineAnswer
from tests.benchmarks.load import Done
from tests.benchmarks.measure import SECONDS, in_turns, ratio, tail
from tests.benchmarks.ready import Ready
from tests.benchmarks.stack import Web

pytestmark = pytest.mark.benchmark

AT_FIRST = 4000
"""Answers prepared for the first round; later ones are given half as much again as the round before used up."""


class Side:
    """One way to answer. Every round posts to invitations that nobody has answered."""

    def __init__(self, web: Web, ready: Ready, request: Callable[[int], bytes]) -> None:
        self.web, self.ready, self.request = web, ready, request
        self.wanted = int(AT_FIRST * SECONDS)
        self.posted: list[int] = []

    def __call__(self) -> Done:
        numbers = self.ready.take(self.wanted)
        done = self.web.load([self.request(number) for number in numbers], SECONDS, status=303)
        self.posted += numbers[: done.count]
        self.ready.put_back(numbers[done.count :])
        self.wanted = max(200, done.count * 2)
        return done


def test_survey_post(web: Web, ready: Ready):
    def product(outcome: str) -> Side:
        return Side(web, ready, lambda number: web.post(ready.path(number), ready.form(number, outcome)))

    def baseline(way: str) -> Side:
        return Side(web, ready, lambda number: web.post(f"/baseline/{way}/{number}", b"outcome=yes"))

    sides = {
        "yes": product("yes"),
        "no": product("no"),
        "orm": baseline("orm"),
        "cursor": baseline("cursor"),
        "cte": baseline("cte"),
    }
    rounds = in_turns(sides)

    yes, no = sides["yes"].posted, sides["no"].posted
    assert Response.objects.filter(invitation__in=[*yes, *no]).count() == len(yes) + len(no)
    assert Answer.objects.filter(response__invitation__in=yes, chosen=["yes"], negative="").count() == len(
        yes
    )
    assert Point.objects.filter(response__invitation__in=no).count() == len(no)
    assert FollowUp.objects.filter(response__invitation__in=no, assignee__isnull=False).count() == len(no)
    assert FollowUp.objects.count() == len(no)
    theirs = sum(len(sides[way].posted) for way in ("orm", "cursor", "cte"))
    assert BaselineAnswer.objects.count() == theirs

    speed = {side: [one.per_second for one in done] for side, done in rounds.items()}
    seen = {side: f"{statistics.median(found):.0f}/s" for side, found in speed.items()}

    def noted(name: str, ours: str, theirs: str, floor: float | None, goal: float | None) -> None:
        beside = f"{seen[ours]} : {seen[theirs]}"
        ratio(name, speed[ours], speed[theirs], floor=floor, goal=goal, beside=beside)

    noted("survey POST yes : ORM FOR UPDATE + INSERT + UPDATE", "yes", "orm", 0.9, None)
    noted("survey POST yes : the same three by cursor", "yes", "cursor", None, 0.8)
    noted("survey POST yes : one CTE", "yes", "cte", None, None)
    noted("survey POST no : survey POST yes", "no", "yes", 0.5, 0.7)
    tail("survey POST yes", rounds["yes"])
    tail("survey POST no", rounds["no"])
