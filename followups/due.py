"""What is due next in a follow-up: computed from journal and promises, kept in ``next_due_at`` to order lists by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from followups import clocks, journal
from followups.models import FollowUp
from followups.states import OWED, PointStatus, PromiseState


@dataclass(frozen=True)
class Due:
    """When each thing is due, aware datetimes; ``None`` where nothing of the kind is owed."""

    first_contact: datetime | None
    told: datetime | None
    promise: datetime | None

    @property
    def next(self) -> datetime | None:
        return min((at for at in (self.first_contact, self.told, self.promise) if at), default=None)


NOTHING = Due(None, None, None)


def of(follow_up: FollowUp) -> Due:
    """Compute what is due in a follow-up."""
    promise = min(
        follow_up.promises.filter(state=PromiseState.OPEN).values_list("due_at", flat=True), default=None
    )
    if follow_up.status not in OWED:
        return Due(None, None, promise)
    entries = journal.happenings(follow_up.response_id)
    everything = [entry for _, entry in entries]
    own = [entry for follow_up_id, entry in entries if follow_up_id == follow_up.pk]
    points = list(follow_up.points.exclude(status=PointStatus.WITHDRAWN))
    target = timedelta(hours=settings.TOLD_HOURS)
    told = [
        clocks.told_due(clocks.owed(point.pk, point.opened_at, everything), target)
        for point in points
        if point.status == PointStatus.OPEN
    ]
    since = min((point.opened_at for point in points), default=follow_up.opened_at)
    return Due(
        first_contact=clocks.first_contact_due(since, own, timedelta(hours=settings.FIRST_CONTACT_HOURS)),
        told=min((at for at in told if at), default=None),
        promise=promise,
    )


def at_first(opened: Sequence[datetime]) -> datetime | None:
    """Return what is due first in a follow-up just opened, by when the answers behind its points were given."""
    target = timedelta(hours=settings.TOLD_HOURS)
    told = [clocks.told_due([clocks.Span(at, None)], target) for at in opened]
    first = clocks.first_contact_due(min(opened), [], timedelta(hours=settings.FIRST_CONTACT_HOURS))
    return Due(first, min(at for at in told if at), None).next


def refresh(follow_up: FollowUp) -> None:
    """Bring ``next_due_at`` in line with journal and promises."""
    follow_up.next_due_at = of(follow_up).next
    follow_up.save(update_fields=["next_due_at"])
