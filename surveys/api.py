"""The API's addresses of asking: who was asked about what, and who was not and why."""

from collections.abc import Collection
from typing import Any

import django_filters
from django.db.models import F
from django.urls import URLPattern, path
from rest_framework import serializers

from feedback.api_lists import Listing, choice, filters, number, period, text
from feedback.intake.schema import CaseRef
from feedback.reasons import SkipReason
from surveys.models import Invitation, SurveyVersion


class InvitationOut(serializers.Serializer[Any]):
    """The decision about one resolution."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Invitation.State.choices)
    reason = serializers.ChoiceField(choices=SkipReason.choices, allow_null=True)
    send_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    resolution = serializers.IntegerField()
    resolved_at = serializers.DateTimeField()
    case = CaseRef()
    customer = serializers.IntegerField()
    department = serializers.CharField(allow_null=True)
    survey = serializers.CharField(allow_null=True)
    survey_version = serializers.IntegerField(allow_null=True)


def _of_survey(rows: Any, _name: str, slug: str) -> Any:
    """Narrow down to one survey by its versions, which the database has an index for."""
    versions = SurveyVersion.objects.filter(survey__slug=slug)
    return rows.filter(version__in=list(versions.values_list("pk", flat=True)))


class Invitations(Listing):
    """Who was asked and who was not, the newest first: every resolution has its row, with the reason."""

    model = Invitation
    serializer_class = InvitationOut
    select_related = ("resolution__case", "resolution__department", "version__survey")
    ordering_fields = {"id": "id", "created_at": "created_at", "resolved_at": "resolved_at"}
    filterset_class = filters(
        state=choice("state", Invitation.State),
        reason=choice("reason", SkipReason),
        department=text("resolution__department__slug"),
        source=text("resolution__case__source"),
        customer=number("customer_id"),
        survey=django_filters.CharFilter(method=_of_survey),
        period=period("created_at"),
    )

    def prepare(self, rows: Any) -> Any:
        return rows.annotate(resolved_at=F("resolution__resolved_at"))

    def present(self, rows: Collection[Invitation]) -> list[dict[str, Any]]:
        return [_invitation(row) for row in rows]


def _invitation(row: Invitation) -> dict[str, Any]:
    resolution = row.resolution
    return {
        "id": row.pk,
        "state": row.state,
        "reason": row.reason or None,
        "send_at": row.send_at,
        "created_at": row.created_at,
        "resolution": resolution.pk,
        "resolved_at": resolution.resolved_at,
        "case": {
            "id": resolution.case_id,
            "source": resolution.case.source,
            "external_id": resolution.case.external_id,
        },
        "customer": row.customer_id,
        "department": resolution.department.slug if resolution.department else None,
        "survey": row.version.survey.slug if row.version else None,
        "survey_version": row.version.number if row.version else None,
    }


urlpatterns: list[URLPattern] = [path("invitations/", Invitations.as_view(), name="api-invitations")]
