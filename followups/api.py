"""The API's addresses of acting: follow-ups, each with all that belongs to it, and their journals."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Prefetch
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.api_lists import Listing, Single, choice, filters, number, period, text
from feedback.models import User
from followups import api_schema as schema
from followups.models import FollowUp, JournalEntry, Point, Promise, ReplyPart
from followups.models.followup import DUE_OR_NEVER
from followups.states import Event, PointStatus, Severity, Status
from surveys.models import Answer

THREAD = (Event.WRITTEN, Event.HEARD, Event.CALL_ASKED)
WITH_CASE = ("department", "assignee", "customer", "response__invitation__resolution__case")


class FollowUps(Listing):
    """Follow-ups that the caller may see, the newest first."""

    model = FollowUp
    serializer_class = schema.FollowUpOut
    select_related = WITH_CASE
    ordering_fields = {"id": "id", "opened_at": "opened_at", "next_due_at": "due"}
    filterset_class = filters(
        status=choice("status", Status),
        department=text("department__slug"),
        assignee=text("assignee__username"),
        severity=choice("severity", Severity),
        customer=number("customer_id"),
        source=text("response__invitation__resolution__case__source"),
        period=period("opened_at"),
    )

    def prepare(self, rows: Any) -> Any:
        return rows.annotate(
            due=DUE_OR_NEVER,
        )

    def present(self, rows: Collection[FollowUp]) -> list[dict[str, Any]]:
        counted = (
            Point.objects.filter(follow_up__in=rows, status__in=[PointStatus.OPEN, PointStatus.TOLD])
            .order_by()
            .values_list("follow_up")
            .annotate(Count("pk"))
        )
        open_points = dict(counted)
        return [_follow_up(row) | {"open_points": open_points.get(row.pk, 0)} for row in rows]


class FollowUpView(Single):
    """One follow-up: its case, every answer of its response, its points, replies, promises and the customer's thread.

    Of other departments' follow-ups of the same response it says no more than department, titles and state.
    """

    model = FollowUp
    serializer_class = schema.FollowUpDetail
    select_related = (*WITH_CASE, "response__invitation__resolution__served_by")

    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        resolution = row.response.invitation.resolution
        return Response(
            _follow_up(row)
            | {
                "case": _case(row)
                | {
                    "subject": resolution.subject,
                    "product": resolution.product,
                    "order_ref": resolution.order_ref,
                    "resolved_at": resolution.resolved_at,
                    "resolution_text": resolution.resolution_text,
                    "served_by": resolution.served_by.external_id if resolution.served_by else None,
                },
                "points": [_point(point) for point in row.points.all()],
                "answers": _answers(row),
                "thread": _thread(row),
                "replies": _replies(row),
                "promises": _promises(row),
                "sisters": _sisters(row),
            }
        )


class Journal(Listing):
    """What happened to one follow-up, the oldest first. No entry ever changes."""

    model = JournalEntry
    serializer_class = schema.JournalOut
    select_related = ("staff", "words")
    ordering = ("id",)
    filterset_class = filters(kind=choice("kind", Event), period=period("at"))

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        follow_up = get_object_or_404(access.visible(self.request.user, FollowUp), pk=self.kwargs["pk"])
        return rows.filter(follow_up=follow_up)

    @extend_schema(operation_id="follow_ups_journal_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def present(self, rows: Collection[JournalEntry]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.pk,
                "kind": row.kind,
                "at": row.at,
                "by": row.by,
                "staff": row.staff.username if row.staff else None,
                "point": row.point_id,
                "words": row.words.text if row.words else None,
                "from_status": row.from_status or None,
                "to_status": row.to_status or None,
                "data": row.data,
            }
            for row in rows
        ]


def _case(row: FollowUp) -> dict[str, Any]:
    case = row.response.invitation.resolution.case
    return {"id": case.pk, "source": case.source, "external_id": case.external_id}


def _person(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "username": user.username, "name": str(user)} if user else None


def _follow_up(row: FollowUp) -> dict[str, Any]:
    return {
        "id": row.pk,
        "status": row.status,
        "severity": row.severity,
        "department": row.department.slug,
        "assignee": _person(row.assignee),
        "customer": {"id": row.customer_id, "name": row.customer.name, "language": row.customer.language},
        "case": _case(row),
        "response": row.response_id,
        "opened_at": row.opened_at,
        "next_due_at": row.next_due_at,
        "told_at": row.told_at,
        "withdrawn_reason": row.withdrawn_reason or None,
        "merged_into": row.merged_into_id,
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "id": point.pk,
        "key": point.key,
        "title": point.title or point.key,
        "about_person": point.about_person,
        "status": point.status,
        "opened_at": point.opened_at,
        "split_from": point.split_from_id,
    }


def _answers(row: FollowUp) -> list[dict[str, Any]]:
    answers = (
        Answer.objects.filter(response=row.response_id)
        .select_related("question")
        .order_by("answered_at", "pk")
    )
    return [
        {
            "question": answer.question.kind,
            "score": answer.score,
            "chosen": answer.chosen,
            "words": answer.words,
            "negative": answer.negative or None,
            "hazard": answer.hazard,
            "answered_at": answer.answered_at,
            "superseded_at": answer.superseded_at,
        }
        for answer in answers
    ]


def _thread(row: FollowUp) -> list[dict[str, Any]]:
    """What was said between us and the customer, with whichever department: they never have to say it twice."""
    entries = (
        JournalEntry.objects.filter(follow_up__response=row.response_id, kind__in=THREAD, words__isnull=False)
        .select_related("words")
        .order_by("at", "pk")
    )
    return [
        {"kind": entry.kind, "at": entry.at, "by": entry.by, "words": entry.words.text if entry.words else ""}
        for entry in entries
    ]


def _replies(row: FollowUp) -> list[dict[str, Any]]:
    parts = Prefetch("parts", ReplyPart.objects.order_by("pk").prefetch_related("verdicts"))
    return [
        {
            "id": reply.pk,
            "author": _person(reply.author),
            "posted_at": reply.posted_at,
            "parts": [
                {
                    "point": part.point_id,
                    "found": part.found,
                    "did": part.did,
                    "changes": part.changes,
                    "verdict": next((verdict.word for verdict in reversed(part.verdicts.all())), None),
                }
                for part in reply.parts.all()
            ],
        }
        for reply in row.replies.select_related("author").prefetch_related(parts)
    ]


def _promises(row: FollowUp) -> list[dict[str, Any]]:
    promises = Promise.objects.filter(follow_up=row).select_related("words", "assignee")
    return [
        {
            "id": promise.pk,
            "kind": promise.kind,
            "point": promise.point_id,
            "words": promise.words.text if promise.words else "",
            "assignee": _person(promise.assignee),
            "made_at": promise.made_at,
            "due_at": promise.due_at,
            "state": promise.state,
            "settled_at": promise.settled_at,
        }
        for promise in promises
    ]


def _sisters(row: FollowUp) -> list[dict[str, Any]]:
    sisters = (
        FollowUp.objects.filter(response=row.response_id)
        .exclude(pk=row.pk)
        .select_related("department")
        .prefetch_related("points")
        .order_by("pk")
    )
    return [
        {
            "department": sister.department.slug,
            "status": sister.status,
            "points": [point.title or point.key for point in sister.points.all()],
        }
        for sister in sisters
    ]


urlpatterns: list[URLPattern] = [
    path("follow-ups/", FollowUps.as_view(), name="api-follow-ups"),
    path("follow-ups/<int:pk>/", FollowUpView.as_view(), name="api-follow-up"),
    path("follow-ups/<int:pk>/journal/", Journal.as_view(), name="api-follow-up-journal"),
]
