"""How the API's lists are cut into pages."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldError
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param


class CursorPages(CursorPagination):
    """`{"next", "previous", "results"}`: newest first, and steady while rows arrive.

    A cursor is the place of one row: what the list is ordered by, and the row's id. The framework's own counts rows of
    equal place up to a thousand, and then loses its way; a bulk of cases that came in one moment is larger than that.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request)
        first = self.get_ordering(request, queryset, view)[0]
        self.field = first.removeprefix("-")
        place = self._place(request)
        back = place is not None and place[0]
        sign, step = ("-", "lt") if first.startswith("-") != back else ("", "gt")
        try:
            if place is not None:
                queryset = queryset.filter(self._beyond(step, *place[1:]))
            rows = list(queryset.order_by(*dict.fromkeys((sign + self.field, sign + "id")))[: size + 1])
        except (ValueError, TypeError, FieldError, DataError, DjangoValidationError) as error:
            # Cursors are ours, but they travel through other hands.
            raise NotFound(self.invalid_cursor_message) from error
        more, rows = len(rows) > size, rows[:size]
        if back:
            rows.reverse()
        self.page = rows
        self.has_next = bool(rows) and (back or more)
        self.has_previous = bool(rows) and (more if back else place is not None)
        return rows

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (
            asked.isascii() and asked.isdigit() and len(asked) < 5 and 1 <= int(asked) <= self.max_page_size
        ):
            raise ValidationError(
                {self.page_size_query_param: _("Expected 1 to %(most)d.") % {"most": self.max_page_size}}
            )
        return int(asked)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
            elif parameter["name"] == self.cursor_query_param:
                parameter["schema"] |= {"pattern": "^[0-9A-Za-z_=-]+$"}
        return parameters

    def get_next_link(self) -> str | None:
        return self._link(False, self.page[-1]) if self.page and self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(True, self.page[0]) if self.page and self.has_previous else None

    def _beyond(self, step: str, value: Any, pk: int) -> Q:
        if self.field == "id":
            return Q(**{f"id__{step}": pk})
        tie = Q(**{self.field: value, f"id__{step}": pk})
        return Q(**{f"{self.field}__{step}e": value}) & (Q(**{f"{self.field}__{step}": value}) | tie)

    def _link(self, back: bool, row: Model) -> str:
        value = getattr(row, self.field)
        place = [int(back), value.isoformat() if isinstance(value, datetime) else value, row.pk]
        cursor = urlsafe_b64encode(json.dumps(place).encode()).decode()
        return replace_query_param(self.base_url or "", self.cursor_query_param, cursor)

    def _place(self, request: Request) -> tuple[bool, Any, int] | None:
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            back, value, pk = json.loads(urlsafe_b64decode(encoded.encode("ascii")).decode())
            if back in (0, 1) and isinstance(value, str | int) and isinstance(pk, int) and abs(pk) < 2**63:
                return bool(back), value, pk
        except (ValueError, TypeError, RecursionError, binascii.Error):
            pass
        raise NotFound(self.invalid_cursor_message)
