"""The API's addresses of the shared ground, and the doors too small for a module of their own."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.urls import URLPattern, path, resolve
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback import access, pause
from feedback.api_errors import error
from feedback.api_lists import NOT_BLANK
from feedback.intake.api import Cases, CasesInBulk, Resolutions
from feedback.intake.fields import printable
from feedback.models import Case, DepartmentAlias, Pause, Resolution, StaffIdentity, User
from feedback.permissions import IsManager

MOST_NAMES = 500

MOST_COUNTED = 10
"""What came under one name is counted no further: enough to tell the name to link first from a slip of the pen."""


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


@extend_schema_field({"type": "string", "pattern": NOT_BLANK, "maxLength": 255})
class Text(serializers.CharField):
    """A text in quotes: the framework's own field takes a number for one."""

    default_error_messages = {"invalid": _("Expected a text in quotes.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PauseIn(serializers.Serializer[Any]):
    why = Text(max_length=255, help_text=_("Why no survey may leave for now."))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            said = [ErrorDetail(str(_("There is no such field.")), "unknown_field")]
            raise serializers.ValidationError({printable(name): said for name in unknown})
        return super().to_internal_value(data)


class PauseOut(serializers.Serializer[Any]):
    paused = serializers.BooleanField()
    why = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField(allow_null=True)


class PauseView(APIView):
    """The pause of all surveys: new invitations are skipped as `paused`, queued surveys wait, replies still go."""

    permission_classes = [IsManager]

    @extend_schema(
        responses=PauseOut, summary="Say whether surveys are paused", operation_id="pause_retrieve"
    )
    def get(self, request: Request) -> Response:
        return Response(_pause(pause.current()))

    @extend_schema(
        request=PauseIn,
        responses={
            201: PauseOut,
            409: error("Surveys are paused already.", "conflict", "Surveys are paused already."),
        },
        summary="Pause all surveys",
        operation_id="pause_start",
    )
    def post(self, request: Request) -> Response:
        body = PauseIn(data=request.data)
        body.is_valid(raise_exception=True)
        if pause.current() is not None:
            raise Conflict(_("Surveys are paused already."))
        return Response(_pause(pause.start(_caller(request), body.validated_data["why"])), status=201)


class PauseEnd(APIView):
    permission_classes = [IsManager]

    @extend_schema(
        request=None,
        responses={
            200: PauseOut,
            409: error("Surveys are not paused.", "conflict", "Surveys are not paused."),
        },
        summary="Let surveys leave again",
        operation_id="pause_end",
    )
    def post(self, request: Request) -> Response:
        if not pause.end():
            raise Conflict(_("Surveys are not paused."))
        return Response(_pause(None))


def _caller(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _pause(row: Pause | None) -> dict[str, Any]:
    return {
        "paused": row is not None,
        "why": row.why if row else None,
        "since": row.started_at if row else None,
        "by": row.started_by.username if row and row.started_by else None,
    }


class UnknownDepartment(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    first_seen_at = serializers.DateTimeField()
    cases = serializers.IntegerField(
        max_value=MOST_COUNTED, help_text="Cases that came under this name; 10 says ten or more."
    )


class UnknownStaff(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a name that serializers use too
    external_id = serializers.CharField()
    first_seen_at = serializers.DateTimeField()
    resolutions = serializers.IntegerField(
        max_value=MOST_COUNTED, help_text="Resolutions that name this person; 10 says ten or more."
    )


class UnknownNamesOut(serializers.Serializer[Any]):
    departments = UnknownDepartment(many=True)
    staff = UnknownStaff(many=True)


class UnknownNames(APIView):
    """Names of departments and staff that cases brought and nobody has linked yet: the oldest 500 of each."""

    permission_classes = [IsManager]

    @extend_schema(responses=UnknownNamesOut, summary="List names that nobody has linked yet")
    def get(self, request: Request) -> Response:
        came = Case.objects.filter(department=None, department_slug=OuterRef("slug")).exclude(
            department_slug=""
        )
        named = Resolution.objects.filter(served_by=OuterRef("pk"))
        departments = _oldest(access.visible(request.user, DepartmentAlias).filter(department=None), came)
        staff = _oldest(access.visible(request.user, StaffIdentity).filter(user=None), named)
        return Response(
            {
                "departments": [
                    {
                        "id": row.pk,
                        "name": row.slug,
                        "first_seen_at": row.first_seen_at,
                        "cases": len(row.found),
                    }
                    for row in departments
                ],
                "staff": [
                    {
                        "id": row.pk,
                        "source": row.source,
                        "external_id": row.external_id,
                        "first_seen_at": row.first_seen_at,
                        "resolutions": len(row.found),
                    }
                    for row in staff
                ],
            }
        )


def _oldest(names: QuerySet[Any], cases: QuerySet[Any]) -> QuerySet[Any]:
    """Return the oldest of ``names``, each with ``found``: the first few of ``cases``, which refers to its name."""
    found = ArraySubquery(cases.order_by().values("pk")[:MOST_COUNTED])
    oldest: QuerySet[Any] = names.order_by("first_seen_at", "pk").annotate(found=found)[:MOST_NAMES]
    return oldest


class NothingHere(APIView):
    """What is no address of the API says so in the API's own shape, and only to who has a token.

    A redirect to the address with its slash would lose the body of a POST on the way: most clients follow it by GET.
    """

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        path = request.path_info
        if not path.endswith("/") and resolve(f"{path}/").func is not nothing_here:
            raise NotFound(_("The addresses of the API end with a slash."))
        raise NotFound


nothing_here = NothingHere.as_view()

urlpatterns: list[URLPattern] = [
    path("cases/", Cases.as_view(), name="api-cases"),
    path("cases/bulk/", CasesInBulk.as_view(), name="api-cases-bulk"),
    path("resolutions/", Resolutions.as_view(), name="api-resolutions"),
    path("pause/", PauseView.as_view(), name="api-pause"),
    path("pause/end/", PauseEnd.as_view(), name="api-pause-end"),
    path("unknown-names/", UnknownNames.as_view(), name="api-unknown-names"),
]
