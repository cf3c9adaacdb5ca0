"""The one way to change a follow-up's state: lock, check the table, save what changed, write the journal."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from feedback import links
from feedback.models import User
from followups import assignment, due, journal, policies
from followups.models import FollowUp, JournalEntry
from followups.states import (
    CLOSED,
    TRANSITIONS,
    Event,
    PointStatus,
    PromiseState,
    Severity,
    Status,
    WithdrawnReason,
)


class Stale(ValidationError):
    """What was pressed refers to something that has changed since the page was shown."""


def lock_response(response_id: int) -> None:
    """Lock a response until the transaction ends: the one lock for all that happens to its follow-ups.

    Raises:
        RuntimeError: outside a transaction, where a lock would be gone at once.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a follow-up is only changed inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM surveys_response WHERE id = %s FOR NO KEY UPDATE", [response_id])


def lock(follow_up_id: int, staff: User | None = None) -> FollowUp:
    """Lock a follow-up for a change; by ``staff``, who must be allowed to see and to work it.

    Raises:
        FollowUp.DoesNotExist: there is none, or none that this person may see.
        PermissionDenied: they may see but not work it.
    """
    rows = FollowUp.objects.all() if staff is None else policies.follow_ups(staff)
    response_id = rows.values_list("response_id", flat=True).get(pk=follow_up_id)
    lock_response(response_id)
    # Looked up anew: while we waited it may have gone where this person sees it no more.
    follow_up = rows.select_related("response", "department", "assignee", "customer").get(pk=follow_up_id)
    if staff is not None and not policies.may_work(staff, follow_up):
        raise PermissionDenied(_("You can read this follow-up, but not work it."))
    return follow_up


def move(
    follow_up: FollowUp,
    to: Status,
    at: datetime,
    *,
    staff: User | None = None,
    by_customer: bool = False,
    reason: WithdrawnReason | None = None,
    merged_into: FollowUp | None = None,
) -> JournalEntry:
    """Move a locked follow-up to another state.

    Raises:
        ValidationError: the table knows no way from its state to ``to``.
    """
    before = Status(follow_up.status)
    if to not in TRANSITIONS[before]:
        raise ValidationError(
            _("A follow-up that is “%(before)s” cannot become “%(after)s”.")
            % {"before": before.label, "after": to.label}
        )
    follow_up.status = to
    fields = ["status"]
    if to == Status.WITHDRAWN:
        follow_up.withdrawn_reason = reason or ""
        follow_up.merged_into = merged_into
        follow_up.notice_at = None
        fields += ["withdrawn_reason", "merged_into", "notice_at"]
    follow_up.save(update_fields=fields)
    entry = journal.append(
        follow_up,
        Event.MOVED,
        at,
        staff=staff,
        by_customer=by_customer,
        from_status=before,
        to_status=to,
        data={"reason": reason} if reason else _pause(follow_up, before, to),
    )
    if before in CLOSED and to == Status.WORKING and not assignment.fits(follow_up):
        assignment.reassign(follow_up, at)
    return entry


def _pause(follow_up: FollowUp, before: Status, to: Status) -> dict[str, list[int]]:
    """Name the points whose clocks stop, or go on: their reply stands on the page, but nobody can be told of it."""
    if to != Status.UNREACHABLE and (before, to) != (Status.UNREACHABLE, Status.WORKING):
        return {}
    owed = list(follow_up.points.filter(status=PointStatus.OPEN).values_list("pk", flat=True))
    return {"points" if to == Status.UNREACHABLE else "reopened": owed}


def begin_work(follow_up: FollowUp, at: datetime, staff: User) -> None:
    """An open follow-up becomes one being worked on by the first action on it."""
    if follow_up.status == Status.OPEN:
        move(follow_up, Status.WORKING, at, staff=staff)


def settle(follow_up: FollowUp, at: datetime, *, by_customer: bool = False) -> None:
    """Let the state follow from the points, then refresh what is due and how long the customer's page lives.

    An open point is owed; when none is open the customer has been told; when all are fixed it is confirmed, and no
    promise is owed any more; when all were withdrawn by the customer, so is the follow-up.
    """
    statuses = list(follow_up.points.values_list("status", flat=True))
    counted = [status for status in statuses if status != PointStatus.WITHDRAWN]
    if follow_up.status == Status.WITHDRAWN or not statuses:
        pass
    elif not counted:
        if follow_up.severity != Severity.SAFETY:
            move(
                follow_up,
                Status.WITHDRAWN,
                at,
                by_customer=by_customer,
                reason=WithdrawnReason.CUSTOMER_WITHDREW,
            )
    elif PointStatus.OPEN in counted:
        if follow_up.status in (Status.TOLD, *CLOSED):
            move(follow_up, Status.WORKING, at, by_customer=by_customer)
    else:
        if follow_up.status == Status.WORKING:
            move(follow_up, Status.TOLD, at, by_customer=by_customer)
        if set(counted) == {PointStatus.FIXED} and follow_up.status != Status.CONFIRMED:
            move(follow_up, Status.CONFIRMED, at, by_customer=by_customer)
            if by_customer:
                _release_promises(follow_up, at)
    finish(follow_up, at)


def _release_promises(follow_up: FollowUp, at: datetime) -> None:
    """Nothing more is owed to a customer who calls everything fixed: they release us from what is still promised."""
    for promise in follow_up.promises.filter(state=PromiseState.OPEN).order_by("pk"):
        promise.state, promise.settled_at = PromiseState.RELEASED, at
        promise.save(update_fields=["state", "settled_at"])
        journal.append(follow_up, Event.PROMISE_RELEASED, at, by_customer=True, data={"promise": promise.pk})


def finish(follow_up: FollowUp, at: datetime) -> None:
    """Refresh what is due, and let the customer's page live on: 180 days after its last event (R36)."""
    due.refresh(follow_up)
    links.extend([follow_up.response.link_id], at)
