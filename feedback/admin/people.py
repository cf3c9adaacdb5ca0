"""Departments, and the names by which source systems know departments and staff (R37)."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import display
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from feedback import clock
from feedback.desk import navigation
from feedback.desk.badges import badge
from feedback.desk.policy import SetUpAdmin, SetUpInline
from feedback.models import Department, DepartmentAlias, Membership, StaffIdentity, User


@cache
def _zones() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in names]


class ActiveStaffMixin:
    """Offers only active staff wherever a person is chosen; one already chosen stays."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is User:
            kwargs["queryset"] = User.objects.filter(is_active=True).order_by(
                "first_name", "last_name", "username"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class MembershipInline(ActiveStaffMixin, SetUpInline):
    model = Membership
    verbose_name = _("member")
    verbose_name_plural = _("members")


class DepartmentForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Department
        fields = ["slug", "name", "owner", "deputy", "head", "time_zone"]


@admin.register(Department)
class DepartmentAdmin(ActiveStaffMixin, SetUpAdmin):
    form = DepartmentForm
    texts_fields = ("name",)
    inlines = [MembershipInline]
    list_display = ["name_here", "owner", "deputy", "head", "people", "standing"]
    list_select_related = ["owner", "deputy", "head"]
    search_fields = ["slug", "name"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "time_zone", "standing"]}),
        (_("Who answers"), {"fields": ["owner", "deputy", "head"]}),
    ]
    readonly_fields = ["standing"]
    actions_submit_line = ["make_fallback", "retire", "bring_back"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        rows = super().get_queryset(request)
        counted: models.QuerySet[Any] = rows.annotate(members_n=models.Count("memberships"))
        return counted

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        department = Department.objects.filter(pk=object_id).first()
        if department is None or not self.has_change_permission(request):
            return []
        useless = {"bring_back"} if department.retired_at is None else {"make_fallback", "retire"}
        if department.is_fallback:
            useless |= {"make_fallback", "retire"}
        offered = super().get_actions_submit_line(request, object_id)
        return [one for one in offered if one.method.original_function_name not in useless]

    @display(description=_("department"), ordering="slug")
    def name_here(self, department: Department) -> str:
        return str(department)

    @display(description=_("members"))
    def people(self, department: Department) -> int:
        return int(getattr(department, "members_n", 0))

    @display(description=_("standing"))
    def standing(self, department: Department) -> str:
        if department.retired_at is not None:
            return badge(gettext("retired"), "amber")
        if department.is_fallback:
            return badge(gettext("takes what nobody else takes"), "blue")
        return badge(gettext("working"), "green")

    @action(description=_("Make it the fallback"))  # type: ignore[untyped-decorator]
    def make_fallback(self, request: HttpRequest, department: Department) -> None:
        with transaction.atomic():
            Department.objects.filter(is_fallback=True).update(is_fallback=False)
            Department.objects.filter(pk=department.pk).update(is_fallback=True)
        messages.success(
            request, gettext("%(name)s now takes what nobody else takes.") % {"name": department}
        )

    @action(description=_("Retire"), variant=ActionVariant.WARNING)  # type: ignore[untyped-decorator]
    def retire(self, request: HttpRequest, department: Department) -> None:
        Department.objects.filter(pk=department.pk, is_fallback=False).update(retired_at=clock.now())
        messages.success(
            request, gettext("%(name)s is retired: nothing new goes there.") % {"name": department}
        )

    @action(description=_("Bring back"))  # type: ignore[untyped-decorator]
    def bring_back(self, request: HttpRequest, department: Department) -> None:
        Department.objects.filter(pk=department.pk).update(retired_at=None)
        messages.success(request, gettext("%(name)s is back.") % {"name": department})


class UnlinkedFilter(admin.SimpleListFilter):
    title = _("linked")
    parameter_name = "linked"
    target: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", gettext("not linked yet")), ("yes", gettext("linked"))]

    def queryset(self, request: HttpRequest, queryset: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
        match self.value():
            case "no":
                return queryset.filter(**{self.target: None})
            case "yes":
                return queryset.exclude(**{self.target: None})
        return queryset


class UserLinked(UnlinkedFilter):
    target = "user"


class DepartmentLinked(UnlinkedFilter):
    target = "department"


@admin.register(StaffIdentity)
class StaffIdentityAdmin(ActiveStaffMixin, SetUpAdmin):
    """Linking a name to a person protects at once whoever complained about them (R13)."""

    list_display = ["external_id", "source", "user", "first_seen_at"]
    list_display_links = ["external_id"]
    list_filter = [UserLinked]
    list_select_related = ["user"]
    search_fields = ["external_id", "source", "user__username", "user__first_name", "user__last_name"]
    ordering = [models.F("user").asc(nulls_first=True), "source", "external_id"]
    fields = ["source", "external_id", "user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["source", "external_id"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # A person who left may still have served: their name is linked all the same.
        kwargs["queryset"] = User.objects.order_by("first_name", "last_name", "username")
        return SetUpAdmin.formfield_for_foreignkey(self, db_field, request, **kwargs)


@admin.register(DepartmentAlias)
class DepartmentAliasAdmin(SetUpAdmin):
    list_display = ["slug", "department", "first_seen_at"]
    list_filter = [DepartmentLinked]
    list_select_related = ["department"]
    search_fields = ["slug"]
    ordering = [models.F("department").asc(nulls_first=True), "slug"]
    fields = ["slug", "department"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []


def unlinked_staff(request: HttpRequest) -> int:
    return StaffIdentity.objects.filter(user=None)[: navigation.MOST].count()


def unlinked_departments(request: HttpRequest) -> int:
    return DepartmentAlias.objects.filter(department=None)[: navigation.MOST].count()


navigation.put(
    navigation.Page(
        navigation.SETUP,
        10,
        _("Departments"),
        "apartment",
        "admin:feedback_department_changelist",
        managers=True,
    )
)
navigation.put(
    navigation.Page(
        navigation.SETUP,
        30,
        _("Staff names"),
        "badge",
        "admin:feedback_staffidentity_changelist",
        managers=True,
        badge=unlinked_staff,
    )
)
navigation.put(
    navigation.Page(
        navigation.SETUP,
        40,
        _("Department names"),
        "alternate_email",
        "admin:feedback_departmentalias_changelist",
        managers=True,
        badge=unlinked_departments,
    )
)
