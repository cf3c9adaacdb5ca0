"""The loop's numbers that followups knows, and the veto that a live follow-up casts on being asked again."""

from collections.abc import Collection
from datetime import datetime

from followups.models import FollowUp, JournalEntry
from followups.states import LIVE, OWED, Event, Status


def owed(since: datetime | None) -> int:
    """How many are being worked on now, whenever they were opened: what waits longest must not drop out."""
    return FollowUp.objects.filter(status__in=OWED).count()


def told(since: datetime | None) -> int:
    """How many follow-ups the customer was told about at least once since then."""
    found = JournalEntry.objects.filter(kind=Event.TOLD)
    found = found.filter(at__gte=since) if since else found
    return found.values("follow_up").distinct().count()


def confirmed(since: datetime | None) -> int:
    """How many stand as confirmed; those that came to it since then."""
    if since is None:
        return FollowUp.objects.filter(status=Status.CONFIRMED).count()
    moved = JournalEntry.objects.filter(
        to_status=Status.CONFIRMED, at__gte=since, follow_up__status=Status.CONFIRMED
    )
    return moved.values("follow_up").distinct().count()


def customers_with_open_follow_up(customer_ids: Collection[int]) -> set[int]:
    """Return those customers who have a live follow-up: they are not asked, their page offers the survey (R3)."""
    live = FollowUp.objects.filter(customer__any_of=customer_ids, status__in=LIVE)
    return set(live.values_list("customer_id", flat=True))
