"""Where points live: follow-ups are opened for them, points move with what belongs to them, emptied ones are merged."""

from datetime import datetime, timedelta

from django.conf import settings

from feedback.models import Department, User
from followups import assignment, journal, moves
from followups.models import FollowUp, Point
from followups.states import (
    SEVERITY_RANK,
    Event,
    PointStatus,
    PromiseState,
    Severity,
    Status,
    WithdrawnReason,
)
from surveys.models import Response


def open_follow_up(
    response: Response, department: Department, now: datetime, *, about_person: bool = False
) -> FollowUp:
    """Open a follow-up of a locked response for a department, with its assignee."""
    served_by = response.invitation.resolution.served_by
    assignee = assignment.choose(
        department, served_user_id=served_by.user_id if served_by else None, about_person=about_person
    )
    follow_up = FollowUp.objects.create(
        response=response,
        customer_id=response.customer_id,
        department=department,
        assignee=assignee,
        opened_at=now,
        notice_at=now + timedelta(seconds=settings.NOTICE_DELAY_SECONDS) if assignee else None,
    )
    journal.append(follow_up, Event.OPENED, now, data={"assignee": assignee.pk if assignee else None})
    return follow_up


def bring(point: Point, target: FollowUp, now: datetime) -> None:
    """Let a point, with its promises, belong to another follow-up of its response, which is locked."""
    point.follow_up = target
    point.save(update_fields=["follow_up"])
    point.promises.update(follow_up=target)
    point.promises.filter(state=PromiseState.OPEN).update(assignee=target.assignee)
    if point.about_person:
        # Whoever heads the department takes over what touches one of its people.
        assignment.reassign(target, now)


def bring_promises(source: FollowUp, target: FollowUp) -> None:
    """Let the open promises of a follow-up that is over belong to the one that goes on in its place."""
    source.promises.filter(state=PromiseState.OPEN).update(follow_up=target, assignee=target.assignee)


def merge_if_emptied(source: FollowUp, target: FollowUp, now: datetime, *, staff: User | None = None) -> bool:
    """Withdraw as merged a follow-up that has no points left but those that the customer withdrew; say whether."""
    if source.points.exclude(status=PointStatus.WITHDRAWN).exists():
        return False
    bring_promises(source, target)
    moves.move(source, Status.WITHDRAWN, now, staff=staff, reason=WithdrawnReason.MERGED, merged_into=target)
    return True


def raise_severity(follow_up: FollowUp, to: Severity, now: datetime) -> None:
    """Raise a locked follow-up's severity; one that is as high already stays as it is (R14)."""
    before = Severity(follow_up.severity)
    if SEVERITY_RANK[to] <= SEVERITY_RANK[before]:
        return
    journal.append(follow_up, Event.SEVERITY_RAISED, now, data={"from": before, "to": to})
    follow_up.severity = to
    follow_up.save(update_fields=["severity"])
