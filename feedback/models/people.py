"""Departments that answer, customers who are asked, and the addresses that reach them."""

import pgtrigger
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from feedback import clock, texts
from feedback.models.digests import DigestField
from feedback.models.staff import User


class Department(models.Model):
    """A department that can be responsible. Retired, never deleted; exactly one is the fallback."""

    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    name = models.JSONField(_("name by language"), default=dict)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="owned_departments", verbose_name=_("owner")
    )
    deputy = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deputised_departments",
        verbose_name=_("deputy"),
    )
    head = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_departments",
        verbose_name=_("head"),
    )
    members = models.ManyToManyField(
        User, through="Membership", related_name="member_departments", blank=True
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_fallback = models.BooleanField(_("takes what nobody else takes"), default=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_fallback"], condition=models.Q(is_fallback=True), name="one_fallback_department"
            ),
            models.CheckConstraint(
                condition=models.Q(is_fallback=False) | models.Q(retired_at=None),
                name="fallback_is_not_retired",
            ),
            models.CheckConstraint(
                condition=Exact(
                    models.Func("name", function="jsonb_typeof", output_field=models.TextField()), "object"
                ),
                name="department_is_named_by_language",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="department_never_deleted", operation=pgtrigger.Delete),
            # A partial unique index allows no second fallback; only a look at the end of the transaction can
            # see that none is left, because handing the role over passes through a moment without one.
            pgtrigger.Trigger(
                name="a_fallback_remains",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM feedback_department WHERE is_fallback) THEN
                        RAISE EXCEPTION 'one department must remain the fallback'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return texts.in_language(self.name) or self.slug


class Membership(models.Model):
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["department", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.department})"


class DepartmentAlias(models.Model):
    """A department's name as cases bring it. One that is unknown is kept and listed until a manager links it (R37)."""

    slug = models.CharField(_("name in the source"), max_length=255, unique=True)
    department = models.ForeignKey(
        Department,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="aliases",
        verbose_name=_("department"),
    )
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)

    class Meta:
        verbose_name = _("department name in a source")
        verbose_name_plural = _("department names in sources")

    def __str__(self) -> str:
        return self.slug


class Customer(models.Model):
    """A person. Unique by (source, external id) where given, else found by a contact."""

    source = models.CharField(_("source"), max_length=64, blank=True)
    external_id = models.CharField(_("external id"), max_length=255, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="customer_once_per_source",
            )
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="customer_by_creation"),
            models.Index(fields=["source", "id"], condition=~models.Q(source=""), name="customer_by_source"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id or f"#{self.pk}"


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    SMS = "sms", _("SMS")


class Contact(models.Model):
    """One address of one customer. The same address may belong to several customers (family, office)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = models.CharField(_("address"), max_length=320)
    digest = DigestField(max_length=32)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "address"], name="contact_once_per_customer"
            )
        ]
        indexes = [models.Index(fields=["digest"], name="contact_by_digest")]

    def __str__(self) -> str:
        return self.address


class Suppression(models.Model):
    """An address that must not be written to. Holds a keyed digest, so that it outlives the erasure of the address."""

    class Scope(models.TextChoices):
        SURVEYS = "surveys", _("surveys only")
        ALL = "all", _("everything")

    class Cause(models.TextChoices):
        OPT_OUT = "opt_out", _("opted out")
        STOP = "stop", _("STOP by SMS")
        HARD_BOUNCE = "hard_bounce", _("hard bounce")
        COMPLAINT = "complaint", _("spam complaint")

    digest = DigestField(max_length=32)
    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    created_at = models.DateTimeField(_("since"), default=clock.now)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [models.UniqueConstraint(fields=["digest", "scope", "cause"], name="suppressed_once")]
        indexes = [
            models.Index(fields=["created_at", "id"], name="suppression_by_time"),
            models.Index(fields=["cause", "created_at", "id"], name="suppression_by_cause"),
            models.Index(fields=["scope", "created_at", "id"], name="suppression_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} ({self.get_scope_display()})"
