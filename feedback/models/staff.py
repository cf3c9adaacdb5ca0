"""The people who work here: accounts, their roles, and the names other systems know them by."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock


class User(AbstractUser):
    """A person who may sign in. What they may see is decided by ``feedback.access``, never by ``is_superuser``."""

    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("staff member")  # type: ignore[assignment]  # the stubs know no lazy text here
        verbose_name_plural = _("staff")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Role(models.TextChoices):
    MANAGER = "manager", _("manager")
    SAFETY_OWNER = "safety_owner", _("safety owner")
    EXECUTIVE = "executive", _("executive")
    INTEGRATION = "integration", _("integration")


class RoleGrant(models.Model):
    """One role held by one user. Roles in a department follow from the department's own row instead."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="role_grants", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_granted_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class StaffIdentity(models.Model):
    """A staff member as a source system names them.

    A name that nobody here bears yet is kept with no user and listed, never refused (R37). ``served_by`` points at
    this row, so that linking it to a user later protects at once (R13).
    """

    source = models.CharField(_("source"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=255)
    user = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="identities",
        verbose_name=_("user"),
    )
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)

    class Meta:
        verbose_name = _("staff name in a source")
        verbose_name_plural = _("staff names in sources")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="staff_identity_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"
