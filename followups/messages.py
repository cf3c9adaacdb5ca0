"""The words of the messages about a follow-up: short, and pointing at the page where everything stands."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from feedback import wording
from feedback.models import Customer, User
from followups.models import FollowUp

FOLDER = "followups/messages/"


def reply_message(
    channel: str, language: str, *, customer: Customer, about: str, points: int
) -> wording.Rendered:
    """Return the message that a reply stands on the customer's page.

    Args:
        channel: ``email`` or ``sms``.
        about: the case's subject, or empty.
        points: how many points the reply covers.
    """
    return wording.compose(
        FOLDER + "reply", channel, language, {"name": customer.name, "about": about.strip(), "points": points}
    )


def staff_written(
    channel: str, language: str, *, customer: Customer, about: str, text: str
) -> wording.Rendered:
    """Return the message that carries what staff wrote to the customer: in full by email, as a pointer by SMS."""
    return wording.compose(
        FOLDER + "written",
        channel,
        language,
        {"name": customer.name, "about": about.strip(), "words": text.strip()},
    )


def promise_made(
    channel: str, language: str, *, customer: Customer, text: str, due_at: datetime, call: bool = False
) -> wording.Rendered:
    """Return the message that something was promised, and by when in the customer's own time."""
    return wording.compose(
        FOLDER + "promise", channel, language, _promise(language, customer, text, due_at, call)
    )


def promise_overdue(
    channel: str, language: str, *, customer: Customer, text: str, due_at: datetime, call: bool = False
) -> wording.Rendered:
    """Return the message in which we say ourselves that a promise was not kept in time (R19)."""
    return wording.compose(
        FOLDER + "overdue", channel, language, _promise(language, customer, text, due_at, call)
    )


def _promise(language: str, customer: Customer, text: str, due_at: datetime, call: bool) -> dict[str, object]:
    with translation.override(language):
        when = wording.moment(due_at, wording.zone_of(customer))
    return {"name": customer.name, "words": text.strip(), "when": when, "call": call}


def notice(
    language: str, *, staff: User, follow_up: FollowUp, points: int, due_at: datetime | None
) -> wording.Rendered:
    """Return the email to an assignee that a follow-up is theirs: how much, by when, and where it is.

    None of the customer's words, and no name: the mailbox of the staff is not behind the access policy (R13, R39).
    ``due_at`` is shown by the clock of the follow-up's department.
    """
    with translation.override(language):
        context = {
            "name": staff.first_name or str(staff),
            "number": follow_up.pk,
            "department": str(follow_up.department),
            "severity": follow_up.severity,
            "points": points,
            "when": wording.moment(due_at, follow_up.department.time_zone) if due_at else "",
            "desk": settings.BASE_URL + reverse("admin:followups_followup_change", args=[follow_up.pk]),
        }
    return wording.compose(FOLDER + "notice", "email", language, context)
