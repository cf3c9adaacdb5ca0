"""Messages for the tests of the outbox."""

from itertools import count
from typing import Any

from feedback import links, outbox
from feedback.models import Contact, Customer, Link, Message
from feedback.models.links import Purpose as LinkPurpose
from tests.factories import CustomerFactory, contact

_numbers = count(1)


def customer() -> Customer:
    """A customer with one email address and one phone."""
    made: Customer = CustomerFactory()
    contact(made, "sms", f"+861380013{made.pk % 10_000:04d}")
    return made


def address(of: Customer, channel: str) -> Contact:
    return of.contacts.get(channel=channel)


def letter(
    channel: str = "email", purpose: str = "reply", to: Customer | None = None, **more: Any
) -> Message:
    """One queued message, with a link to the customer's page unless another link is given."""
    to = to or customer()
    asking = purpose in ("survey", "reminder")
    link = more.pop("link", None) or links.issue(LinkPurpose.SURVEY if asking else LinkPurpose.PAGE, to)
    words = {"text": f"Dear customer: {outbox.LINK}", "subject": "About your case", **more}
    return outbox.enqueue(
        send_key=words.pop("send_key", f"test-{next(_numbers)}"),
        purpose=purpose,
        channel=channel,
        language="en",
        contact=address(to, channel),
        link=link,
        **words,
    )


def link_of(message: Message) -> Link:
    assert message.link
    return message.link


def way_out_of(message: Message) -> Link:
    assert message.opt_out
    return message.opt_out


def states(*messages: Message) -> list[str]:
    found = dict(Message.objects.filter(pk__in=[one.pk for one in messages]).values_list("pk", "state"))
    return [found[one.pk] for one in messages]
