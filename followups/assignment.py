"""Who works a follow-up: never the person who served, always somebody active (R12, R13)."""

from collections.abc import Iterator
from datetime import datetime

from feedback.models import Department, User
from feedback.models.staff import Role
from followups import journal
from followups.models import FollowUp
from followups.states import Event, PromiseState


def served_user_id(follow_up: FollowUp) -> int | None:
    """Return the user who served in the case, by the link that the staff name has now."""
    served_by = follow_up.response.invitation.resolution.served_by
    return served_by.user_id if served_by else None


def choose(department: Department, *, served_user_id: int | None, about_person: bool) -> User | None:
    """Return the first of the chain who is active and did not serve, or none.

    The chain is owner → deputy → another member → head → fallback's head → an executive → any manager. With a point
    about the person who served, the head comes first.
    """
    chain = _chain(department)
    if about_person:
        chain = _head_first(department, chain)
    return next((user for user in chain if user and user.is_active and user.pk != served_user_id), None)


def _chain(department: Department) -> Iterator[User | None]:
    yield department.owner
    yield department.deputy
    yield from User.objects.filter(memberships__department=department, is_active=True).order_by("pk")
    yield department.head
    fallback = Department.objects.filter(is_fallback=True).select_related("head").first()
    yield fallback.head if fallback else None
    for role in (Role.EXECUTIVE, Role.MANAGER):
        yield from User.objects.filter(role_grants__role=role, is_active=True).order_by("pk")


def _head_first(department: Department, chain: Iterator[User | None]) -> Iterator[User | None]:
    yield department.head
    yield from chain


def has_person_point(follow_up: FollowUp) -> bool:
    return follow_up.points.filter(about_person=True).exists()


def reassign(follow_up: FollowUp, at: datetime, *, to: User | None = None, staff: User | None = None) -> None:
    """Give a locked follow-up, with its open promises, to ``to``, or to the first of the chain."""
    to = to or choose(
        follow_up.department,
        served_user_id=served_user_id(follow_up),
        about_person=has_person_point(follow_up),
    )
    if (to.pk if to else None) == follow_up.assignee_id:
        return
    before = follow_up.assignee_id
    follow_up.assignee = to
    follow_up.notice_at = at if to is not None and to != staff else None
    follow_up.save(update_fields=["assignee", "notice_at"])
    follow_up.promises.filter(state=PromiseState.OPEN).update(assignee=to)
    journal.append(
        follow_up, Event.ASSIGNED, at, staff=staff, data={"from": before, "to": to.pk if to else None}
    )


def fits(follow_up: FollowUp) -> bool:
    """Say whether a follow-up has an assignee who is active and did not serve."""
    assignee = follow_up.assignee
    return assignee is not None and assignee.is_active and assignee.pk != served_user_id(follow_up)
