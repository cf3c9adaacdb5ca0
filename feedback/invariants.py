"""The invariants of the shared ground."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import F

from feedback import audit, clock, pause
from feedback.models import Case, Department, Message
from feedback.models.messages import ASKING, State

OVERDUE = timedelta(minutes=15)


def _one_fallback() -> Iterator[object]:
    if Department.objects.exists() and Department.objects.filter(is_fallback=True).count() != 1:
        yield "feedback_department"


def _resolutions_follow_from_events() -> Iterator[object]:
    """Cases with fewer or more resolutions than runs of ``resolved`` in their events, or with one on a wrong event."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ordered AS (
                SELECT id, case_id, status,
                       lag(status) OVER (
                           PARTITION BY case_id
                           ORDER BY (sequence IS NULL), sequence,
                               CASE WHEN sequence IS NULL THEN coalesce(occurred_at, received_at)
                                    ELSE coalesce(occurred_at, '-infinity') END,
                               digest
                       ) AS before
                FROM feedback_caseevent
            ), starts AS (
                SELECT id, case_id FROM ordered WHERE status = 'resolved' AND before IS DISTINCT FROM 'resolved'
            )
            SELECT DISTINCT coalesce(starts.case_id, r.case_id)
            FROM starts FULL JOIN feedback_resolution r ON r.event_id = starts.id
            WHERE starts.id IS NULL OR r.id IS NULL
            """
        )
        yield from (row[0] for row in cursor.fetchall())


def _cases_with_events() -> Iterator[object]:
    yield from Case.objects.filter(events=None).values_list("pk", flat=True)


def _nothing_past_due() -> Iterator[object]:
    now = clock.now()
    queued = Message.objects.filter(state=State.QUEUED, due_at__lt=now - OVERDUE)
    if pause.is_paused():
        queued = queued.exclude(purpose__in=ASKING)
    yield from queued.values_list("pk", flat=True)
    yield from Message.objects.filter(
        state__in=[State.CLAIMED, State.CALLING], lease_until__lt=now - OVERDUE
    ).values_list("pk", flat=True)


def _no_personal_link_stored() -> Iterator[object]:
    personal = Message.objects.filter(customer__isnull=False, link__isnull=False)
    yield from personal.exclude(text__contains="%%link%%").values_list("pk", flat=True)
    yield from personal.filter(text__regex=r"/[sfo]/[A-Za-z0-9_.~-]{12,}").values_list("pk", flat=True)


def _owners_are_active() -> Iterator[object]:
    yield from Department.objects.filter(retired_at=None, owner__is_active=False).values_list("pk", flat=True)


def _settled_has_a_time() -> Iterator[object]:
    settled = [State.ACCEPTED, State.REFUSED, State.CANCELLED]
    yield from Message.objects.filter(state__in=settled, settled_at=None).values_list("pk", flat=True)
    yield from Message.objects.filter(settled_at__lt=F("created_at")).values_list("pk", flat=True)


def register() -> None:
    audit.register("F01", "exactly one department is the fallback", _one_fallback)
    audit.register(
        "F02", "every run of resolved in a case's events is one resolution", _resolutions_follow_from_events
    )
    audit.register("F03", "every case has the events it is derived from", _cases_with_events)
    audit.register("F04", "no message is past due without a state", _nothing_past_due)
    audit.register("F05", "no message holds a personal link", _no_personal_link_stored)
    audit.register("F06", "every department has an active owner", _owners_are_active)
    audit.register("F07", "every settled message says when", _settled_has_a_time)
