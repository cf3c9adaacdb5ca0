"""The channels of the replays: nothing leaves the machine, and everybody can look into their letterbox.

A few addresses are out of use, so that their messages are refused as a provider would refuse them.
"""

import zlib
from collections.abc import Sequence
from typing import ClassVar

from feedback.channels.base import Channel, Outcomes, Outgoing, accepted, refused

OUT_OF_USE = 40
"""One address in so many."""


class Email(Channel):
    """Many at once, as email goes. What was delivered is in ``delivered``, for all channels together."""

    name = "letterbox"
    step = 25
    delivered: ClassVar[list[Outgoing]] = []

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        for message in messages:
            if is_out_of_use(message.address):
                yield message, refused("there is no such mailbox")
            else:
                self.delivered.append(message)
                yield message, accepted(f"letterbox-{message.reference}")


class SMS(Email):
    """One by one, as SMS go."""

    step = 1


def is_out_of_use(address: str) -> bool:
    return address.endswith("customers.example") and zlib.crc32(address.encode()) % OUT_OF_USE == 0


def emptied() -> list[Outgoing]:
    """Take out everything that has arrived since it was last emptied."""
    found = list(Email.delivered)
    Email.delivered.clear()
    return found
