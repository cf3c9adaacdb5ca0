"""Filters of lists that grow: what they offer is found by an index, not by reading the whole table."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

MOST = 30


def values_of(field: str) -> type[admin.SimpleListFilter]:
    """Return the filter that offers the first ``MOST`` values of a text field, by an index that begins with it."""

    class Values(admin.SimpleListFilter):
        title = field
        parameter_name = field

        def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
            self.title = capfirst(str(model._meta.get_field(field).verbose_name))
            super().__init__(request, params, model, model_admin)

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            rows = model_admin.model._default_manager.all()
            return [(value, value) for value in islice(_values(rows, field), MOST)]

        def queryset(self, request: HttpRequest, queryset: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return Values


def _values(rows: "models.QuerySet[Any]", field: str) -> Iterator[str]:
    """Yield the different values of a field in their order, each by one step down the index; blank is none."""
    value: str | None = ""
    while value is not None:
        # ``exclude`` says what the indexes of these fields say: they leave blanks out.
        further = rows.filter(**{f"{field}__gt": value}).exclude(**{field: ""}).order_by(field)
        value = further.values_list(field, flat=True).first()
        if value is not None:
            yield value
