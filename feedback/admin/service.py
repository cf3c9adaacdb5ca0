"""Customers, cases and resolutions: read at the desk, written only by the source systems."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from feedback.desk import navigation
from feedback.desk.badges import badge
from feedback.desk.filters import values_of
from feedback.desk.policy import ManagersAdmin, ReadInline
from feedback.models import Case, Contact, Customer, Resolution
from feedback.models.cases import CaseStatus


class ContactInline(ReadInline):
    model = Contact
    by_policy = False
    fields = ["channel", "address"]
    readonly_fields = ["channel", "address"]


class CaseInline(ReadInline):
    model = Case
    fk_name = "customer"
    fields = ["external_id", "subject", "department", "status", "resolved_at"]
    readonly_fields = fields
    show_change_link = True


@admin.register(Customer)
class CustomerAdmin(ManagersAdmin):
    list_display = ["who", "source", "external_id", "language", "created_at"]
    list_filter = [values_of("source")]
    sortable_by = ()
    search_fields = ["name", "external_id", "contacts__address"]
    ordering = ["-created_at", "-id"]
    fields = ["name", "source", "external_id", "language", "time_zone", "created_at", "erased_at"]
    inlines = [ContactInline, CaseInline]

    @display(description=_("customer"), ordering="name")
    def who(self, customer: Customer) -> str:
        return str(customer)


class ResolutionInline(ReadInline):
    model = Resolution
    fields = ["resolved_at", "department", "served_by", "resolution_text", "reopened_at"]
    readonly_fields = fields
    ordering = ["resolved_at"]


SNAPSHOT = [
    "department",
    "department_slug",
    "served_by",
    "product",
    "order_ref",
    "channel",
    "subject",
    "resolution_text",
]


@admin.register(Case)
class CaseAdmin(ManagersAdmin):
    list_display = ["external_id", "source", "subject", "customer", "department", "stands", "resolved_at"]
    list_filter = ["status", values_of("source"), values_of("channel")]
    sortable_by = ()
    list_select_related = ["customer", "department"]
    search_fields = ["external_id", "subject", "order_ref", "customer__name"]
    ordering = ["-updated_at", "-id"]
    fields = ["external_id", "source", "customer", "status", "opened_at", "resolved_at", *SNAPSHOT]
    inlines = [ResolutionInline]

    @display(description=_("status"), ordering="status")
    def stands(self, case: Case) -> str:
        return badge(case.get_status_display(), "green" if case.status == CaseStatus.RESOLVED else "blue")


@admin.register(Resolution)
class ResolutionAdmin(ManagersAdmin):
    list_display = ["case", "subject", "department", "served_by", "resolved_at", "reopened_at"]
    list_filter = [values_of("channel")]
    sortable_by = ()
    list_select_related = ["case", "department", "served_by"]
    search_fields = ["case__external_id", "subject", "order_ref", "case__customer__name"]
    ordering = ["-resolved_at", "-id"]
    fields = ["case", "resolved_at", "reopened_at", *SNAPSHOT]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return super().get_queryset(request).select_related("case")


navigation.put(
    navigation.Page(
        navigation.SENT,
        10,
        _("Cases"),
        "confirmation_number",
        "admin:feedback_case_changelist",
        managers=True,
    )
)
navigation.put(
    navigation.Page(
        navigation.SENT,
        20,
        _("Resolutions"),
        "task_alt",
        "admin:feedback_resolution_changelist",
        managers=True,
    )
)
navigation.put(
    navigation.Page(
        navigation.SENT, 30, _("Customers"), "person", "admin:feedback_customer_changelist", managers=True
    )
)
