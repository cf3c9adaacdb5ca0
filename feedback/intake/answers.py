"""What the API says of cases and resolutions. Made by hand, because a serializer would take longer than the intake."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from feedback.intake import blocks
from feedback.intake.ordering import Event, sort_key
from feedback.models import Case, Customer, Resolution

SHOWN_WITH = ("customer", "department", "served_by")


def of_cases(cases: Collection[Case], last: Mapping[int, Resolution | None]) -> list[dict[str, Any]]:
    """Return what the API says of each case.

    Args:
        cases: with their ``SHOWN_WITH`` at hand, so that nothing is read row by row.
        last: the last resolution of each case by the case's id, its department and staff name at hand too.
    """
    extra = blocks.of([row.pk for row in last.values() if row])
    return [_case(case, row, extra[row.pk] if row else {}) for case in cases for row in (last.get(case.pk),)]


def of_resolutions(rows: Collection[Resolution]) -> list[dict[str, Any]]:
    """Return what the API says of each resolution, with its case."""
    extra = blocks.of([row.pk for row in rows])
    return [
        _resolution(row, extra[row.pk])
        | {
            "case": {"id": row.case_id, "source": row.case.source, "external_id": row.case.external_id},
            "customer": _customer(row.case.customer),
        }
        for row in rows
    ]


def last_resolutions(case_ids: Iterable[int]) -> dict[int, Resolution | None]:
    """Return the last resolution of each case, in the order of the case's events. One query."""
    rows = Resolution.objects.filter(case__any_of=list(case_ids)).select_related(
        "event", "department", "served_by"
    )
    found: dict[int, Resolution | None] = {}
    for row in sorted(rows, key=lambda row: sort_key(_event(row))):
        found[row.case_id] = row
    return found


def _event(row: Resolution) -> Event:
    event = row.event
    return Event(bytes(event.digest), event.status, event.received_at, event.sequence, event.occurred_at)


def _case(case: Case, row: Resolution | None, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": case.pk,
        "source": case.source,
        "external_id": case.external_id,
        "status": case.status,
        "customer": _customer(case.customer),
        **_snapshot(case),
        "opened_at": case.opened_at,
        "resolved_at": case.resolved_at,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "resolution": _resolution(row, extra) if row else None,
        "invitation": extra.get("invitation"),
    }


def _resolution(row: Resolution, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row.pk,
        **_snapshot(row),
        "resolved_at": row.resolved_at,
        "reopened_at": row.reopened_at,
        "created_at": row.created_at,
        "invitation": extra.get("invitation"),
    }


def _snapshot(row: Case | Resolution) -> dict[str, Any]:
    return {
        "department": row.department.slug if row.department else None,
        "department_slug": row.department_slug,
        "served_by": row.served_by.external_id if row.served_by else None,
        "product": row.product,
        "order_ref": row.order_ref,
        "channel": row.channel,
        "subject": row.subject,
        "resolution_text": row.resolution_text,
    }


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.pk,
        "external_id": customer.external_id,
        "name": customer.name,
        "language": customer.language,
        "time_zone": customer.time_zone,
    }
