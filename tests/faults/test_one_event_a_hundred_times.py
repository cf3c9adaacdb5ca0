"""A help desk that repeats itself, or says everything at once and in any order, over the HTTP door (R2, R37)."""

import random
from collections import Counter
from typing import Any

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from feedback import audit, clock
from feedback.models import Case, CaseEvent, Message, Resolution
from surveys import default_survey
from surveys.models import Invitation
from tests import factories
from tests.clients import said
from tests.faults.side_by_side import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

TIMES, THREADS = 100, 10


@pytest.fixture
def body() -> dict[str, Any]:
    person = {"external_id": "C-1", "name": "Li", "email": "li@home.example"}
    when = clock.now().isoformat()
    return said(department="workshop", served_by="x", customer=person, occurred_at=when)


@pytest.fixture
def token() -> str:
    factories.fallback()
    factories.DepartmentFactory(slug="workshop")
    default_survey.ensure()
    return str(AuthToken.objects.create(factories.UserFactory(roles=["integration"]))[1])


def posts(token: str, bodies: list[dict[str, Any]], **headers: str) -> list[Any]:
    """Post all bodies, ten at a time, as so many processes of a help desk would."""

    def post(body: dict[str, Any]) -> Any:
        # An error inside is an answer here as it is outside: a 500, not an exception.
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}", **headers)
        return client.post("/api/v1/cases/", body, format="json")

    return at_once([lambda body=body: post(body) for body in bodies], threads=THREADS)  # type: ignore[misc]


def is_there_once() -> None:
    assert Case.objects.count() == CaseEvent.objects.count() == Resolution.objects.count() == 1
    assert Invitation.objects.count() == Message.objects.count() == 1
    assert Invitation.objects.get().message == Message.objects.get()


@pytest.mark.rule("R2")
def test_the_same_event_a_hundred_times_is_one_of_everything(token, body):
    answers = posts(token, [body] * TIMES)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: TIMES - 1}
    is_there_once()
    expected = Invitation.objects.get().state
    assert {answer.json()["invitation"]["state"] for answer in answers} == {expected}


@pytest.mark.rule("R37")
def test_the_same_key_a_hundred_times_is_worked_on_once(token, body):
    answers = posts(token, [body] * TIMES, HTTP_IDEMPOTENCY_KEY="k-1")
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409} and statuses[201] >= 1
    is_there_once()
    # Whoever was told to come again comes again, and hears what the first one heard.
    again = posts(token, [body] * THREADS, HTTP_IDEMPOTENCY_KEY="k-1")
    assert {answer.status_code for answer in again} == {201}
    heard = [answer.json() for answer in [*answers, *again] if answer.status_code == 201]
    assert all(one == heard[0] for one in heard)
    is_there_once()


@pytest.mark.rule("R2")
def test_a_hundred_events_at_once_and_shuffled_end_as_they_do_in_order(token):
    chance = random.Random(7)
    statuses = [chance.choice(["open", "resolved"]) for _ in range(TIMES)]

    def bodies(case: str) -> list[dict[str, Any]]:
        person = {"external_id": f"C-{case}", "email": f"{case.lower()}@home.example"}
        return [
            said(
                external_id=case,
                sequence=number,
                status=status,
                subject=f"Subject {number}",
                customer=person,
                **({"served_by": f"agent-{number % 3}"} if number % 4 else {}),
            )
            for number, status in enumerate(statuses)
        ]

    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for body in bodies("T-1"):
        assert client.post("/api/v1/cases/", body, format="json").status_code in (200, 201)
    shuffled = bodies("T-2")
    chance.shuffle(shuffled)
    answers = posts(token, shuffled)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: TIMES - 1}
    assert outcome("T-2") == outcome("T-1")
    assert Invitation.objects.count() == Resolution.objects.count()
    asked = Message.objects.filter(purpose="survey").exclude(state="cancelled")
    assert len(asked) <= 2  # at most one of each customer, whatever was taken back
    assert not [finding for finding in audit.run() if finding.violations]


def outcome(case: str) -> Any:
    """What all the events come to, without what only says when we heard of it."""
    row = Case.objects.get(external_id=case)
    names = ("status", "subject", "department_slug", "served_by__external_id")
    resolutions = row.resolutions.order_by("event__sequence")
    return (
        Case.objects.filter(pk=row.pk).values_list(*names).get(),
        list(row.events.order_by("sequence").values_list("sequence", "status")),
        [
            (
                one.event.sequence,
                one.subject,
                one.served_by and one.served_by.external_id,
                bool(one.reopened_at),
            )
            for one in resolutions
        ],
    )
