"""Many invitations that wait for an answer, made in bulk; and what a customer's browser would send for each."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpRequest

from feedback import links
from feedback.models import Link
from feedback.models.links import Purpose
from feedback.pages import Visit
from surveys import published
from surveys.forms import name_of
from tests import factories
from tests.benchmarks.baseline.models import Survey

COPIES = Path(__file__).with_name("ready.sql").read_text()
FIRST = 1_000_000_000
"""Ids from here on are ours: the product's own sequences do not come so far."""
ANALYSED = (
    "feedback_link",
    "feedback_customer",
    "feedback_resolution",
    "surveys_invitation",
    "baseline_invitation",
)


class Ready:
    """A stock of unanswered invitations. What is taken from it is not given out again, unless it is put back."""

    def __init__(self) -> None:
        self.asked = factories.invitation(department=factories.DepartmentFactory(slug="workshop"))
        self.version_id = self.asked.version_id
        self.survey = Survey.objects.create(title={"en": "How did it go?"}, question={"en": "Was it solved?"})
        self.made = 0
        self.stock: list[int] = []

    def take(self, count: int) -> list[int]:
        """Return so many numbers, each of a link, an invitation and everything else that goes with it."""
        while len(self.stock) < count:
            self._make(20_000)
        taken, self.stock = self.stock[:count], self.stock[count:]
        return taken

    def put_back(self, numbers: list[int]) -> None:
        self.stock = numbers + self.stock

    def _make(self, count: int) -> None:
        first = FIRST + self.made
        copies = COPIES.format(
            first=first,
            numbers=f"generate_series({first}, {first + count - 1}) AS g",
            department=self.asked.resolution.department_id,
            version=self.version_id,
            survey=self.survey.pk,
        )
        with connection.cursor() as cursor:
            for statement in copies.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
            cursor.execute(f"ANALYZE {', '.join(ANALYSED)}")
        self.made += count
        self.stock += range(first, first + count)

    def path(self, number: int) -> str:
        """The address of one survey, as an email has it."""
        return f"/s/{links.token(Link(pk=number, purpose=Purpose.SURVEY), strong=True)}"

    def form(self, number: int, outcome: str) -> bytes:
        """What the page's form sends when this is chosen, without looking at the page."""
        visit = Visit(HttpRequest(), Link(pk=number, purpose=Purpose.SURVEY), "en", chosen=False)
        first = published.version(self.version_id or 0).first
        said: dict[str, Any] = {"form": visit.form_token, "step": "first", name_of(first): outcome}
        return urlencode(said).encode()
