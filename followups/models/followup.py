"""Follow-ups, the points they hold, and the rules that say whose they are."""

from datetime import UTC, datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models import Customer, Department
from followups.states import TRANSITIONS, PointStatus, Severity, Status, WithdrawnReason
from surveys.models import Answer, Response

DUE_OR_NEVER = Coalesce("next_due_at", models.Value(datetime(9999, 1, 1, tzinfo=UTC), models.DateTimeField()))
"""What the API orders by: a follow-up that owes nothing is due after all that do."""


class RoutingRule(models.Model):
    """Which department a point belongs to. Rules are asked in order; the first whose given fields all match wins."""

    position = models.PositiveIntegerField(_("position"), unique=True)
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    about_person = models.BooleanField(_("about the person who served"), null=True, blank=True)
    case_department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department of the case"),
    )
    product = models.CharField(_("product"), max_length=255, blank=True)
    channel = models.CharField(_("channel of the case"), max_length=64, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="routing_rules", verbose_name=_("goes to")
    )

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} → {self.department}"


class FollowUp(models.Model):
    """The task that a department owns because of negative answers of one response."""

    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("response")
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="follow_ups")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("department")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("assignee"),
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.OPEN)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.NORMAL)
    opened_at = models.DateTimeField(_("opened"), default=clock.now)
    next_due_at = models.DateTimeField(_("next due"), null=True, blank=True)
    told_at = models.DateTimeField(_("last told"), null=True, blank=True)
    notice_at = models.DateTimeField(_("notice to the assignee due"), null=True, blank=True)
    withdrawn_reason = models.CharField(
        _("withdrawn because"), max_length=20, choices=WithdrawnReason, blank=True
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["response", "department"],
                condition=~models.Q(status=Status.WITHDRAWN),
                name="one_follow_up_per_response_and_department",
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.WITHDRAWN) ^ models.Q(withdrawn_reason=""),
                name="withdrawn_means_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_reason=WithdrawnReason.MERGED) ^ models.Q(merged_into=None),
                name="merged_means_a_pointer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "next_due_at"],
                condition=models.Q(status__in=[Status.OPEN, Status.WORKING]),
                name="follow_up_owed_by_department",
            ),
            models.Index(
                fields=["assignee", "next_due_at"],
                condition=models.Q(status__in=[Status.OPEN, Status.WORKING]),
                name="follow_up_owed_by_assignee",
            ),
            models.Index(fields=["department", "status", "next_due_at"], name="follow_up_by_department"),
            models.Index(fields=["status", "next_due_at"], name="follow_up_by_status"),
            # The desk's own order (rows.SOONEST), for its tabs of what is over, and the API's.
            models.Index(fields=["next_due_at", "-opened_at", "-id"], name="follow_up_soonest"),
            models.Index(
                fields=["next_due_at", "-opened_at", "-id"],
                condition=models.Q(status=Status.WITHDRAWN),
                name="follow_up_withdrawn",
            ),
            models.Index(
                fields=["next_due_at", "-opened_at", "-id"],
                condition=~models.Q(severity=Severity.NORMAL),
                name="follow_up_severe",
            ),
            # The same for one department and for one person: of a few among very many, whatever became of theirs.
            models.Index(
                fields=["department", "next_due_at", "-opened_at", "-id"], name="follow_up_soonest_department"
            ),
            models.Index(
                fields=["assignee", "next_due_at", "-opened_at", "-id"], name="follow_up_soonest_assignee"
            ),
            models.Index(fields=["department", "id"], name="follow_up_of_department"),
            models.Index(fields=["assignee", "id"], name="follow_up_of_assignee"),
            models.Index(fields=["opened_at", "id"], name="follow_up_by_opening"),
            models.Index(DUE_OR_NEVER, "id", name="follow_up_by_due_or_never"),
            models.Index(fields=["told_at"], condition=models.Q(status=Status.TOLD), name="follow_up_told"),
            models.Index(
                fields=["notice_at"], condition=models.Q(notice_at__isnull=False), name="follow_up_notice_due"
            ),
            models.Index(
                fields=["customer"],
                condition=models.Q(status__in=[Status.OPEN, Status.WORKING, Status.TOLD]),
                name="follow_up_live_of_customer",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="only_known_transitions",
                field="status",
                transitions=[(a.value, b.value) for a, targets in TRANSITIONS.items() for b in targets],
            ),
            # What the table of states says in words is repeated here, where no form and no shell can pass it by.
            pgtrigger.Trigger(
                name="closed_only_through_a_telling",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status") | pgtrigger.Insert,  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__status__in=["told", "confirmed", "unconfirmed", "unreachable"]),
                func="""
                    IF NEW.status <> 'unreachable' AND NOT EXISTS (
                        SELECT 1 FROM followups_journalentry j
                        WHERE j.follow_up_id = NEW.id AND j.kind = 'told'
                    ) THEN
                        RAISE EXCEPTION 'follow-up % cannot become % before the customer was told', NEW.id, NEW.status
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF NOT EXISTS (
                        SELECT 1 FROM followups_reply r WHERE r.follow_up_id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'follow-up % cannot become % without a reply', NEW.id, NEW.status
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.status = 'confirmed' AND EXISTS (
                        SELECT 1 FROM followups_point p
                        WHERE p.follow_up_id = NEW.id AND p.status NOT IN ('fixed', 'withdrawn')
                    ) THEN
                        RAISE EXCEPTION 'follow-up % has points that the customer did not call fixed', NEW.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Point(models.Model):
    """One thing to mend, in exactly one follow-up."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="points")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="points")
    key = models.CharField(_("about"), max_length=40)
    title = models.CharField(_("title"), max_length=255, blank=True)
    about_person = models.BooleanField(_("about the person who served"), default=False)
    status = models.CharField(_("status"), max_length=12, choices=PointStatus, default=PointStatus.OPEN)
    rule = models.ForeignKey(
        RoutingRule,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("routing rule"),
    )
    routed_by = models.CharField(_("routed by"), max_length=64)
    split_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="splits"
    )
    opened_at = models.DateTimeField(_("customer's answer"), default=clock.now)

    class Meta:
        verbose_name = _("point")
        verbose_name_plural = _("points")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "key"],
                condition=models.Q(split_from=None),
                name="one_point_per_thing_said",
            ),
        ]
        triggers = [pgtrigger.Protect(name="point_never_dropped", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title or self.key


class Evidence(models.Model):
    """Which negative answer, and which reason chosen in it (blank: the answer as such), stands behind which point."""

    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="evidence")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="evidence")
    reason = models.CharField(_("reason"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [models.UniqueConstraint(fields=["point", "answer", "reason"], name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.point_id} ← {self.answer_id}"
