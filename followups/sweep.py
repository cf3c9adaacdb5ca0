"""Makes what doorbells missed: a negative answer without a point, a reply whose message was settled unheard."""

from feedback.models.messages import State
from followups import assignment, notices, points, replies
from followups.models import Reply
from followups.states import Status
from surveys.models import Answer

BATCH = 500


def run() -> None:
    """Sweep once."""
    unheard = Answer.objects.exclude(negative="").filter(evidence=None).order_by("answered_at")
    points.open_points(set(unheard.values_list("response_id", flat=True)[:BATCH]))
    replies.follow_messages(
        list(
            Reply.objects.filter(
                follow_up__status=Status.WORKING,
                message__state__in=[State.ACCEPTED, State.REFUSED, State.CANCELLED],
            )
            .order_by("pk")
            .values_list("message_id", flat=True)[:BATCH]
        )
    )
    assignment.hand_over(assignment.UNFIT)
    notices.send_due()
