"""After a restore: what the backup holds as unsent may have gone out since the backup was taken (R30, R31).

Nobody can tell from the tables alone, so nothing of it leaves by itself. Where the mail server's log is at hand, it
decides; what is left is in doubt, without a second sending, and a person settles it at the desk.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Q

from feedback import clock
from feedback.models import Message
from feedback.models.messages import Delivery, State
from feedback.models.people import Channel
from feedback.outbox import bell
from feedback.outbox.sending import reference
from feedback.sweeping import BATCH

HELD = "restored from a backup: it may have been sent after that was taken"
LOGGED = "restored from a backup: the log of sent mail names it"

OURS = ("feedback", "surveys", "followups")
GAP = 1_000_000
"""Ids passed over: more than anybody gives away between two backups, and nothing to 64 bits."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the messages: how many had been sent, are held back in doubt, or will be sent."""

    sent: int = 0
    held: int = 0
    to_send: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.sent + other.sent, self.held + other.held, self.to_send + other.to_send)


def pass_over_ids() -> int:
    """Let every table of ours go on with ids that were never given away; return how many tables.

    Rows made after the backup are gone, but their ids are out in the world: a personal link is derived from its id,
    so the next customer's link would be the one that somebody else has in their mailbox.
    """
    tables = [model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()]
    moved = 0
    with connection.cursor() as cursor:
        for table in tables:
            for sequence in connection.introspection.get_sequences(cursor, table):
                cursor.execute(
                    "SELECT setval(s, nextval(s) + %s) FROM pg_get_serial_sequence(%s, %s) AS s",
                    [GAP, table, sequence["column"]],
                )
                moved += 1
    return moved


def settle_unsent(stopped_at: datetime, *, logged: Collection[str] = (), send_rest: bool = False) -> Settled:
    """Settle whatever may have left between the backup and ``stopped_at``. No worker may be running.

    Args:
        stopped_at: when the last worker stopped before the restore (aware). What was not due by then was not sent.
        logged: references of messages that were sent (``sending.reference``), as a log of sent mail has them.
        send_rest: email that ``logged`` does not name was not sent: leave it, or put it back, in the queue.
    """
    # In doubt without a second sending to come is a person's already.
    return _settle_all(
        Q(state__in=[State.CLAIMED, State.CALLING])
        | Q(state=State.QUEUED, due_at__lte=stopped_at)
        | Q(state=State.IN_DOUBT, resend_at__lte=stopped_at),
        logged,
        send_rest,
    )


def hold_back(stored_since: datetime) -> Settled:
    """Hold messages that were stored since then: by sweeps, which may have made their like before the restore. Those
    went out under ids that are lost, so that no log knows them by these."""
    return _settle_all(Q(state=State.QUEUED, created_at__gte=stored_since), (), False)


def _settle_all(which: Q, logged: Collection[str], send_rest: bool) -> Settled:
    ids = list(Message.objects.filter(which).order_by("pk").values_list("pk", flat=True))
    total = Settled()
    for start in range(0, len(ids), BATCH):
        total += _settle(ids[start : start + BATCH], logged, send_rest)
    return total


def _settle(ids: list[int], logged: Collection[str], send_rest: bool) -> Settled:
    sent, rest, held = [], [], []
    for one in Message.objects.filter(pk__in=ids).order_by("pk"):
        if one.delivery != Delivery.NONE or reference(one) in logged:
            sent.append(one.pk)
        elif send_rest and one.channel == Channel.EMAIL:
            rest.append(one.pk)
        else:
            held.append(one.pk)
    over = {"lease_until": None, "resend_at": None, "settled_at": clock.now()}
    with transaction.atomic():
        Message.objects.filter(pk__in=sent).update(state=State.ACCEPTED, detail=LOGGED, **over)
        Message.objects.filter(pk__in=held).update(state=State.IN_DOUBT, detail=HELD, **over)
        # Those in doubt go their way by themselves: one more sending under the same name.
        unsent = Message.objects.filter(pk__in=rest).exclude(state=State.IN_DOUBT)
        unsent.update(state=State.QUEUED, lease_until=None)
        bell.ring(sorted(sent + held))
    return Settled(len(sent), len(held), len(rest))
