"""The append-only journal of a follow-up, and the words it points at."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from followups.models.followup import FollowUp, Point
from followups.states import Event, Status
from surveys.models import Response


class Words(models.Model):
    """Free words of the thread: notes, what staff and the customer wrote. They can be erased; the journal stays."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="words")
    text = models.TextField(_("words"))
    written_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Actor(models.TextChoices):
    STAFF = "staff", _("staff")
    CUSTOMER = "customer", _("customer")
    SYSTEM = "system", _("Answerback")


class JournalEntry(models.Model):
    """One event of a follow-up. Every clock is computed from these rows; none is ever changed or removed."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="journal")
    kind = models.CharField(_("what"), max_length=20, choices=Event)
    at = models.DateTimeField(_("when"), default=clock.now)
    by = models.CharField(_("by"), max_length=8, choices=Actor)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    point = models.ForeignKey(Point, on_delete=models.PROTECT, null=True, blank=True, related_name="journal")
    words = models.ForeignKey(Words, on_delete=models.PROTECT, null=True, blank=True, related_name="journal")
    from_status = models.CharField(_("from"), max_length=12, choices=Status, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=Status, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by=Actor.STAFF) ^ models.Q(staff=None), name="staff_entry_names_the_person"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=Event.MOVED) | ~models.Q(to_status=""), name="a_move_names_its_goal"
            ),
        ]
        indexes = [
            # The loop's numbers of the last days (counts.py).
            models.Index(fields=["at"], condition=models.Q(kind=Event.TOLD), name="journal_told_by_time"),
            models.Index(
                fields=["at"],
                condition=models.Q(to_status=Status.CONFIRMED),
                name="journal_confirmed_by_time",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.follow_up_id} {self.kind}"
