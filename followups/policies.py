"""Which follow-ups a user may see, and which they may work (R13, R39)."""

from typing import Any

from django.db.models import Q, QuerySet

from feedback import access
from feedback.models import User
from feedback.models.staff import Role
from followups.models import FollowUp, JournalEntry, Point, Promise, Reply, RoutingRule
from followups.states import Severity


def follow_ups(user: User) -> QuerySet[Any]:
    """Return the follow-ups that ``user`` may see."""
    rows = FollowUp.objects.all()
    if not access.is_manager(user):
        allowed = Q(department__in=access.departments_of(user).values("pk")) | Q(assignee=user)
        if Role.SAFETY_OWNER in access.roles(user):
            allowed |= Q(severity=Severity.SAFETY)
        rows = rows.filter(allowed)
    # Those of cases in which this person served are hidden from them, whatever their role (R13).
    names = access.names_of(user)
    return rows.exclude(response__invitation__resolution__served_by__in=names) if names else rows


def may_work(user: User, follow_up: FollowUp) -> bool:
    """Say whether someone who may see a follow-up may also act on it. An executive reads only (DESIGN 9)."""
    if access.is_manager(user) or follow_up.assignee_id == user.pk:
        return True
    if follow_up.severity == Severity.SAFETY and Role.SAFETY_OWNER in access.roles(user):
        return True
    return access.departments_of(user).filter(pk=follow_up.department_id).exists()


def register() -> None:
    access.register(FollowUp, follow_ups)
    for model in (Point, JournalEntry, Promise, Reply):
        access.register(model, _of_visible_follow_ups(model))
    access.register(RoutingRule, access.managers_only(RoutingRule))


def _of_visible_follow_ups(model: Any) -> access.Policy:
    return lambda user: model.objects.filter(follow_up__in=follow_ups(user).values("pk"))
