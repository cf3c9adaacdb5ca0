"""Makes what doorbells missed: a resolution without an invitation, a decision that its message has overtaken."""

from feedback.models import Resolution
from feedback.models.messages import UNSENT, State
from surveys import invitations
from surveys.models import Invitation

BATCH = 500


def run() -> int:
    """Sweep once. Returns how many invitations were made; batches are of 500, so a long backlog never holds locks long."""
    made = 0
    while ids := list(
        Resolution.objects.filter(invitation=None).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        made += len(invitations.decide(ids))
        if len(ids) < BATCH:
            break
    asked = Invitation.objects.filter(state=Invitation.State.ASKED)
    invitations.cancel_reopened(
        list(
            asked.filter(resolution__reopened_at__isnull=False, message__state__in=UNSENT).values_list(
                "resolution_id", flat=True
            )[:BATCH]
        )
    )
    invitations.follow_messages(
        list(
            asked.filter(message__state=State.CANCELLED, response=None).values_list("message_id", flat=True)[
                :BATCH
            ]
        )
    )
    return made
