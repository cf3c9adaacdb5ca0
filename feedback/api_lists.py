"""What every list of the API has in common: the policy, strict filters, an order, pages, and one query per set."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time
from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from django_stubs_ext import StrOrPromise
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback import access
from feedback.intake.fields import printable
from feedback.permissions import WorksAtTheDesk

ELSEWHERE = ("cursor", "page_size", "ordering", "format")
BIGGEST = 2**63 - 1
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""How the description says that a text is neither blank nor holds a null character."""


@extend_schema_field(
    {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
)
class Moment(django_filters.CharFilter):  # type: ignore[misc]  # django-filter has no types
    """A time by ISO 8601 with its zone, or a date, which means its first moment in UTC."""

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        try:
            # A "+" in an address that was not escaped arrives as a space.
            moment = datetime.fromisoformat(value.replace(" ", "+"))
            if len(value) <= 10:
                moment = datetime.combine(moment.date(), time.min, UTC)
            if moment.tzinfo is None:
                raise ValueError(value)
            return super().filter(qs, moment.astimezone(UTC))
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                {self.label: _("Expected a date, or a time with its zone such as 2026-05-01T09:30:00Z.")}
            ) from error


def period(field: str) -> dict[str, django_filters.Filter]:
    """Return the filters ``from`` (that moment or later) and ``to`` (before that moment) of a list."""
    return {
        "from": Moment(field_name=field, lookup_expr="gte", label="from"),
        "to": Moment(field_name=field, lookup_expr="lt", label="to"),
    }


def filters(
    **each: django_filters.Filter | dict[str, django_filters.Filter],
) -> type[django_filters.FilterSet]:
    """Make the set of filters of one list; ``period=period(...)`` adds two whose names Python reserves."""
    declared: dict[str, Any] = {}
    for name, one in each.items():
        declared.update(one if isinstance(one, dict) else {name: one})
    return type("Filters", (django_filters.FilterSet,), declared)


@extend_schema_field({"type": "string", "pattern": NOT_BLANK})
class Text(django_filters.CharFilter):  # type: ignore[misc]  # django-filter has no types
    """The whole text of a field."""


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": BIGGEST})
class Number(django_filters.NumberFilter):  # type: ignore[misc]  # django-filter has no types
    """An id."""


def text(field: str) -> django_filters.CharFilter:
    """Return the filter by a text. One that names a row (``department__slug``) is looked up before the list is read.

    Only of a row at hand does the database know whether many or few others point to it.
    """
    path, _dunder, name = field.rpartition("__")
    if name not in ("slug", "username"):
        return Text(field_name=field)

    def named(rows: Any, _name: str, value: str) -> Any:
        model = rows.model
        for step in path.split("__"):
            model = model._meta.get_field(step).related_model
        found = list(model._default_manager.filter(**{name: value}).values_list("pk", flat=True))
        return rows.filter(**{path: found[0]}) if found else rows.none()

    return Text(method=named)


def number(field: str) -> django_filters.NumberFilter:
    return Number(field_name=field, min_value=0, max_value=BIGGEST, decimal_places=0)


def choice(field: str, choices: type[models.TextChoices]) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(field_name=field, choices=choices.choices)


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]  # django-filter has no types
    """Filters that refuse what they do not know: a misspelt filter must not look like an empty one."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        known = self.get_filterset_class(view, queryset).base_filters
        if unknown := sorted(set(request.query_params) - {*known, *ELSEWHERE}):
            raise ValidationError({printable(name): [_("There is no such filter.")] for name in unknown})
        for name, values in request.query_params.lists():
            if problem := _problem(known.get(name), values):
                raise ValidationError({name: [problem]})
        return super().filter_queryset(request, queryset, view)


def _problem(asked: django_filters.Filter | None, values: Sequence[str]) -> StrOrPromise:
    """Say what is wrong with the values of one parameter that the filters themselves would pass over in silence."""
    if len(values) > 1:
        return _("Given more than once.")
    if any("\x00" in value for value in values):
        return _("Null characters are not allowed.")
    if not values[0].strip():
        return _("Expected a value.")
    if isinstance(asked, django_filters.BooleanFilter) and values[0].lower() not in ("true", "false"):
        return _("Expected true or false.")
    return ""


class SteadyOrder(OrderingFilter):
    """Orders by one of the view's ``ordering_fields``, then by id, so that pages never overlap."""

    def get_ordering(self, request: Request, queryset: Any, view: APIView) -> Sequence[str]:
        asked = request.query_params.get(self.ordering_param)
        if asked is None:
            return tuple(view.ordering)  # type: ignore[attr-defined]
        fields: dict[str, str] = view.ordering_fields  # type: ignore[attr-defined]
        sign, name = ("-", asked[1:]) if asked.startswith("-") else ("", asked)
        if name not in fields:
            names = ", ".join(fields)
            raise ValidationError(
                {
                    self.ordering_param: _("Expected one of %(names)s, with - in front for the last first.")
                    % {"names": names}
                }
            )
        field = fields[name]
        return (sign + field,) if field == "id" else (sign + field, sign + "id")

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        # The cursor's pages order by themselves, by what get_ordering says.
        return queryset

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        names = [sign + name for name in view.ordering_fields for sign in ("", "-")]  # type: ignore[attr-defined]
        return [
            {
                "name": self.ordering_param,
                "required": False,
                "in": "query",
                "description": "What to order by; a minus puts the last first.",
                "schema": {"type": "string", "enum": names},
            }
        ]


class Listing(generics.ListAPIView[Any]):
    """A list of the rows of ``model`` that the caller may see.

    ``ordering_fields`` maps what callers write to fields that are never null: a cursor cannot stand on nothing.
    ``serializer_class`` describes a row; ``present`` makes the rows, with a constant number of queries for a page.
    """

    model: type[models.Model]
    permission_classes = [WorksAtTheDesk]
    filter_backends = [StrictFilters, SteadyOrder]
    ordering: Sequence[str] = ("-id",)
    ordering_fields: dict[str, str] = {"id": "id"}
    select_related: Sequence[str] = ()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.prepare(access.visible(self.request.user, self.model)).select_related(
            *self.select_related
        )

    def prepare(self, rows: Any) -> Any:
        """Add what filters and order need."""
        return rows

    def present(self, rows: Collection[Any]) -> list[dict[str, Any]]:
        """Return what the API says of each row."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.present(page))


class Single(generics.GenericAPIView[Any]):
    """One row of ``model``; one that the caller may not see is not there (404)."""

    model: type[models.Model]
    permission_classes = [WorksAtTheDesk]
    filter_backends: Sequence[Any] = []
    pagination_class = None
    select_related: Sequence[str] = ()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return access.visible(self.request.user, self.model).select_related(*self.select_related)
