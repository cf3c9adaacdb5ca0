"""Makes what doorbells missed: a resolution without an invitation, a decision that its message has overtaken."""

from datetime import datetime

from feedback import clock
from feedback.models import Resolution
from feedback.models.messages import UNSENT, State
from feedback.sweeping import BATCH, LOOK_BACK, go_through
from surveys import invitations
from surveys.models import Invitation


def run(*, everything: bool = False) -> int:
    """Sweep once. Returns how many invitations were made.

    Args:
        everything: look at all rows, not only at those of the last seven days.
    """
    since = None if everything else clock.now() - LOOK_BACK
    made = _decide_the_missing(since)
    asked = Invitation.objects.filter(state=Invitation.State.ASKED)
    if since:
        asked = asked.filter(created_at__gte=since)
    reopened = asked.filter(resolution__reopened_at__isnull=False, message__state__in=UNSENT)
    go_through(reopened.values_list("resolution_id", flat=True)[:BATCH], invitations.cancel_reopened)
    overtaken = asked.filter(message__state=State.CANCELLED, response=None)
    ids = [pk for pk in overtaken.values_list("message_id", flat=True)[:BATCH] if pk]
    go_through(ids, invitations.follow_messages)
    return made


def _decide_the_missing(since: datetime | None) -> int:
    made = 0
    missing = Resolution.objects.filter(invitation=None).order_by("created_at", "pk")
    if since:
        missing = missing.filter(created_at__gte=since)
    while ids := list(missing.values_list("pk", flat=True)[:BATCH]):
        decided = go_through(ids, invitations.decide)
        made += decided
        if len(ids) < BATCH or not decided:
            break
    return made
