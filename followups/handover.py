"""Handing over what somebody can no longer work: they left, or turned out to have served in the case (R12, R13)."""

from django.db import transaction
from django.db.models import F, Q

from feedback import clock
from followups import assignment, moves
from followups.models import FollowUp
from followups.states import LIVE

UNFIT = (
    Q(assignee=None)
    | Q(assignee__is_active=False)
    | Q(response__invitation__resolution__served_by__user=F("assignee"))
)
"""Follow-ups whose assignee is missing, inactive, or the person who served."""


def hand_over(follow_ups: Q) -> int:
    """Reassign those live follow-ups whose assignee can no longer be it. Returns how many were.

    What is closed is handed over when it returns to work, so that nobody is given what may never come back.
    """
    now = clock.now()
    done = 0
    # By response, as everybody who locks several does.
    rows = FollowUp.objects.filter(follow_ups, status__in=LIVE).order_by("response", "pk")
    for pk in rows.values_list("pk", flat=True):
        with transaction.atomic():
            follow_up = moves.lock(pk)
            if not assignment.fits(follow_up):
                assignment.reassign(follow_up, now)
                done += 1
    return done
