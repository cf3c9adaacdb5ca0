"""Something said to the customer with a due time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from followups.models.followup import FollowUp, Point
from followups.models.journal import Words
from followups.states import PromiseState


class Promise(models.Model):
    """One promise. Its text stands on the customer's page; overdue is computed, never stored (R19)."""

    class Kind(models.TextChoices):
        CALL = "call", _("a call")
        OTHER = "other", _("something else")

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="promises")
    point = models.ForeignKey(Point, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.OTHER)
    words = models.ForeignKey(Words, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="promises"
    )
    made_at = models.DateTimeField(_("made"), default=clock.now)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=PromiseState.OPEN) ^ models.Q(settled_at__isnull=False),
                name="open_promise_is_unsettled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state=PromiseState.OPEN), name="promise_open_by_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_at:%Y-%m-%d %H:%M}"
