"""The same thing said by many at once, over connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from knox.models import AuthToken
from rest_framework.test import APIClient

from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Case, CaseEvent, Contact, Customer, Resolution
from tests.clients import said
from tests.factories import UserFactory, fallback

AT_ONCE = 20

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


def at_once(work: Callable[[int], Any]) -> list[Any]:
    barrier = Barrier(AT_ONCE)

    def one(index: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


@pytest.mark.parametrize(
    "customer",
    [{"external_id": "C-1", "email": "li@home.example"}, {"email": "li@home.example"}, {}],
    ids=["by id", "by address", "nobody"],
)
@pytest.mark.parametrize(
    "times", [{"occurred_at": "2026-05-01T09:30:00Z"}, {}], ids=["timed", "without times"]
)
def test_the_same_event_is_one_case_one_event_one_resolution(customer, times):
    fallback()
    results = at_once(
        lambda _: take_in([read(said(department="new", served_by="x", customer=customer, **times))])[0]
    )
    assert sum(result.made for result in results) == 1
    assert sum(result.changed for result in results) == 1
    assert {result.case.pk for result in results} == {Case.objects.get().pk}
    assert CaseEvent.objects.count() == Resolution.objects.count() == 1
    assert Customer.objects.count() == 1
    assert Contact.objects.count() == (1 if customer else 0)


def test_different_cases_of_one_address_are_of_one_customer():
    at_once(lambda n: take_in([read(said(external_id=f"T-{n}", customer={"email": "li@home.example"}))]))
    assert Case.objects.count() == AT_ONCE
    assert Customer.objects.count() == Contact.objects.count() == 1


def test_batches_that_overlap_in_opposite_orders_all_arrive():
    def both_ways(n: int) -> Any:
        cases = [
            read(
                said(
                    external_id=f"T-{i}",
                    department=f"d-{i % 3}",
                    sequence=n,
                    status="resolved" if n % 2 else "open",
                    customer={
                        "external_id": f"C-{i % 5}",
                        "email": f"c{i % 5}@home.example",
                        "name": f"Name {n}",
                    },
                )
            )
            for i in range(30)
        ]
        return take_in(cases if n % 2 else cases[::-1])

    at_once(both_ways)
    assert Case.objects.count() == 30
    assert CaseEvent.objects.count() == 30 * AT_ONCE
    assert Resolution.objects.count() == 30 * AT_ONCE // 2
    assert Customer.objects.count() == 5


@pytest.mark.rule("R37")
def test_one_idempotency_key_is_worked_on_once():
    token = f"Bearer {AuthToken.objects.create(UserFactory(roles=['integration']))[1]}"

    def post(_: int) -> int:
        return (
            APIClient()
            .post("/api/v1/cases/", said(), HTTP_AUTHORIZATION=token, HTTP_IDEMPOTENCY_KEY="k-1")
            .status_code
        )

    statuses = at_once(post)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert CaseEvent.objects.count() == 1
