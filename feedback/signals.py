"""The joints: what one package tells those above it (DESIGN 3).

The row is the event; the signal is only the doorbell. A sender saves its row first and rings with lists of ids; a
receiver runs in its own savepoint, so that a fault of ours never costs the customer their words; a sweep makes what a
doorbell missed.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

case_changed = Signal()
"""Resolutions were made, re-keyed or reopened. Carries ``resolution_ids: list[int]``."""

message_changed = Signal()
"""Messages were settled, cancelled, or reported on by the provider. Carries ``message_ids: list[int]``."""

inbound_received = Signal()
"""Customers sent something. Carries ``inbound_ids: list[int]``."""

customer_erased = Signal()
"""Customers' data was erased. Carries ``customer_ids: list[int]``."""

logger = logging.getLogger(__name__)


def ring(signal: Signal, **ids: list[int]) -> None:
    """Ring one doorbell with lists of ids; a receiver that fails is rolled back, logged, and left to the sweep."""
    if not any(ids.values()):
        return
    for receiver, result in signal.send_robust(sender=None, **ids):
        if isinstance(result, Exception):
            logger.error("receiver %s failed; the sweep will make up for it", receiver, exc_info=result)


def in_savepoint(receiver: Any, *lists: str) -> Any:
    """Wrap a receiver in a savepoint, so that its failure cannot undo what the sender saved.

    Args:
        lists: the names of the lists of ids that it takes; where all of these are empty it is left in peace. Default:
            every list that the joint carries.
    """

    def run(sender: Any, signal: Signal, **ids: list[int]) -> None:
        taken = {name: ids[name] for name in lists or ids}
        if any(taken.values()):
            with transaction.atomic():
                receiver(**taken)

    run.__name__ = getattr(receiver, "__name__", "receiver")
    run.__doc__ = receiver.__doc__
    return run
