"""Makes what doorbells missed: a negative answer without a point, a reply whose message was settled unheard."""

from feedback import clock
from feedback.sweeping import BATCH, LOOK_BACK, go_through
from followups import handover, notices, points, replies
from surveys.models import Answer


def run(*, everything: bool = False) -> None:
    """Sweep once.

    Args:
        everything: look at all answers, not only at those of the last seven days.
    """
    unheard = Answer.objects.exclude(negative="").filter(evidence=None).order_by("answered_at")
    if not everything:
        unheard = unheard.filter(answered_at__gte=clock.now() - LOOK_BACK)
    go_through(set(unheard.values_list("response_id", flat=True)[:BATCH]), points.open_points)
    waiting = replies.underway().filter(message__state__in=replies.OVER).order_by("pk")
    ids = {pk for pk in waiting.values_list("message_id", flat=True)[:BATCH] if pk}
    go_through(ids, replies.follow_messages)
    handover.hand_over(handover.UNFIT)
    notices.send_due()
