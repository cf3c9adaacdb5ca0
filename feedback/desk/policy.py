"""The base of every page at the desk that shows rows: ``feedback.access`` alone says which (R13, R39)."""

from typing import Any, NoReturn

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from feedback import access
from feedback.desk.fields import TextsField
from feedback.desk.people import at_the_desk, is_manager

MOST = 1000
"""Lists count and turn pages no further. What lies deeper is found by narrowing the list down."""


class Pages(Paginator[Any]):
    """Pages of a list that may have millions of rows."""

    @cached_property
    def count(self) -> int:
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST].count()


class Rows(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A list that was not narrowed down needs no second count to say so."""

    def get_ordering(self, request: HttpRequest, queryset: "models.QuerySet[Any]") -> list[Any]:
        """Order by a column only where the list offers it: of a table that grows, few have an index."""
        if self.model_admin.sortable_by == ():
            self.params.pop(ORDER_VAR, None)
        ordering: list[Any] = super().get_ordering(request, queryset)
        return ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class PolicyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows by policy, read only. A row that the policy keeps back is as absent as one that never was: 404."""

    actions = None
    list_filter_sheet = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    show_facets = False
    paginator = Pages
    sortable_by: tuple[str, ...] | None = None
    """Columns that a list may be ordered by; none of a table that grows, whose one order has an index."""
    texts_fields: tuple[str, ...] = ()
    """JSON fields that hold a text by language, edited as one input a language."""

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        rows = access.visible(request.user, self.model)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._insist(request, object_id)
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._insist(request, object_id)
        response: HttpResponse = super().delete_view(request, object_id, extra_context)
        return response

    def _insist(self, request: HttpRequest, object_id: str) -> None:
        """Refuse what is not for this person before anything says whether there is such a row.

        Raises:
            PermissionDenied: the page is not for them, whatever the row.
            Http404: the page is, and the row is not.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return at_the_desk(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in self.texts_fields:
            return TextsField(
                label=capfirst(str(db_field.verbose_name)),
                required=not db_field.blank,
                help_text=db_field.help_text,
            )
        formfield: Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        return formfield


class ManagersAdmin(PolicyAdmin):
    """Read by managers only."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)


class SetUpAdmin(ManagersAdmin):
    """Read, added to and changed by managers. Nothing is deleted: what answers once stays answerable."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_manager(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)


class SetUpInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows that belong to a row of set-up and come and go with it."""

    extra = 0
    hide_title = True
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)


class ReadInline(SetUpInline):
    """Rows shown below the row that they belong to, never changed there."""

    can_delete = False
    max_num = 0
    by_policy = True
    """False only for rows that have no policy of their own, because whoever sees their parent sees them."""

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        rows: models.QuerySet[Any] = super().get_queryset(request)
        return (
            rows.filter(pk__in=access.visible(request.user, self.model).values("pk"))
            if self.by_policy
            else rows
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
