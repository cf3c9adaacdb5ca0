"""The two doorbells of the outbox: the nudge to the worker, and ``message_changed`` to the packages above."""

import logging
import time

from django.db import DatabaseError, connection, transaction

from feedback import signals
from feedback.celery import app

logger = logging.getLogger(__name__)

# A broker that did not answer is left alone for a while: nobody's request should wait for it again and again.
QUIET_SECONDS = 15.0
_quiet_until = 0.0


def nudge_on_commit() -> None:
    """Ask a worker to look into the outbox once this transaction is committed; once, however many messages it holds."""
    # What is still on the list can only be rolled back together with us: what a savepoint undid is off it already.
    if not any(entry[1] is nudge for entry in connection.run_on_commit):
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Ask a worker to look into the outbox now. Without a broker nothing happens: the sweep finds what is due."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        # By name: tasks stand above this module. No retry: it would wait for a broker that is down.
        app.send_task("feedback.tasks.send_due", expires=30, retry=False)
    except Exception as error:  # noqa: BLE001  # each transport fails in its own way, and none may fail the caller
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("no worker could be nudged (%s); the sweep will send what is due", error)


def ring(message_ids: list[int]) -> None:
    """Ring ``message_changed`` inside the transaction that changed the messages, which a receiver cannot undo."""
    if not message_ids:
        return
    try:
        with transaction.atomic():
            signals.ring(signals.message_changed, message_ids=message_ids)
    except DatabaseError:
        logger.exception("a receiver of message_changed broke the transaction; its work is left to the sweep")
