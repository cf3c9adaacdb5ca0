"""What the decisions of one batch of resolutions need to know, read set by set."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from feedback import channels, pause, quiet_hours, suppression
from feedback.models import Contact, Customer, Message, Resolution, User
from feedback.models.messages import ASKING, Purpose, State
from feedback.models.people import Channel
from feedback.reasons import SkipReason
from surveys import eligibility
from surveys.audience import Audience, in_sample
from surveys.models import Survey

Veto = Callable[[Collection[int]], set[int]]
_vetoes: dict[SkipReason, Veto] = {}


def register_veto(reason: SkipReason, veto: Veto) -> None:
    """Let a package above keep customers from being asked: ``veto(customer_ids)`` returns those that it concerns."""
    _vetoes[reason] = veto


@dataclass
class Known:
    """The facts of one batch; they grow with each customer asked, so that the cap holds within the batch too."""

    now: datetime
    audience: Audience
    paused: bool
    contacts: dict[int, list[Contact]]
    blocked: dict[bytes, SkipReason]
    vetoed: dict[SkipReason, set[int]]
    asked_customers: set[int] = field(default_factory=set)
    asked_digests: set[bytes] = field(default_factory=set)

    def remember_asked(self, customer: Customer) -> None:
        self.asked_customers.add(customer.pk)
        self.asked_digests.update(bytes(contact.digest) for contact in self.contacts[customer.pk])

    def facts(self, resolution: Resolution, survey: Survey | None, send_at: datetime) -> eligibility.Facts:
        """Return what the decision about one resolution depends on."""
        customer = resolution.case.customer
        server = resolution.served_by.user if resolution.served_by else None
        own = _digests_of(server) if server else frozenset()
        return eligibility.Facts(
            now=self.now,
            send_at=send_at,
            resolved_at=resolution.resolved_at,
            too_late_after=timedelta(hours=settings.SURVEY_TOO_LATE_HOURS),
            addresses=tuple(self._address(contact, own) for contact in self.contacts.get(customer.pk, [])),
            has_survey=survey is not None,
            paused=self.paused,
            erased=customer.erased_at is not None,
            reopened=resolution.reopened_at is not None,
            excluded=self.audience.excludes(resolution),
            sampled_out=survey is not None and not in_sample(survey, resolution),
            vetoes=tuple(reason for reason, vetoed in self.vetoed.items() if customer.pk in vetoed),
            asked_recently=customer.pk in self.asked_customers,
        )

    def _address(self, contact: Contact, of_the_server: frozenset[bytes]) -> eligibility.Address:
        digest = bytes(contact.digest)
        return eligibility.Address(
            contact_id=contact.pk,
            channel=contact.channel,
            channel_on=channels.is_on(contact.channel),
            of_the_server=digest in of_the_server,
            opted_out=self.blocked.get(digest) == SkipReason.OPTED_OUT,
            suppressed=self.blocked.get(digest) == SkipReason.SUPPRESSED,
            asked_recently=digest in self.asked_digests,
        )


def lock_contacts(customer_ids: Collection[int]) -> dict[int, list[Contact]]:
    """Return each customer's contacts, first to be tried first, after locking every row that bears their addresses."""
    of_customers = list(Contact.objects.filter(customer__any_of=customer_ids).order_by("-created_at", "-pk"))
    sharing = Contact.objects.filter(digest__any_of={bytes(contact.digest) for contact in of_customers})
    list(sharing.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    order = {channel: rank for rank, channel in enumerate(settings.SURVEY_CHANNELS)}
    found: dict[int, list[Contact]] = defaultdict(list)
    for contact in sorted(of_customers, key=lambda contact: order.get(contact.channel, len(order))):
        found[contact.customer_id].append(contact)
    return found


def know(now: datetime, customer_ids: Collection[int], contacts: dict[int, list[Contact]]) -> Known:
    """Read what the decisions about these customers' resolutions need to know. Their rows are locked."""
    digests = {bytes(contact.digest) for of_one in contacts.values() for contact in of_one}
    asked = Message.objects.filter(
        purpose__in=ASKING, created_at__gt=now - timedelta(days=settings.SURVEY_CAP_DAYS)
    ).exclude(state__in=[State.CANCELLED, State.REFUSED])
    return Known(
        now=now,
        audience=Audience.in_force(),
        paused=pause.is_paused(),
        contacts=contacts,
        blocked=suppression.suppressed(digests, Purpose.SURVEY),
        vetoed={reason: veto(customer_ids) for reason, veto in _vetoes.items()},
        asked_customers=set(
            asked.filter(customer__any_of=customer_ids).values_list("customer_id", flat=True)
        ),
        asked_digests={
            bytes(d) for d in asked.filter(digest__any_of=digests).values_list("digest", flat=True)
        },
    )


def hour_to_send(customer: Customer, resolution: Resolution, now: datetime) -> datetime:
    """Return ``now``, or the end of the quiet hours by the customer's zone, else the department's, else ours (R1)."""
    department = resolution.department
    zone = quiet_hours.zone(
        customer.time_zone or (department.time_zone if department else ""), settings.TIME_ZONE
    )
    return quiet_hours.next_allowed(now, zone, settings.QUIET_HOURS)


def _digests_of(server: User) -> frozenset[bytes]:
    """The addresses of the person who served, as digests: who serves must not be asked about it (R6)."""
    own = ((Channel.EMAIL, server.email), (Channel.SMS, server.phone))
    return frozenset(suppression.digest_of_anything(channel, address) for channel, address in own if address)
