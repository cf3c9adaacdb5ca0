"""Staff: accounts, roles, and leaving."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import display
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from feedback.desk import navigation
from feedback.desk.badges import badge
from feedback.desk.policy import SetUpAdmin, SetUpInline
from feedback.models import RoleGrant, User
from feedback.models.staff import Role


class RoleFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """Keep a manager: without one nobody could hand out roles any more."""
        super().clean()
        manages = any(
            form.cleaned_data.get("role") == Role.MANAGER and not form.cleaned_data.get("DELETE")
            for form in self.forms
            if getattr(form, "cleaned_data", None)
        )
        if manages or self.instance.pk is None:
            return
        grants = RoleGrant.objects.filter(role=Role.MANAGER, user__is_active=True)
        if grants.filter(user=self.instance).exists() and not grants.exclude(user=self.instance).exists():
            raise ValidationError(_("This is the last manager. Make somebody else a manager first."))


class RoleInline(SetUpInline):
    model = RoleGrant
    formset = RoleFormSet


class StaffForm(UserChangeForm):  # type: ignore[misc]  # unfold has no types
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("as the browser asks")), *settings.LANGUAGES],
        widget=UnfoldAdminSelectWidget,
    )

    def clean_is_active(self) -> bool:
        """Refuse the leaving of somebody whom a department or the house still needs.

        Raises:
            ValidationError: names the departments to hand over first, or says that a manager must remain.
        """
        active = bool(self.cleaned_data["is_active"])
        user = self.instance
        if active or not user.is_active:
            return active
        owned = list(user.owned_departments.filter(retired_at=None))
        if owned:
            raise ValidationError(
                _("Hand over first: %(departments)s."),
                params={"departments": ", ".join(str(department) for department in owned)},
                code="owner",
            )
        managers = RoleGrant.objects.filter(role=Role.MANAGER, user__is_active=True)
        if managers.filter(user=user).exists() and not managers.exclude(user=user).exists():
            raise ValidationError(
                _("This is the last manager. Make somebody else a manager first."), code="manager"
            )
        return active


@admin.register(User)
class StaffAdmin(SetUpAdmin, UserAdmin):  # type: ignore[type-arg, misc]  # ours comes first
    form = StaffForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [RoleInline]
    list_display = ["username", "full_name", "email", "roles_held", "active"]
    list_filter = [("is_active", admin.BooleanFieldListFilter), "role_grants__role"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["-is_active", "first_name", "last_name", "username"]
    filter_horizontal = ()
    readonly_fields = ["last_login"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "phone", "language"]}),
        (_("Access"), {"fields": ["is_active", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return super().get_queryset(request).prefetch_related("role_grants")

    @display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @display(description=_("roles"))
    def roles_held(self, user: User) -> str:
        return ", ".join(str(grant.get_role_display()) for grant in user.role_grants.all())

    @display(description=_("active"), ordering="is_active")
    def active(self, user: User) -> str:
        return badge(gettext("active"), "green") if user.is_active else badge(gettext("left"), "amber")


navigation.put(
    navigation.Page(
        navigation.SETUP, 20, _("Staff"), "group", "admin:feedback_user_changelist", managers=True
    )
)
