"""The report-back, per point, and the customer's last word on it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models import Message
from followups.models.followup import FollowUp, Point


class Reply(models.Model):
    """One report-back: what was found, done and changed, for every point it covers."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="replies")
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="reply"
    )
    posted_at = models.DateTimeField(_("posted"), default=clock.now)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"#{self.pk}"


def _said(field: str) -> models.Q:
    return models.Q(**{f"{field}__regex": r"\S"})


class ReplyPart(models.Model):
    """What the reply says about one point (R23). None of the three may be empty."""

    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="parts")
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="reply_parts")
    found = models.TextField(_("what we found"))
    did = models.TextField(_("what we did"))
    changes = models.TextField(_("what changes for you"))

    class Meta:
        verbose_name = _("part of a reply")
        verbose_name_plural = _("parts of a reply")
        constraints = [
            models.UniqueConstraint(fields=["reply", "point"], name="one_part_per_point"),
            models.CheckConstraint(
                condition=_said("found") & _said("did") & _said("changes"), name="a_reply_is_never_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reply_id}/{self.point_id}"


class Verdict(models.Model):
    """The customer's word on one point of a reply. A later one outranks an earlier one; none is removed."""

    class Word(models.TextChoices):
        FIXED = "fixed", _("fixed")
        NOT_FIXED = "not_fixed", _("not fixed")

    part = models.ForeignKey(ReplyPart, on_delete=models.PROTECT, related_name="verdicts")
    word = models.CharField(_("verdict"), max_length=12, choices=Word)
    said_at = models.DateTimeField(_("said"), default=clock.now)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        ordering = ["id"]
        triggers = [
            pgtrigger.Protect(name="verdict_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.word}"
