"""The doors of cases: ``/cases/``, ``/cases/bulk/`` and ``/resolutions/``."""

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from typing import Any

import django_filters
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api_lists import Listing, choice, filters, number, period, text
from feedback.idempotency import key_of, once
from feedback.intake import answers, schema
from feedback.intake.fields import CaseInput, Problem, Refused, printable, read
from feedback.intake.services import take_in
from feedback.models import Case, Resolution
from feedback.models.cases import CaseStatus
from feedback.permissions import MayTakeIn, WorksAtTheDesk


class Cases(Listing):
    """Cases of the caller's departments, the newest first; a case as a source reports it."""

    model = Case
    serializer_class = schema.CaseOut
    select_related = answers.SHOWN_WITH
    ordering_fields = {"id": "id", "created_at": "created_at", "updated_at": "updated_at"}
    filterset_class = filters(
        source=text("source"),
        external_id=text("external_id"),
        status=choice("status", CaseStatus),
        department=text("department__slug"),
        customer=number("customer_id"),
        product=text("product"),
        channel=text("channel"),
        period=period("created_at"),
    )

    def get_permissions(self) -> Sequence[BasePermission]:
        return [MayTakeIn() if self.request and self.request.method == "POST" else WorksAtTheDesk()]

    def present(self, rows: Collection[Case]) -> list[dict[str, Any]]:
        return answers.of_cases(rows, answers.last_resolutions(row.pk for row in rows))

    @extend_schema(
        request=schema.CaseIn,
        parameters=[schema.DRY_RUN, schema.IDEMPOTENCY_KEY],
        responses={200: schema.CaseTakenIn, 201: schema.CaseTakenIn, **schema.INTAKE_ERRORS},
        examples=[schema.CASE_EXAMPLE],
        summary="Say what became of a case",
        description="Makes the case or changes it. Saying the same again changes nothing.",
    )
    def post(self, request: Request) -> Response:
        return _answered(self, request, _take_in_one)


class CasesInBulk(APIView):
    """Up to 1,000 cases at once. Each has its own result: a bad one does not keep the good ones out."""

    permission_classes = [MayTakeIn]

    @extend_schema(
        operation_id="cases_bulk_create",
        request=schema.CasesIn,
        parameters=[schema.DRY_RUN, schema.IDEMPOTENCY_KEY],
        responses={200: schema.BulkOut, **schema.INTAKE_ERRORS},
        summary="Say what became of up to 1,000 cases",
    )
    def post(self, request: Request) -> Response:
        return _answered(self, request, _take_in_many)


class Resolutions(Listing):
    """Resolutions of the caller's departments, the newest first, each with what became of its survey."""

    model = Resolution
    serializer_class = schema.ResolutionOut
    select_related = ("case__customer", "department", "served_by")
    ordering_fields = {"id": "id", "resolved_at": "resolved_at", "created_at": "created_at"}
    filterset_class = filters(
        source=text("case__source"),
        external_id=text("case__external_id"),
        department=text("department__slug"),
        customer=number("case__customer_id"),
        product=text("product"),
        channel=text("channel"),
        reopened=django_filters.BooleanFilter(field_name="reopened_at", lookup_expr="isnull", exclude=True),
        period=period("resolved_at"),
    )

    def present(self, rows: Collection[Resolution]) -> list[dict[str, Any]]:
        return answers.of_resolutions(rows)


def _answered(view: APIView, request: Request, work: Callable[[Request], Response]) -> Response:
    if is_dry_run(request):
        key_of(request)  # what would be wrong is wrong here too; nothing is kept, not even the key
        return work(request)
    return once(view, request, lambda: work(request))


def is_dry_run(request: Request) -> bool:
    """Read ``?dry_run=``. Anything but a plain yes or no is refused: a misspelt dry run would be a real one."""
    if unknown := set(request.query_params) - {"dry_run"}:
        raise ValidationError({printable(name): [_("There is no such parameter.")] for name in unknown})
    value = request.query_params.get("dry_run", "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise ValidationError({"dry_run": [_("Expected true or false.")]})
    return value in ("true", "1")


def _take_in_one(request: Request) -> Response:
    try:
        given = read(request.data)
    except Refused as refused:
        raise _as_validation_error(refused.problems) from refused
    [(status, body)] = _taken_in([given], is_dry_run(request))
    if body is None:
        raise _as_validation_error([_refused()])
    return Response(body | ({"dry_run": True} if is_dry_run(request) else {}), status=status)


def _take_in_many(request: Request) -> Response:
    results: list[dict[str, Any]] = []
    good: list[tuple[int, CaseInput]] = []
    for index, raw in enumerate(_listed(request.data)):
        results.append({"index": index})
        try:
            good.append((index, read(raw)))
        except Refused as refused:
            results[index] |= {"status": 400, "errors": [problem.as_dict() for problem in refused.problems]}
    taken = _taken_in([given for _index, given in good], is_dry_run(request))
    for (index, _given), (status, body) in zip(good, taken, strict=True):
        results[index] |= {
            "status": status,
            **({"case": body} if body else {"errors": [_refused().as_dict()]}),
        }
    return Response({"results": results} | ({"dry_run": True} if is_dry_run(request) else {}))


def _listed(data: Any) -> list[Any]:
    """The cases of a bulk body: ``{"cases": [...]}`` or a bare list."""
    if isinstance(data, dict):
        if unknown := [name for name in data if name != "cases"]:
            raise _as_validation_error(
                [Problem("unknown_field", _("There is no such field."), printable(n)) for n in unknown]
            )
        data = data.get("cases")
    if not isinstance(data, list):
        raise _as_validation_error([Problem("not_a_list", _("Expected a list of cases."), "cases")])
    if len(data) > schema.MOST:
        detail = _("At most %(most)d cases at once; these are %(count)d.") % {
            "most": schema.MOST,
            "count": len(data),
        }
        raise _as_validation_error([Problem("too_many", detail, "cases")])
    return data


def _taken_in(given: Sequence[CaseInput], dry_run: bool) -> list[tuple[int, dict[str, Any] | None]]:
    """Take the inputs in; return status and answer of each. A dry run answers first and then takes it all back."""
    with transaction.atomic() if dry_run else nullcontext():
        results = take_in(given)
        cases = {result.case.pk: result for result in results if result.case}
        last = {pk: result.resolution for pk, result in cases.items()}
        bodies = answers.of_cases([result.case for result in cases.values() if result.case], last)
        if dry_run:
            transaction.set_rollback(True)
    by_id = dict(zip(cases, bodies, strict=True))
    return [
        (201 if result.made else 200, by_id[result.case.pk]) if result.case else (400, None)
        for result in results
    ]


def _refused() -> Problem:
    return Problem("invalid", _("The database refused this case. Nothing of it was kept."), "")


def _as_validation_error(problems: Sequence[Problem]) -> ValidationError:
    detail: dict[str, list[ErrorDetail]] = {}
    for problem in problems:
        detail.setdefault(problem.attr or "non_field_errors", []).append(
            ErrorDetail(problem.detail, problem.code)
        )
    return ValidationError(detail)
