"""Silence is counted as silence: told, and no word for seven days (DESIGN 5, R24)."""

from datetime import datetime, timedelta

from django.conf import settings

from feedback import clock
from feedback.sweeping import go_through
from followups import moves
from followups.models import FollowUp
from followups.states import Status

BATCH = 200


def close_silent(now: datetime | None = None) -> int:
    """Close as ``unconfirmed`` what was told long enough ago with a point still silent. Returns how many."""
    now = now or clock.now()
    silent = FollowUp.objects.filter(
        status=Status.TOLD, told_at__lte=now - timedelta(days=settings.SILENCE_DAYS)
    ).order_by("told_at", "pk")
    closed: set[int] = set()
    # One at a time: each lock is short, and a row that cannot be closed keeps no other from it.
    for pk in list(silent.values_list("pk", flat=True)[:BATCH]):
        go_through([pk], lambda ids: closed.update(one for one in ids if _close(one, now)))
    return len(closed)


def _close(follow_up_id: int, now: datetime) -> bool:
    follow_up = moves.lock(follow_up_id)
    told_at = follow_up.told_at
    still = told_at is not None and told_at <= now - timedelta(days=settings.SILENCE_DAYS)
    if follow_up.status != Status.TOLD or not still:
        return False
    moves.move(follow_up, Status.UNCONFIRMED, now)
    moves.finish(follow_up, now)
    return True
