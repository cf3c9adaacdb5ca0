"""What followups does when a doorbell rings. The sweep does the same for what a doorbell missed."""

from typing import Any

from django.db.models import F, Q
from django.db.models.signals import post_save

from feedback import signals
from feedback.models import StaffIdentity, User
from followups import handover, points, replies
from surveys.signals import response_recorded


def on_case_changed(resolution_ids: list[int]) -> None:
    """Whoever a late event names as the person who served hands over at once (R13)."""
    handover.hand_over(
        Q(
            response__invitation__resolution__in=resolution_ids,
            response__invitation__resolution__served_by__user=F("assignee"),
        )
    )


def on_response_recorded(negative_ids: list[int]) -> None:
    """Open the points that negative answers ask for."""
    points.open_points(negative_ids)


def on_message_changed(message_ids: list[int]) -> None:
    """Bring follow-ups in line with what became of their replies' messages."""
    replies.follow_messages(message_ids)


def on_staff_saved(instance: User, **kwargs: Any) -> None:
    """Whoever leaves hands over in the same transaction (R12)."""
    if not instance.is_active:
        handover.hand_over(Q(assignee=instance))


def on_identity_saved(instance: StaffIdentity, **kwargs: Any) -> None:
    """A staff name linked to a user late protects at once (R13)."""
    if instance.user_id is not None:
        handover.hand_over(Q(assignee=instance.user_id, response__invitation__resolution__served_by=instance))


def connect() -> None:
    signals.case_changed.connect(
        signals.in_savepoint(on_case_changed), weak=False, dispatch_uid="followups.case_changed"
    )
    response_recorded.connect(
        signals.in_savepoint(on_response_recorded, "negative_ids"),
        weak=False,
        dispatch_uid="followups.response_recorded",
    )
    signals.message_changed.connect(
        signals.in_savepoint(on_message_changed), weak=False, dispatch_uid="followups.message_changed"
    )
    post_save.connect(on_staff_saved, sender=User, dispatch_uid="followups.staff_saved")
    post_save.connect(on_identity_saved, sender=StaffIdentity, dispatch_uid="followups.identity_saved")
