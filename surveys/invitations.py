"""The decision about each resolution: asked, or not and why. Doorbell and sweep both come here (R1–R6)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from feedback import channels, clock, links, outbox, pause, quiet_hours, suppression, texts
from feedback.models import Contact, Customer, Message, Resolution, User
from feedback.models.links import Purpose as LinkPurpose
from feedback.models.messages import ASKING, UNSENT, Purpose, State
from feedback.models.people import Channel
from feedback.reasons import SkipReason
from surveys import eligibility, messages
from surveys.audience import Audience, in_sample
from surveys.models import Invitation, Survey, SurveyVersion

Veto = Callable[[Collection[int]], set[int]]
_vetoes: dict[SkipReason, Veto] = {}


def register_veto(reason: SkipReason, veto: Veto) -> None:
    """Let a package above keep customers from being asked: ``veto(customer_ids)`` returns those that it concerns."""
    _vetoes[reason] = veto


@dataclass
class _Known:
    """What the decisions of one batch need to know, read set by set; grows with each customer asked."""

    now: datetime
    audience: Audience
    paused: bool
    contacts: dict[int, list[Contact]]
    blocked: dict[bytes, SkipReason]
    vetoed: dict[SkipReason, set[int]]
    asked_customers: set[int] = field(default_factory=set)
    asked_digests: set[bytes] = field(default_factory=set)


def decide(resolution_ids: Collection[int], now: datetime | None = None) -> list[Invitation]:
    """Make the missing invitations of these resolutions, with the message of each that is asked.

    Resolutions that have an invitation are left alone, so doorbell and sweep are harmless together. Customers and
    the addresses they share are locked first, in one order, so that two decisions at once keep to one cap.

    Args:
        resolution_ids: ids of ``Resolution``.
        now: aware datetime; default: the clock.

    Returns:
        The invitations made, in the order in which the cases were resolved.
    """
    now = now or clock.now()
    with transaction.atomic():
        customer_ids = set(
            Resolution.objects.filter(pk__in=resolution_ids, invitation=None).values_list(
                "case__customer_id", flat=True
            )
        )
        if not customer_ids:
            return []
        list(Customer.objects.select_for_update(no_key=True).filter(pk__in=customer_ids).order_by("pk"))
        contacts = _contacts(customer_ids)
        resolutions = list(
            Resolution.objects.filter(pk__in=resolution_ids, invitation=None)
            .select_related("case__customer", "served_by__user", "department")
            .order_by("resolved_at", "pk")
        )
        known = _know(now, customer_ids, contacts)
        return [_invite(resolution, known) for resolution in resolutions]


def _contacts(customer_ids: Collection[int]) -> dict[int, list[Contact]]:
    """Return each customer's contacts, first to be tried first, after locking every row that bears their addresses."""
    of_customers = list(Contact.objects.filter(customer__in=customer_ids).order_by("-created_at", "-pk"))
    digests = {bytes(contact.digest) for contact in of_customers}
    list(
        Contact.objects.select_for_update(no_key=True)
        .filter(digest__in=digests)
        .order_by("pk")
        .values_list("pk")
    )
    order = {channel: rank for rank, channel in enumerate(settings.SURVEY_CHANNELS)}
    found: dict[int, list[Contact]] = defaultdict(list)
    for contact in sorted(of_customers, key=lambda contact: order.get(contact.channel, len(order))):
        found[contact.customer_id].append(contact)
    return found


def _know(now: datetime, customer_ids: Collection[int], contacts: dict[int, list[Contact]]) -> _Known:
    digests = {bytes(contact.digest) for of_one in contacts.values() for contact in of_one}
    since = now - timedelta(days=settings.SURVEY_CAP_DAYS)
    asked = Message.objects.filter(purpose__in=ASKING, created_at__gt=since).exclude(
        state__in=[State.CANCELLED, State.REFUSED]
    )
    return _Known(
        now=now,
        audience=Audience.in_force(),
        paused=pause.is_paused(),
        contacts=contacts,
        blocked=suppression.suppressed(digests, Purpose.SURVEY),
        vetoed={reason: veto(customer_ids) for reason, veto in _vetoes.items()},
        asked_customers=set(asked.filter(customer__in=customer_ids).values_list("customer_id", flat=True)),
        asked_digests={bytes(d) for d in asked.filter(digest__in=digests).values_list("digest", flat=True)},
    )


def _invite(resolution: Resolution, known: _Known) -> Invitation:
    customer = resolution.case.customer
    survey = known.audience.survey_for(resolution)
    send_at = quiet_hours.next_allowed(
        known.now,
        quiet_hours.zone(
            customer.time_zone or (resolution.department.time_zone if resolution.department else ""),
            settings.TIME_ZONE,
        ),
        settings.QUIET_HOURS,
    )
    decision = eligibility.decide(_facts(resolution, customer, survey, send_at, known))
    invitation = Invitation(resolution=resolution, customer=customer, created_at=known.now)
    if survey is not None and decision.reason in (None, SkipReason.OPEN_FOLLOW_UP):
        # The survey of an `open_follow_up` is offered on the customer's page instead of being sent.
        invitation.version_id = survey.current_version  # type: ignore[attr-defined]
        invitation.link = links.issue(LinkPurpose.SURVEY, customer)
    if decision.reason is not None:
        if invitation.link is not None:
            links.extend([invitation.link.pk], known.now)
        invitation.state, invitation.reason = Invitation.State.SKIPPED, decision.reason
        invitation.save()
        return invitation
    contact = next(c for c in known.contacts[customer.pk] if c.pk == decision.contact_id)
    invitation.state, invitation.send_at = Invitation.State.ASKED, send_at
    invitation.save()
    invitation.message = _ask(invitation, resolution, contact, send_at)
    invitation.save(update_fields=["message"])
    known.asked_customers.add(customer.pk)
    known.asked_digests.update(bytes(c.digest) for c in known.contacts[customer.pk])
    return invitation


def _facts(
    resolution: Resolution, customer: Customer, survey: Survey | None, send_at: datetime, known: _Known
) -> eligibility.Facts:
    server = resolution.served_by.user if resolution.served_by else None
    own = _digests_of(server) if server else frozenset()
    return eligibility.Facts(
        now=known.now,
        send_at=send_at,
        resolved_at=resolution.resolved_at,
        too_late_after=timedelta(hours=settings.SURVEY_TOO_LATE_HOURS),
        addresses=tuple(
            eligibility.Address(
                contact_id=contact.pk,
                channel=contact.channel,
                channel_on=channels.is_on(contact.channel),
                of_the_server=bytes(contact.digest) in own,
                opted_out=known.blocked.get(bytes(contact.digest)) == SkipReason.OPTED_OUT,
                suppressed=known.blocked.get(bytes(contact.digest)) == SkipReason.SUPPRESSED,
                asked_recently=bytes(contact.digest) in known.asked_digests,
            )
            for contact in known.contacts.get(customer.pk, [])
        ),
        has_survey=survey is not None,
        paused=known.paused,
        erased=customer.erased_at is not None,
        reopened=resolution.reopened_at is not None,
        excluded=known.audience.excludes(resolution),
        sampled_out=survey is not None and not in_sample(survey, resolution),
        vetoes=tuple(reason for reason, vetoed in known.vetoed.items() if customer.pk in vetoed),
        asked_recently=customer.pk in known.asked_customers,
    )


def _digests_of(server: User) -> frozenset[bytes]:
    """The addresses of the person who served, as digests: who serves must not be asked about it (R6)."""
    own = ((Channel.EMAIL, server.email), (Channel.SMS, server.phone))
    return frozenset(suppression.digest_of_anything(channel, address) for channel, address in own if address)


def _ask(invitation: Invitation, resolution: Resolution, contact: Contact, due_at: datetime) -> Message:
    customer, version = invitation.customer, invitation.version
    assert version is not None
    language = texts.known_language(customer.language)
    write = messages.survey_email if contact.channel == "email" else messages.survey_sms
    words = write(version, customer, resolution.subject, language)
    return outbox.enqueue(
        send_key=f"survey:{invitation.pk}",
        purpose=Purpose.SURVEY,
        channel=contact.channel,
        language=language,
        subject=words.subject,
        text=words.text,
        html=words.html,
        contact=contact,
        link=invitation.link,
        opt_out=links.issue(LinkPurpose.OPT_OUT, customer, contact=contact),
        due_at=due_at,
    )


def cancel_reopened(resolution_ids: Collection[int]) -> None:
    """Cancel the unsent surveys of those resolutions that are found reopened (R2)."""
    unsent = Invitation.objects.filter(
        resolution__in=resolution_ids,
        resolution__reopened_at__isnull=False,
        state=Invitation.State.ASKED,
        message__state__in=UNSENT,
    )
    outbox.cancel(list(unsent.values_list("message_id", flat=True)), SkipReason.REOPENED)


def follow_messages(message_ids: Sequence[int]) -> None:
    """Bring invitations in line with what became of their survey's message."""
    with transaction.atomic():
        cancelled = Invitation.objects.filter(
            message__in=message_ids,
            message__state=State.CANCELLED,
            state=Invitation.State.ASKED,
            response=None,
        ).select_related("message")
        for invitation in cancelled.select_for_update(of=("self",)):
            assert invitation.message is not None
            invitation.state = Invitation.State.SKIPPED
            invitation.reason = invitation.message.reason or SkipReason.SUPPRESSED
            invitation.save(update_fields=["state", "reason"])
        for invitation in Invitation.objects.filter(
            message__in=message_ids, message__state=State.ACCEPTED
        ).select_related("message", "link"):
            assert invitation.message is not None
            assert invitation.link is not None
            # The fortnight in which a survey can be answered begins when it left, not when it was decided.
            links.extend([invitation.link.pk], invitation.message.settled_at or clock.now())


def before_sending(due: Sequence[Message], now: datetime) -> dict[int, Any]:
    """Check surveys once more at send time: reopened, too late by now, or fallen into quiet hours (R1, R2)."""
    rulings: dict[int, Any] = {}
    invitations = Invitation.objects.filter(message__in=[message.pk for message in due]).select_related(
        "resolution__department", "customer"
    )
    for invitation in invitations:
        message_id, resolution = invitation.message_id, invitation.resolution
        assert message_id is not None
        zone = quiet_hours.zone(
            invitation.customer.time_zone
            or (resolution.department.time_zone if resolution.department else ""),
            settings.TIME_ZONE,
        )
        at = quiet_hours.next_allowed(now, zone, settings.QUIET_HOURS)
        if resolution.reopened_at is not None:
            rulings[message_id] = outbox.Cancel(SkipReason.REOPENED)
        elif at - resolution.resolved_at > timedelta(hours=settings.SURVEY_TOO_LATE_HOURS):
            rulings[message_id] = outbox.Cancel(SkipReason.TOO_LATE)
        elif at > now:
            rulings[message_id] = outbox.Wait(at)
    return rulings


def block(resolution_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the ``invitation`` block of an intake answer for each of these resolutions that has one."""
    rows = Invitation.objects.filter(resolution__in=resolution_ids)
    return {
        row.resolution_id: {"state": row.state, "reason": row.reason or None, "send_at": row.send_at}
        for row in rows
    }


def current_version(survey: Survey) -> SurveyVersion | None:
    """Return the newest published version of a survey, or none."""
    return survey.versions.filter(published_at__isnull=False).order_by("-number").first()
