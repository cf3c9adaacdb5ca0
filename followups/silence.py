"""Silence is counted as silence: told, and no word for seven days (DESIGN 5, R24)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from feedback import clock
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
    done = 0
    for pk in list(silent.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            follow_up = moves.lock(pk)
            still = follow_up.told_at is not None and follow_up.told_at <= now - timedelta(
                days=settings.SILENCE_DAYS
            )
            if follow_up.status == Status.TOLD and still:
                moves.move(follow_up, Status.UNCONFIRMED, now)
                moves.finish(follow_up, now)
                done += 1
    return done
