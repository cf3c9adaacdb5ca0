"""What providers report later, and how doubts end (R31, R32)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from feedback import clock, suppression
from feedback.models import DeliveryEvent, Message
from feedback.models.messages import Delivery, State
from feedback.models.people import Channel
from feedback.outbox import bell

ORDER = [Delivery.NONE, Delivery.SENT, Delivery.DELIVERED, Delivery.BOUNCED, Delivery.COMPLAINED]
"""Delivery moves forward only: a bounce may follow what a gateway called delivered, never the other way round."""


LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Report:
    """One report, as a provider's callback brings it.

    backend, event_id: who reports, and their number for this report; the second with the same numbers is ignored.
    kind: sent, delivered, bounced (for good) or complained.
    provider_id: the provider's name for the message. message_id: ours, where the provider gives our reference back.
    reported_at: the provider's clock, kept and not trusted.
    raw: the report as it came.
    """

    backend: str
    event_id: str
    kind: str
    provider_id: str = ""
    message_id: int | None = None
    reported_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


def apply_delivery(report: Report) -> DeliveryEvent:
    """Keep the report, and move its message's delivery forward; ring ``message_changed`` if anything changed.

    A report about a message that is not known (yet) is kept too, and applied when the message's settling brings the
    provider's id. A report settles a doubt: what is reported on was accepted. Bounces and complaints by email
    suppress the address.
    """
    with transaction.atomic():
        message = _message_of(report)
        DeliveryEvent.objects.bulk_create(
            [
                DeliveryEvent(
                    message=message,
                    backend=report.backend,
                    event_id=report.event_id,
                    provider_id=report.provider_id,
                    kind=report.kind,
                    reported_at=report.reported_at,
                    received_at=clock.now(),
                    raw=dict(report.raw),
                )
            ],
            ignore_conflicts=True,
        )
        event = DeliveryEvent.objects.get(backend=report.backend, event_id=report.event_id)
        if message is not None and event.message_id in (None, message.pk):
            if event.message_id is None:
                event.message = message
                event.save(update_fields=["message"])
            if _move(message, [event.kind]):
                bell.ring([message.pk])
        return event


def _message_of(report: Report) -> Message | None:
    rows = Message.objects.select_for_update(of=("self",))
    if report.message_id is not None:
        return rows.filter(pk=report.message_id).first()
    if report.provider_id:
        return rows.filter(provider_id=report.provider_id).order_by("-pk").first()
    return None


def adopt(ids: Mapping[str, int]) -> None:
    """Apply reports that came before their messages were settled. ``ids``: message id by provider's id."""
    if not ids:
        return
    waiting: dict[int, list[DeliveryEvent]] = {}
    for event in DeliveryEvent.objects.filter(message=None, provider_id__in=list(ids)).order_by("id"):
        waiting.setdefault(ids[event.provider_id], []).append(event)
    if not waiting:
        return
    messages = Message.objects.select_for_update(of=("self",)).filter(pk__in=list(waiting))
    for message in messages.order_by("id"):
        events = waiting[message.pk]
        DeliveryEvent.objects.filter(pk__in=[event.pk for event in events]).update(message=message)
        _move(message, [event.kind for event in events])


def adopt_late() -> int:
    """Apply reports that crossed with their messages' settling, so that neither saw the other; return how many."""
    since = clock.now() - LATE
    orphans = DeliveryEvent.objects.filter(message=None, received_at__gt=since).exclude(provider_id="")
    names = set(orphans.values_list("provider_id", flat=True))
    if not names:
        return 0
    with transaction.atomic():
        ids = dict(Message.objects.filter(provider_id__in=names).values_list("provider_id", "pk"))
        adopt(ids)
        bell.ring(sorted(ids.values()))
    return len(ids)


def _move(message: Message, kinds: list[str]) -> bool:
    """Take the furthest of what was reported, and save; say whether anything changed."""
    fields: list[str] = []
    furthest = max((Delivery(kind) for kind in [message.delivery, *kinds]), key=ORDER.index)
    if furthest != message.delivery:
        message.delivery = furthest
        fields.append("delivery")
    # Queued with resend_at is the second sending, which is needless now.
    if message.state == State.IN_DOUBT or (message.state == State.QUEUED and message.resend_at):
        message.state = State.ACCEPTED
        message.resend_at = None
        message.settled_at = clock.now()
        fields += ["state", "resend_at", "settled_at"]
    if fields:
        message.save(update_fields=fields)
    if message.channel == Channel.EMAIL:
        if Delivery.BOUNCED in kinds:
            suppression.suppress(bytes(message.digest), suppression.Scope.ALL, suppression.Cause.HARD_BOUNCE)
        if Delivery.COMPLAINED in kinds:
            suppression.suppress(bytes(message.digest), suppression.Scope.ALL, suppression.Cause.COMPLAINT)
    return bool(fields)


def settle_doubt(message_id: int, *, arrived: bool, detail: str) -> bool:
    """End a doubt by a person's word: it arrived, or it did not. Returns False if there was no doubt (any more)."""
    state = State.ACCEPTED if arrived else State.REFUSED
    with transaction.atomic():
        changed = Message.objects.filter(pk=message_id, state=State.IN_DOUBT).update(
            state=state, detail=detail[:500], resend_at=None, settled_at=clock.now()
        )
        if changed:
            bell.ring([message_id])
    return bool(changed)
