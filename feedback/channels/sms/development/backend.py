"""A phone that exists only in the log."""

import logging
from collections.abc import Sequence

from feedback.channels.base import Channel, Outcome, Outcomes, Outgoing, accepted, refused
from feedback.channels.sms import segments
from feedback.models.messages import Delivery
from feedback.suppression import normalise

logger = logging.getLogger(__name__)


class DevelopmentSMS(Channel):
    """Accepts every message for a possible number, logs what the phone would show, and reports it as delivered."""

    name = "sms-development"

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        for message in messages:
            yield message, self._show(message)

    def _show(self, message: Outgoing) -> Outcome:
        try:
            number = normalise("sms", message.address)
        except ValueError as error:
            return refused(str(error))
        size = segments.count(message.text)
        logger.info("SMS to %s (%d × %s):\n%s", number, size.segments, size.encoding, message.text)
        provider_id = f"{message.reference}.{message.attempt}"
        return accepted(
            provider_id, report={"event_id": f"{provider_id}.delivered", "kind": Delivery.DELIVERED.value}
        )
