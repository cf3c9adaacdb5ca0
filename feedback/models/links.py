"""Personal links. A row says that a link exists and for what; the address itself is derived, never stored (R36)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models.people import Contact, Customer


class Purpose(models.TextChoices):
    SURVEY = "survey", _("survey")
    PAGE = "page", _("customer's page")
    OPT_OUT = "opt_out", _("opt-out")


class Link(models.Model):
    """One personal link: one purpose, one customer, revocable and expiring."""

    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="links")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.OPT_OUT, contact__isnull=False)
                | ~models.Q(purpose=Purpose.OPT_OUT),
                name="opt_out_link_has_its_address",
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(purpose=Purpose.OPT_OUT),
                name="one_opt_out_link_per_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class MissWindow(models.Model):
    """How many links that do not exist one client has tried since ``started_at``: the limit on guessing (R36)."""

    client = models.BinaryField(max_length=32, primary_key=True)
    started_at = models.DateTimeField()
    misses = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("tries of unknown links")
        verbose_name_plural = _("tries of unknown links")
        indexes = [models.Index(fields=["started_at"], name="misses_by_age")]

    def __str__(self) -> str:
        return str(self.misses)
