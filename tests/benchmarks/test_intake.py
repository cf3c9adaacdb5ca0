"""Cases come in: the whole service beside DRF with bulk_create, and beside plain JSON with one statement."""

import itertools
import json
import statistics
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from feedback import clock
from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Message
from surveys.models import Invitation
from tests.benchmarks.baseline import intake
from tests.benchmarks.baseline.models import Invitation as BaselineInvitation
from tests.benchmarks.load import Done
from tests.benchmarks.measure import ROUNDS, SECONDS, in_turns, ratio, seconds
from tests.benchmarks.stack import Web

pytestmark = pytest.mark.benchmark

BULK = 500


def cases() -> Iterator[dict[str, Any]]:
    """Resolved cases as a help desk would send them, each of another customer."""
    source = f"desk-{uuid.uuid4().hex[:8]}"
    for number in itertools.count():
        yield {
            "source": source,
            "external_id": f"B-{number}",
            "subject": "Slow network",
            "status": "resolved",
            "resolved_at": clock.now().isoformat(),
            "customer": {
                "external_id": f"c-{number}",
                "name": "Mei Lin",
                "language": "en",
                "email": f"{source}-{number}@home.example",
            },
        }


def bodies(size: int) -> Iterator[bytes]:
    """Bodies of so many cases each; of one for 0."""
    stream = cases()
    while True:
        said = list(itertools.islice(stream, size or 1))
        yield json.dumps({"cases": said} if size else said[0]).encode()


class Side:
    """One door that cases come in by. Every round brings new ones."""

    def __init__(self, web: Web, token: str, path: str, size: int, status: int = 200) -> None:
        self.web, self.path, self.status, self.size = web, path, status, size
        self.bodies = bodies(size)
        self.headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
        self.wanted = int((40 if size else 1500) * SECONDS)
        self.posted = 0

    def __call__(self) -> Done:
        some = itertools.islice(self.bodies, self.wanted)
        said = [self.web.post(self.path, body, "application/json", **self.headers) for body in some]
        done = self.web.load(said, SECONDS, status=self.status)
        self.posted += done.count * (self.size or 1)
        self.wanted = max(4, done.count * 2)
        return done


def through_the_web(sides: dict[str, Side]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Let all doors take cases in turns, and look whether each arrived; return speeds and words, in cases."""
    asked, baseline = Invitation.objects.count(), BaselineInvitation.objects.count()
    rounds = in_turns(sides)
    ours = sides["product"].posted
    assert Invitation.objects.filter(state="asked").count() - asked == ours
    assert Message.objects.filter(purpose="survey").count() - asked == ours
    theirs = sum(side.posted for name, side in sides.items() if name != "product")
    assert BaselineInvitation.objects.count() - baseline == theirs
    speed = {
        name: [one.per_second * (sides[name].size or 1) for one in done] for name, done in rounds.items()
    }
    return speed, {name: f"{statistics.median(found):.0f}/s" for name, found in speed.items()}


def test_intake_of_one(web: Web, token: str):
    sides = {
        "product": Side(web, token, "/api/v1/cases/", 0, 201),
        "one": Side(web, token, "/baseline/intake/one", 0, 201),
    }
    speed, seen = through_the_web(sides)
    beside = f"{seen['product']} : {seen['one']}"
    ratio("/cases/ one : DRF serializer + create", speed["product"], speed["one"], beside=beside)


def test_intake_in_bulk(web: Web, token: str):
    sides = {
        "product": Side(web, token, "/api/v1/cases/bulk/", BULK),
        "serializers": Side(web, token, "/baseline/intake/serializers", BULK),
        "unnest": Side(web, token, "/baseline/intake/unnest", BULK),
    }
    speed, seen = through_the_web(sides)
    for side, name, floor, goal in (
        ("serializers", "DRF serializers + bulk_create", 1.0, None),
        ("unnest", "JSON + one INSERT … unnest", None, 0.7),
    ):
        beside = f"{seen['product']} : {seen[side]}"
        ratio(
            f"/cases/bulk/ of 500 : {name}",
            speed["product"],
            speed[side],
            floor=floor,
            goal=goal,
            beside=beside,
        )


def test_intake_service(token: str):
    """The same without the web: what a process does with 500 cases that are there."""
    intake.survey_id.cache_clear()
    waiting = bodies(BULK)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def listed() -> list[dict[str, Any]]:
        return list(json.loads(next(waiting))["cases"])

    ways: dict[str, Callable[[], int]] = {
        "product": lambda: sum(result.made for result in take_in([read(one) for one in listed()])),
        "DRF serializers + bulk_create": lambda: intake.by_serializers(listed()),
        "JSON + one INSERT … unnest": lambda: intake.by_unnest(next(waiting)),
    }
    took = in_turns({name: seconds(_all_in(way)) for name, way in ways.items()}, max(1, ROUNDS // 2))
    speed = {name: [BULK / one for one in found] for name, found in took.items()}
    for name in list(ways)[1:]:
        beside = f"{statistics.median(speed['product']):.0f}/s : {statistics.median(speed[name]):.0f}/s"
        ratio(f"intake of 500, in process : {name}", speed["product"], speed[name], beside=beside)


def _all_in(way: Callable[[], int]) -> Callable[[], None]:
    def checked() -> None:
        assert way() == BULK

    return checked
