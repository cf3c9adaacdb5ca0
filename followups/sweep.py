"""Makes what doorbells missed: a negative answer without a point, a reply whose message was settled unheard."""

from feedback import clock
from feedback.models.messages import State
from feedback.sweeping import BATCH, LOOK_BACK, go_through
from followups import assignment, notices, points, replies
from followups.models import Reply
from followups.states import Status
from surveys.models import Answer

OVER = (State.ACCEPTED, State.REFUSED, State.CANCELLED)


def run(*, everything: bool = False) -> None:
    """Sweep once.

    Args:
        everything: look at all answers, not only at those of the last seven days.
    """
    unheard = Answer.objects.exclude(negative="").filter(evidence=None).order_by("answered_at")
    if not everything:
        unheard = unheard.filter(answered_at__gte=clock.now() - LOOK_BACK)
    go_through(set(unheard.values_list("response_id", flat=True)[:BATCH]), points.open_points)
    waiting = Reply.objects.filter(follow_up__status=Status.WORKING, message__state__in=OVER).order_by("pk")
    ids = {pk for pk in waiting.values_list("message_id", flat=True)[:BATCH] if pk}
    go_through(ids, replies.follow_messages)
    assignment.hand_over(assignment.UNFIT)
    notices.send_due()
