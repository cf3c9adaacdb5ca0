"""Putting messages into the outbox, and taking them out again while they are unsent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from feedback import bulk, clock, links, suppression
from feedback.models import Contact, Link, Message, User
from feedback.models.messages import ASKING, UNSENT, State
from feedback.models.people import Channel
from feedback.outbox import bell
from feedback.reasons import SkipReason

LINK = "%%link%%"
OPT_OUT = "%%opt_out%%"

NOT_RESENT = "in doubt, and not sent a second time: {reason}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the recipient sees it, personal links included. Never store or log one."""

    subject: str
    text: str
    html: str


def draft(
    *,
    send_key: str,
    purpose: str,
    channel: str,
    language: str,
    text: str,
    subject: str = "",
    html: str = "",
    contact: Contact | None = None,
    staff: User | None = None,
    link: Link | None = None,
    opt_out: Link | None = None,
    due_at: datetime | None = None,
) -> Message:
    """Return an unsaved message for ``enqueue_many``.

    Args:
        send_key: what this message is about, once and for all: a second one with the same key is the first.
        channel: ``email`` or ``sms``.
        language: a code of LANGUAGES.
        subject, text, html: with LINK and OPT_OUT where the personal links belong; html may be empty.
        contact, staff: exactly one of them, whom it is for.
        link, opt_out: what the placeholders stand for. A survey's email is given its opt-out link by itself.
        due_at: aware; not sent before. Default: now.

    Raises:
        ValueError: a caller's mistake: no recipient or two, no key, or a placeholder that nothing stands for.
    """
    if not send_key:
        raise ValueError("a message needs a send_key")
    if link is None and any(LINK in part for part in (subject, text, html)):
        raise ValueError(f"{send_key}: the words have {LINK}, but there is no link")
    if contact is not None and staff is None:
        address, digest = contact.address, bytes(contact.digest)
    elif staff is not None and contact is None:
        address = staff.email if channel == Channel.EMAIL else staff.phone
        digest = suppression.digest_of_anything(channel, address)
    else:
        raise ValueError(f"{send_key}: a message goes to one contact, or to one member of staff")
    now = clock.now()
    return Message(
        send_key=send_key,
        purpose=purpose,
        channel=channel,
        customer_id=contact.customer_id if contact else None,
        contact=contact,
        staff=staff,
        address=address,
        digest=digest,
        language=language,
        # One line: a subject is a header, and a customer's name in it may hold a line break.
        subject=" ".join(subject.split())[:500],
        text=text,
        html=html,
        link=link,
        opt_out=opt_out,
        created_at=now,
        due_at=due_at or now,
    )


def enqueue(
    *,
    send_key: str,
    purpose: str,
    channel: str,
    language: str,
    text: str,
    subject: str = "",
    html: str = "",
    contact: Contact | None = None,
    staff: User | None = None,
    link: Link | None = None,
    opt_out: Link | None = None,
    due_at: datetime | None = None,
) -> Message:
    """Store one message in the caller's transaction and return it; with a known ``send_key``, the one that is there.

    Arguments and ValueError as ``draft``.
    """
    return enqueue_many(
        [
            draft(
                send_key=send_key,
                purpose=purpose,
                channel=channel,
                language=language,
                text=text,
                subject=subject,
                html=html,
                contact=contact,
                staff=staff,
                link=link,
                opt_out=opt_out,
                due_at=due_at,
            )
        ]
    )[0]


def enqueue_many(drafts: Sequence[Message]) -> list[Message]:
    """Store many messages in a fixed number of statements; return the stored rows in the order given."""
    if not drafts:
        return []
    _give_opt_outs(drafts)
    if wrong := next((one for one in drafts if one.opt_out_id is None and _mentions_opt_out(one)), None):
        raise ValueError(f"{wrong.send_key}: the words have {OPT_OUT}, but there is no opt-out link")
    stored = {row.send_key: row for row in bulk.insert(drafts, skip_known=True)}
    if known := [one.send_key for one in drafts if one.send_key not in stored]:
        stored |= {row.send_key: row for row in Message.objects.filter(send_key__any_of=known)}
    if any(one.due_at <= one.created_at for one in drafts):
        bell.nudge_on_commit()
    return [stored[one.send_key] for one in drafts]


def _mentions_opt_out(message: Message) -> bool:
    return any(OPT_OUT in part for part in (message.subject, message.text, message.html))


def _give_opt_outs(drafts: Sequence[Message]) -> None:
    """Every email that asks offers a way out, in its List-Unsubscribe header at least (R33)."""
    asking = [one for one in drafts if one.purpose in ASKING and one.channel == Channel.EMAIL]
    asking = [one for one in asking if one.opt_out_id is None]
    contacts = [one.contact for one in asking if one.contact]
    if contacts:
        found = links.opt_outs(contacts)
        for one in asking:
            if one.contact_id:
                one.opt_out = found[one.contact_id]


def cancel(message_ids: Iterable[int], reason: SkipReason | str = "") -> list[int]:
    """Take back those of the messages that are still unsent, and ring ``message_changed``; return their ids.

    A message that waited for its second sending may have arrived the first time, so it stays in doubt, and its id is
    not among those returned.
    """
    return withdraw(Q(pk__any_of=list(message_ids), state__in=UNSENT), reason)


def withdraw(which: Q, reason: SkipReason | str) -> list[int]:
    """``cancel`` for unsent messages chosen by a condition."""
    now = clock.now()
    why = SkipReason(reason).label if reason else "the sender took it back"
    first = Q(resend_at__isnull=True)
    with transaction.atomic():
        # Locked in one order, so that two who cancel the same messages never wait for each other in a ring.
        rows = dict(
            Message.objects.select_for_update(of=("self",))
            .filter(which)
            .order_by("id")
            .values_list("id", "resend_at")
        )
        if not rows:
            return []
        Message.objects.filter(pk__any_of=list(rows)).update(
            state=Case(When(first, then=Value(State.CANCELLED.value)), default=Value(State.IN_DOUBT.value)),
            reason=Case(When(first, then=Value(str(reason))), default=Value("")),
            detail=Case(When(first, then=F("detail")), default=Value(NOT_RESENT.format(reason=why)[:500])),
            lease_until=None,
            resend_at=None,
            settled_at=now,
        )
        bell.ring(list(rows))
    return [pk for pk, resend_at in rows.items() if resend_at is None]


def rendered(message: Message) -> Rendered:
    """Return the message with its personal links put in. Nobody may store, log or export what comes out."""
    return Rendered(
        subject=_put_in(message, message.subject, plain=True),
        text=_put_in(message, message.text, plain=True),
        html=_put_in(message, message.html, plain=False),
    )


def _put_in(message: Message, words: str, *, plain: bool) -> str:
    for mark, link in ((LINK, message.link), (OPT_OUT, message.opt_out)):
        if mark in words:
            if link is None:
                raise ValueError(f"the words have {mark}, but the message has no such link")
            url = links.url(link, message.channel)
            words = words.replace(mark, url if plain else escape(url))
    return words
