"""Cases, the events they are made of, and their resolutions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models.digests import DigestField
from feedback.models.people import Customer, Department
from feedback.models.staff import StaffIdentity


class CaseStatus(models.TextChoices):
    OPEN = "open", _("open")
    RESOLVED = "resolved", _("resolved")


class CaseSnapshot(models.Model):
    """What is known of a case at one of its events. Case and resolution both hold one."""

    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    department_slug = models.CharField(_("department as named by the source"), max_length=255, blank=True)
    served_by = models.ForeignKey(
        StaffIdentity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("served by"),
    )
    product = models.CharField(_("product"), max_length=255, blank=True)
    order_ref = models.CharField(_("order"), max_length=255, blank=True)
    channel = models.CharField(_("channel of the case"), max_length=64, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    resolution_text = models.TextField(_("resolution in words"), blank=True)

    class Meta:
        abstract = True


class Case(CaseSnapshot):
    """One piece of service in a source system: a ticket, an order, a repair."""

    source = models.CharField(_("source"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=255)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="cases", verbose_name=_("customer")
    )
    status = models.CharField(_("status"), max_length=8, choices=CaseStatus, default=CaseStatus.OPEN)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="case_once_per_source")]
        # Lists are long: each order and each filter of theirs has its index, kept small where most rows say nothing.
        indexes = [
            models.Index(fields=["created_at", "id"], name="case_by_creation"),
            models.Index(fields=["updated_at", "id"], name="case_by_change"),
            models.Index(fields=["external_id"], name="case_by_external_id"),
            models.Index(fields=["id"], condition=models.Q(status=CaseStatus.OPEN), name="case_open"),
            models.Index(fields=["product", "id"], condition=~models.Q(product=""), name="case_by_product"),
            models.Index(fields=["channel", "id"], condition=~models.Q(channel=""), name="case_by_channel"),
            models.Index(
                fields=["department_slug"],
                condition=models.Q(department=None) & ~models.Q(department_slug=""),
                name="case_of_unknown_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class CaseEvent(models.Model):
    """One thing that the source said of a case, kept as it came. Cases and resolutions are derived from these rows."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    sequence = models.BigIntegerField(null=True, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    status = models.CharField(max_length=8, choices=CaseStatus)
    digest = DigestField(max_length=32)
    payload = models.JSONField()

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        constraints = [models.UniqueConstraint(fields=["case", "digest"], name="case_event_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"


class Resolution(CaseSnapshot):
    """One time that a case was resolved: the first event of an unbroken run of ``resolved``.

    A late event may move ``event`` to an earlier one of the same run, or split a run; no row is ever deleted.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("case")
    )
    event = models.OneToOneField(CaseEvent, on_delete=models.PROTECT, related_name="resolution")
    resolved_at = models.DateTimeField(_("resolved"))
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        indexes = [
            models.Index(fields=["created_at"], name="resolution_by_creation"),
            models.Index(fields=["resolved_at", "id"], name="resolution_by_time"),
            models.Index(
                fields=["product", "id"], condition=~models.Q(product=""), name="resolution_by_product"
            ),
            models.Index(
                fields=["channel", "id"], condition=~models.Q(channel=""), name="resolution_by_channel"
            ),
            models.Index(
                fields=["department_slug"],
                condition=models.Q(department=None) & ~models.Q(department_slug=""),
                name="resolution_unknown_department",
            ),
            models.Index(
                fields=["reopened_at"],
                condition=models.Q(reopened_at__isnull=False),
                name="resolution_reopened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.resolved_at:%Y-%m-%d %H:%M}"
