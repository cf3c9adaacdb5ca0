"""The decision about each resolution: asked, or not and why. Doorbell and sweep both come here (R1–R6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from feedback import bulk, clock, outbox, texts
from feedback.models import Contact, Customer, Link, Message, Resolution
from feedback.models.links import Purpose as LinkPurpose
from feedback.models.messages import UNSENT, Purpose, State
from feedback.models.people import Channel
from feedback.reasons import SkipReason
from surveys import eligibility, messages, published
from surveys.known import Known, hour_to_send, know, lock_contacts
from surveys.models import Invitation

OFFERED = SkipReason.OPEN_FOLLOW_UP
"""A survey skipped for this reason is not sent, but offered on the customer's page, so it has a link too (R3)."""


@dataclass
class _Plan:
    """What is to become of one resolution."""

    resolution: Resolution
    version_id: int | None
    decision: eligibility.Decision
    contact: Contact | None
    send_at: datetime
    link: Link | None = None
    message: Message | None = None

    @property
    def needs_a_link(self) -> bool:
        return self.version_id is not None and self.decision.reason in (None, OFFERED)


def decide(resolution_ids: Collection[int], now: datetime | None = None) -> list[Invitation]:
    """Make the missing invitations of these resolutions, with the message of each that is asked.

    Resolutions that have an invitation are left alone, so doorbell and sweep are harmless together. Customers and
    the addresses they share are locked first, in one order, so that two decisions at once keep to one cap. A batch
    takes a fixed number of statements.

    Args:
        resolution_ids: ids of ``Resolution``.
        now: aware datetime; default: the clock.

    Returns:
        The invitations made, in the order in which the cases were resolved.
    """
    now = now or clock.now()
    with transaction.atomic():
        undecided = Resolution.objects.filter(pk__any_of=resolution_ids, invitation=None)
        customer_ids = set(undecided.values_list("case__customer_id", flat=True))
        if not customer_ids:
            return []
        list(
            Customer.objects.select_for_update(no_key=True)
            .filter(pk__any_of=customer_ids)
            .order_by("pk")
            .values_list("pk")
        )
        known = know(now, customer_ids, lock_contacts(customer_ids))
        resolutions = undecided.select_related("case__customer", "served_by__user", "department")
        return _save([_plan(one, known) for one in resolutions.order_by("resolved_at", "pk")], now)


def _plan(resolution: Resolution, known: Known) -> _Plan:
    customer = resolution.case.customer
    survey = known.audience.survey_for(resolution)
    send_at = hour_to_send(customer, resolution, known.now)
    decision = eligibility.decide(known.facts(resolution, survey, send_at))
    contact = None
    if decision.reason is None:
        contact = next(c for c in known.contacts[customer.pk] if c.pk == decision.contact_id)
        known.remember_asked(customer)
    return _Plan(resolution, known.audience.version_of(survey), decision, contact, send_at)


def _save(plans: Sequence[_Plan], now: datetime) -> list[Invitation]:
    """Store links, invitations and messages: together or not at all (R29)."""
    linked = [plan for plan in plans if plan.needs_a_link]
    for plan in linked:
        plan.link = Link(purpose=LinkPurpose.SURVEY, customer=plan.resolution.case.customer, created_at=now)
        if plan.decision.reason == OFFERED:
            # Never sent, so its time begins now; that of the others begins when they leave.
            plan.link.expires_at = now + timedelta(days=settings.SURVEY_LINK_DAYS)
    bulk.insert(plan.link for plan in linked if plan.link)
    asked = [plan for plan in plans if plan.contact]
    for plan, message in zip(asked, outbox.enqueue_many([_draft(plan) for plan in asked]), strict=True):
        plan.message = message
    return bulk.insert(_invitation(plan, now) for plan in plans)


def _invitation(plan: _Plan, now: datetime) -> Invitation:
    return Invitation(
        resolution=plan.resolution,
        customer=plan.resolution.case.customer,
        version_id=plan.version_id if plan.needs_a_link else None,
        state=Invitation.State.ASKED if plan.contact else Invitation.State.SKIPPED,
        reason=plan.decision.reason or "",
        send_at=plan.send_at if plan.contact else None,
        link=plan.link,
        message=plan.message,
        created_at=now,
    )


def _draft(plan: _Plan) -> Message:
    assert plan.contact is not None
    assert plan.version_id is not None
    customer, channel = plan.resolution.case.customer, plan.contact.channel
    language = texts.known_language(customer.language)
    write = messages.survey_email if channel == Channel.EMAIL else messages.survey_sms
    words = write(published.version(plan.version_id), customer, plan.resolution.subject, language)
    return outbox.draft(
        send_key=f"survey:{plan.resolution.pk}",
        purpose=Purpose.SURVEY,
        channel=channel,
        language=language,
        subject=words.subject,
        text=words.text,
        html=words.html,
        contact=plan.contact,
        link=plan.link,
        due_at=plan.send_at,
    )


def cancel_reopened(resolution_ids: Collection[int]) -> None:
    """Cancel the unsent surveys of those resolutions that are found reopened (R2)."""
    unsent = Invitation.objects.filter(
        resolution__any_of=resolution_ids,
        resolution__reopened_at__isnull=False,
        state=Invitation.State.ASKED,
        message__state__in=UNSENT,
    )
    if message_ids := list(unsent.values_list("message_id", flat=True)):
        outbox.cancel(message_ids, SkipReason.REOPENED)


def follow_messages(message_ids: Sequence[int]) -> None:
    """Bring invitations in line with what became of their survey's message."""
    with transaction.atomic():
        cancelled = Invitation.objects.filter(
            message__any_of=message_ids, message__state=State.CANCELLED, state=Invitation.State.ASKED
        )
        ids = list(cancelled.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        # Looked up anew: while we waited for the lock, the customer may have answered.
        unanswered = (
            Invitation.objects.filter(pk__in=ids, response=None) if ids else Invitation.objects.none()
        )
        for invitation in unanswered.select_related("message"):
            assert invitation.message is not None
            invitation.state = Invitation.State.SKIPPED
            invitation.reason = invitation.message.reason or SkipReason.SUPPRESSED
            invitation.save(update_fields=["state", "reason"])


def before_sending(due: Sequence[Message], now: datetime) -> dict[int, Any]:
    """Check surveys once more at send time: reopened, too late by now, or fallen into quiet hours (R1, R2)."""
    rulings: dict[int, Any] = {}
    invitations = Invitation.objects.filter(message__any_of=[message.pk for message in due]).select_related(
        "resolution__department", "customer"
    )
    for invitation in invitations:
        message_id, resolution = invitation.message_id, invitation.resolution
        assert message_id is not None
        at = hour_to_send(invitation.customer, resolution, now)
        if resolution.reopened_at is not None:
            rulings[message_id] = outbox.Cancel(SkipReason.REOPENED)
        elif at - resolution.resolved_at > timedelta(hours=settings.SURVEY_TOO_LATE_HOURS):
            rulings[message_id] = outbox.Cancel(SkipReason.TOO_LATE)
        elif at > now:
            rulings[message_id] = outbox.Wait(at)
    return rulings


def block(resolution_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the ``invitation`` block of an intake answer for each of these resolutions that has one."""
    rows = Invitation.objects.filter(resolution__any_of=resolution_ids)
    return {
        row.resolution_id: {"state": row.state, "reason": row.reason or None, "send_at": row.send_at}
        for row in rows
    }
