"""The help desk of a log: posts cases in bulk through the API, over a token, as any source would."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from feedback import clock
from feedback.models import User
from feedback.models.staff import Role
from tests.clients import client_of
from tests.factories import UserFactory
from tests.realdata.logs import Said

TOKEN_IS_GOOD_FOR = timedelta(days=30)
"""A token lives ninety days; a log is longer than that."""


@dataclass
class Pace:
    """How many events went in, and how long the calls took (seconds; the making of their bodies left out)."""

    events: int = 0
    seconds: float = 0.0

    @property
    def a_second(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        return f"{self.events:,} events in {self.seconds:,.0f} s: {self.a_second:,.0f} events/s"


class HelpDesk:
    """A source with a token of its own. ``pace`` is what it has posted so far."""

    def __init__(self) -> None:
        self.user: User = UserFactory(roles=[Role.INTEGRATION])
        self._take_a_token()
        self.pace = Pace()

    def _take_a_token(self) -> None:
        self.client = client_of(self.user)
        self.until = clock.now() + TOKEN_IS_GOOD_FOR

    def post(self, said: Sequence[Said], key: str = "") -> list[dict[str, Any]]:
        """Post them in one call; returns a result for each, after making sure that none was refused."""
        body = [one.case for one in said]
        headers = {"Idempotency-Key": key} if key else {}
        if clock.now() > self.until:
            self._take_a_token()
        begin = time.perf_counter()
        answer = self.client.post("/api/v1/cases/bulk/", body, format="json", headers=headers)
        self.pace.seconds += time.perf_counter() - begin
        self.pace.events += len(said)
        assert answer.status_code == 200, answer.content.decode()[:2000]
        results: list[dict[str, Any]] = answer.json()["results"]
        refused = [one for one in results if one["status"] not in (200, 201)]
        assert not refused, refused[:3]
        assert [one["case"]["external_id"] for one in results] == [one.number for one in said]
        return results


def new_ones(results: Iterable[dict[str, Any]]) -> int:
    """How many of the results say that the case was not known before."""
    return sum(one["status"] == 201 for one in results)
