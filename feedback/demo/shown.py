"""What /demo/ shows: whom there is to look at, what they were sent, and how the loop stands."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from feedback import outbox
from feedback.demo import cast, registry
from feedback.models import Contact, Customer, Message
from feedback.models.messages import State
from feedback.models.people import Channel

SHOWN = 3  # customers a group
URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text message: words, or a link when `href` is not empty."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Sms:
    pieces: list[Piece]
    message: Message


@dataclass(frozen=True)
class People:
    """A group of customers, ready to show."""

    key: str
    label: str
    customers: list[Customer]


def sent(customer: Customer, channel: str) -> list[Message]:
    """What has really been sent to this customer by this channel, oldest first."""
    messages = Message.objects.filter(customer=customer, channel=channel, state=State.ACCEPTED)
    return list(messages.select_related("link", "opt_out", "contact").order_by("settled_at", "id"))


def phone(customer: Customer) -> list[Sms]:
    """The customer's text messages, links and all, as their phone shows them."""
    return [Sms(pieces(outbox.rendered(message).text), message) for message in sent(customer, Channel.SMS)]


def pieces(text: str) -> list[Piece]:
    """Cut a text at its links, as phones do."""
    found: list[Piece] = []
    end = 0
    for match in URL.finditer(text):
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        found.append(Piece(re.sub(r"^https?://", "", match[0]), match[0]))
        end = match.end()
    if end < len(text):
        found.append(Piece(text[end:]))
    return found


def groups() -> list[People]:
    """The registered groups, then whoever was written to last; a customer stands in one of them only."""
    seen: set[int] = set()
    found = []
    for group in registry.groups():
        ids = [pk for pk in group.find(SHOWN * 4) if pk not in seen][:SHOWN]
        seen.update(ids)
        if ids:
            found.append(People(group.key, str(group.label), _customers(ids)))
    newest = Message.objects.filter(state=State.ACCEPTED, customer__isnull=False).order_by("-id")
    ids = list(dict.fromkeys(newest.values_list("customer_id", flat=True)[: SHOWN * 6]))
    if ids := [pk for pk in ids if pk not in seen][:SHOWN]:
        found.append(People("newest", _("Just written to"), _customers(ids)))
    return found


def _customers(ids: Iterable[int]) -> list[Customer]:
    wanted = list(ids)
    by_id = Customer.objects.in_bulk(wanted)
    reached: dict[int, set[str]] = {}
    for pk, channel in Contact.objects.filter(customer_id__in=wanted).values_list("customer_id", "channel"):
        reached.setdefault(pk, set()).add(channel)
    for pk, customer in by_id.items():
        customer.reached = sorted(reached.get(pk, ()))  # type: ignore[attr-defined]  # for the template
    return [by_id[pk] for pk in wanted if pk in by_id]


def first_choice(people: list[People], channel: str) -> Customer | None:
    """Whose screen to show to a visitor who has chosen nobody: the first who was written to by this channel."""
    everybody = [customer.pk for group in people for customer in group.customers]
    written = Message.objects.filter(customer_id__in=everybody, channel=channel, state=State.ACCEPTED)
    known = set(written.values_list("customer_id", flat=True))
    return Customer.objects.filter(pk=next((pk for pk in everybody if pk in known), 0)).first()


def newest(customer: Customer | None, channel: str) -> int:
    """The id of the newest message by this channel, 0 for none: so that a change is noticed."""
    if customer is None:
        return 0
    messages = Message.objects.filter(customer=customer, channel=channel, state=State.ACCEPTED)
    return messages.order_by("-id").values_list("id", flat=True).first() or 0


def of_the_demo() -> Q:
    """The customers whom a visitor may look at: those that the demo made."""
    return Q(source=cast.SOURCE) | Q(source=cast.VISITORS)
