"""Cases come in: repeated, out of order, under names nobody knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedback import signals
from feedback.intake.fields import read
from feedback.intake.names import link_department
from feedback.intake.services import take_in
from feedback.models import Case, CaseEvent, Contact, Customer, DepartmentAlias, Resolution, StaffIdentity
from tests.clients import said
from tests.factories import DepartmentFactory, fallback

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def hour(n: int) -> str:
    return (NOON + timedelta(hours=n)).isoformat()


def hear(*statuses, **fields):
    """Take in one event after another; returns the last result."""
    for status in statuses:
        [result] = take_in([read(said(status=status, **fields))], now=NOON)
    return result


@pytest.fixture
def rung():
    heard: list[list[int]] = []

    def listen(resolution_ids, **kwargs):
        heard.append(resolution_ids)

    signals.case_changed.connect(listen)
    yield heard
    signals.case_changed.disconnect(listen)


def test_a_resolved_case_is_a_resolution_and_rings(rung):
    result = hear(
        "resolved", occurred_at=hour(-1), department="nowhere", subject="Leaks", resolution="Mended"
    )
    resolution = Resolution.objects.get()
    assert (result.made, result.changed, result.resolution) == (True, True, resolution)
    assert resolution.resolved_at == NOON - timedelta(hours=1)
    assert (resolution.subject, resolution.resolution_text) == ("Leaks", "Mended")
    assert rung == [[resolution.pk]]


def test_saying_it_again_changes_nothing_and_rings_nothing(rung):
    hear("resolved", occurred_at=hour(-1))
    before = Case.objects.values().get()
    result = hear("resolved", occurred_at=hour(-1))
    assert (result.made, result.changed) == (False, False)
    assert result.resolution == Resolution.objects.get()
    assert Case.objects.values().get() == before
    assert CaseEvent.objects.count() == 1
    assert len(rung) == 1


def test_without_times_arrival_is_the_order():
    hear("open", "open", "resolved", "resolved", "open", "resolved")
    assert CaseEvent.objects.count() == 4
    first, second = Resolution.objects.order_by("pk")
    assert first.reopened_at is not None
    assert second.reopened_at is None


def test_without_times_the_order_in_one_batch_is_the_order_of_the_batch():
    take_in(
        [read(said(status=status)) for status in ("open", "resolved", "open", "resolved", "resolved")],
        now=NOON,
    )
    assert list(CaseEvent.objects.order_by("received_at").values_list("status", flat=True)) == [
        "open",
        "resolved",
        "open",
        "resolved",
    ]
    assert Resolution.objects.count() == 2


@pytest.mark.rule("R2")
def test_a_reopening_heard_before_its_resolution_ends_in_the_same_state():
    hear("open", occurred_at=hour(2))
    result = hear("resolved", occurred_at=hour(1))
    assert result.case.status == "open"
    assert Case.objects.get().resolved_at is None
    assert Resolution.objects.get().reopened_at == NOON + timedelta(hours=2)


def test_an_earlier_event_of_a_run_moves_its_resolution_and_makes_no_second(rung):
    hear("resolved", occurred_at=hour(2))
    [row] = Resolution.objects.all()
    hear("resolved", occurred_at=hour(1))
    [moved] = Resolution.objects.all()
    assert moved.pk == row.pk
    assert moved.resolved_at == NOON + timedelta(hours=1)
    assert rung == [[row.pk], [row.pk]]


def test_a_late_reopening_splits_a_run_and_the_row_stays_with_the_first_half():
    hear("resolved", occurred_at=hour(1))
    hear("resolved", occurred_at=hour(3))
    [row] = Resolution.objects.all()
    hear("open", occurred_at=hour(2))
    first, second = Resolution.objects.order_by("resolved_at")
    assert first.pk == row.pk
    assert first.reopened_at == NOON + timedelta(hours=2)
    assert second.resolved_at == NOON + timedelta(hours=3)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_whatever_the_order_of_arrival_the_rows_are_the_same(order):
    events = [
        said(status="open", sequence=1, customer={"name": "Li"}, subject="leaks"),
        said(status="resolved", sequence=2, served_by="wang", customer={"email": "li@home.example"}),
        said(status="open", sequence=3, occurred_at=hour(3), customer={"name": "Li Na"}),
        said(status="resolved", sequence=4, occurred_at=hour(4), served_by="zhao"),
    ]
    for index in order:
        take_in([read(events[index])], now=NOON)
    case = Case.objects.select_related("customer", "served_by").get()
    assert (case.status, case.subject, case.customer.name) == ("resolved", "leaks", "Li Na")
    assert case.served_by is not None
    assert case.served_by.external_id == "zhao"
    assert [
        row.served_by and row.served_by.external_id for row in Resolution.objects.order_by("event__sequence")
    ] == [
        "wang",
        "zhao",
    ]
    assert Contact.objects.get().address == "li@home.example"


@pytest.mark.rule("R37")
def test_unknown_names_are_kept_not_refused():
    hear("resolved", department="Werkstatt", served_by="w-7")
    case = Case.objects.get()
    assert (case.department, case.department_slug) == (None, "Werkstatt")
    assert DepartmentAlias.objects.get().department is None
    assert case.served_by == StaffIdentity.objects.get(source="desk", external_id="w-7", user=None)


def test_a_linked_name_stands_for_its_department_also_for_cases_that_came_before():
    fallback()
    hear("resolved", department="Werkstatt")
    workshop: Any = DepartmentFactory(slug="workshop")
    assert link_department(DepartmentAlias.objects.get(), workshop) == 1
    assert Case.objects.get().department == workshop
    assert Resolution.objects.get().department == workshop
    hear("resolved", external_id="T-2", department="Werkstatt")
    assert Case.objects.get(external_id="T-2").department == workshop


def test_a_customer_is_known_by_the_id_of_their_source():
    take_in([read(said(external_id=str(n), customer={"external_id": "C-1", "name": "Li"})) for n in range(3)])
    take_in([read(said(source="shop", customer={"external_id": "C-1"}))])
    assert Customer.objects.count() == 2
    assert Customer.objects.get(source="desk").cases.count() == 3


def test_a_customer_without_an_id_is_found_by_an_address():
    take_in([read(said(external_id="1", customer={"email": "li@home.example"}))])
    take_in([read(said(external_id="2", customer={"email": "LI@home.example", "phone": "+8613800138000"}))])
    take_in([read(said(external_id="3", customer={"phone": "+86 138 0013 8000"}))])
    take_in([read(said(external_id="4", customer={"external_id": "C-1", "email": "li@home.example"}))])
    assert Customer.objects.count() == 2
    assert Customer.objects.get(external_id="").cases.count() == 3
    assert Contact.objects.count() == 3


def test_customers_of_one_batch_are_found_by_address_too():
    take_in([read(said(external_id=str(n), customer={"email": "li@home.example"})) for n in range(3)])
    assert Customer.objects.count() == 1


def test_a_case_without_a_customer_has_one_without_addresses():
    hear("resolved")
    assert Case.objects.get().customer.contacts.count() == 0


def test_a_case_keeps_its_customer_when_an_event_names_none_and_follows_when_it_names_another():
    hear("open", occurred_at=hour(0), customer={"email": "li@home.example"})
    first = Case.objects.get().customer
    hear("open", occurred_at=hour(1), customer={"phone": "+8613800138000"})
    assert Case.objects.get().customer == first
    assert first.contacts.count() == 2
    hear("open", occurred_at=hour(2), customer={"external_id": "C-9"})
    assert Case.objects.get().customer.external_id == "C-9"


def test_an_old_case_does_not_bring_an_old_name_back():
    hear("open", external_id="old", occurred_at=hour(0), customer={"external_id": "C-1", "name": "Li"})
    hear("open", external_id="new", occurred_at=hour(1), customer={"external_id": "C-1", "name": "Li Na"})
    hear("resolved", external_id="old", occurred_at=hour(2))
    assert Customer.objects.get().name == "Li Na"


def test_an_erased_customer_stays_erased():
    hear(
        "open", occurred_at=hour(0), customer={"external_id": "C-1", "name": "Li", "email": "li@home.example"}
    )
    Contact.objects.all().delete()
    Customer.objects.update(name="", erased_at=NOON)
    hear(
        "resolved",
        occurred_at=hour(1),
        customer={"external_id": "C-1", "name": "Li", "email": "li@home.example"},
    )
    assert Customer.objects.get().name == ""
    assert not Contact.objects.exists()


def test_a_batch_costs_the_same_queries_whatever_its_size(django_assert_max_num_queries):
    def batch(size, prefix):
        return [
            read(
                said(
                    external_id=f"{prefix}{n}",
                    department="d",
                    served_by="s",
                    customer={"email": f"{prefix}{n}@h.example"},
                )
            )
            for n in range(size)
        ]

    signals.case_changed.receivers, held = [], signals.case_changed.receivers
    signals.case_changed.sender_receivers_cache.clear()
    try:
        with django_assert_max_num_queries(25):
            take_in(batch(3, "a"))
        with django_assert_max_num_queries(25):
            take_in(batch(300, "b"))
    finally:
        signals.case_changed.receivers = held
        signals.case_changed.sender_receivers_cache.clear()


def test_nothing_is_nothing():
    assert take_in([]) == []
