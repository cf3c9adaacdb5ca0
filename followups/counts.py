"""The loop's numbers that followups knows, and the veto that a live follow-up casts on being asked again."""

from collections.abc import Collection

from followups.models import FollowUp, JournalEntry
from followups.states import LIVE, OWED, Event, Status


def owed() -> int:
    return FollowUp.objects.filter(status__in=OWED).count()


def told() -> int:
    """How many follow-ups the customer was told about at least once."""
    return JournalEntry.objects.filter(kind=Event.TOLD).values("follow_up").distinct().count()


def confirmed() -> int:
    return FollowUp.objects.filter(status=Status.CONFIRMED).count()


def customers_with_open_follow_up(customer_ids: Collection[int]) -> set[int]:
    """Return those customers who have a live follow-up: they are not asked, their page offers the survey (R3)."""
    live = FollowUp.objects.filter(customer__any_of=customer_ids, status__in=LIVE)
    return set(live.values_list("customer_id", flat=True))
