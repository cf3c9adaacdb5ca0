"""Rows that operation needs: the pause, the worker's heartbeat, keys of repeated POSTs, how far an import has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models.staff import User


class Pause(models.Model):
    """One stretch of time in which no survey leaves (R42). The open row, if any, is the switch."""

    started_at = models.DateTimeField(_("since"), default=clock.now)
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    why = models.CharField(_("why"), max_length=255)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("pause of all surveys")
        verbose_name_plural = _("pauses of all surveys")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(ended_at=None), name="one_pause_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.why


class Heartbeat(models.Model):
    """The last time a task written through the queue was really run: proof that workers consume."""

    name = models.CharField(max_length=64, primary_key=True)
    sent_at = models.DateTimeField()
    ran_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """The stored answer to one POST, so that repeating it repeats only the answer (R37)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]

    def __str__(self) -> str:
        return self.key


class CaseImport(models.Model):
    """How far the import of one file has come. It moves in the transaction of the rows that it counts."""

    source = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    options = models.JSONField(default=dict)
    records = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    rejects_size = models.PositiveBigIntegerField(default=0)
    rejects_check = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of cases")
        verbose_name_plural = _("imports of cases")
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="case_import_once_per_file")]

    def __str__(self) -> str:
        return self.name
