"""Which way a message about a follow-up goes to the customer (R34)."""

from collections.abc import Callable, Collection

from django.conf import settings

from feedback import channels, clock, links, outbox, quiet_hours, suppression, texts
from feedback.models import Contact, Message
from feedback.models.links import Purpose as LinkPurpose
from feedback.models.messages import Purpose
from feedback.wording import Rendered
from followups.models import FollowUp
from followups.states import Severity


def contacts(follow_up: FollowUp, purpose: Purpose, tried: Collection[str] = ()) -> list[Contact]:
    """Return the customer's addresses that may be used, best first: their last channel, then email, then the rest.

    Args:
        tried: channels already tried for this message; each is used once.
    """
    rows = list(Contact.objects.filter(customer=follow_up.customer_id).order_by("-created_at", "-pk"))
    blocked = suppression.suppressed([bytes(contact.digest) for contact in rows], purpose)
    last = last_channel(follow_up)
    usable = [
        contact
        for contact in rows
        if channels.is_on(contact.channel)
        and contact.channel not in tried
        and bytes(contact.digest) not in blocked
    ]
    return sorted(usable, key=lambda contact: (contact.channel != last, contact.channel != "email"))


def last_channel(follow_up: FollowUp) -> str:
    """Return the channel by which the customer was reached and answered."""
    message = follow_up.response.invitation.message
    return message.channel if message else "email"


def send(
    follow_up: FollowUp,
    purpose: Purpose,
    key: str,
    write: Callable[[str, str], Rendered],
    *,
    tried: Collection[str] = (),
) -> Message | None:
    """Queue a message to the customer about a follow-up; ``None`` if no address may be used.

    In the customer's quiet hours it waits for their morning, unless it is about safety (R34).

    Args:
        key: what the message is about; the send key is made of it and the channel.
        write: makes the words from (channel, language).
    """
    found = contacts(follow_up, purpose, tried)
    if not found:
        return None
    contact, language = found[0], texts.known_language(follow_up.response.language)
    words = write(contact.channel, language)
    due_at = clock.now()
    if follow_up.severity != Severity.SAFETY:
        zone = quiet_hours.zone(
            follow_up.customer.time_zone or follow_up.department.time_zone, settings.TIME_ZONE
        )
        due_at = quiet_hours.next_allowed(due_at, zone, settings.QUIET_HOURS)
    return outbox.enqueue(
        send_key=f"{key}:{contact.channel}",
        purpose=purpose,
        channel=contact.channel,
        language=language,
        subject=words.subject,
        text=words.text,
        html=words.html,
        contact=contact,
        link=follow_up.response.link,
        due_at=due_at,
        opt_out=links.issue(LinkPurpose.OPT_OUT, follow_up.customer, contact=contact),
    )
