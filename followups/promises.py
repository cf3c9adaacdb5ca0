"""Promises: something said to the customer with a due time (R19)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from feedback import clock
from feedback.models import User
from feedback.models.messages import Purpose
from followups import journal, mail, messages, moves
from followups.models import FollowUp, Promise, Words
from followups.plain import plain
from followups.states import OWED, Event


def promise(
    follow_up_id: int,
    staff: User,
    text: str,
    due_at: datetime,
    kind: str = Promise.Kind.OTHER,
    point_id: int | None = None,
    now: datetime | None = None,
) -> Promise:
    """Promise the customer something by a due time, and tell them.

    Args:
        text: what is promised, as the customer reads it.
        due_at: aware datetime in the future.
        kind: ``call`` or ``other``.
        point_id: the point it is about, if one.

    Raises:
        ValidationError: by field (``text``, ``due_at``, ``point``, ``kind``).
    """
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        said = plain(text, _("Please say what you promise."), field="text")
        if due_at <= now:
            raise ValidationError({"due_at": _("A promise needs a time in the future.")})
        if kind not in Promise.Kind.values:
            raise ValidationError({"kind": _("Unknown kind of promise.")})
        if follow_up.status not in OWED:
            raise ValidationError(_("Nothing is owed here at the moment: the customer has the last word."))
        point = follow_up.points.filter(pk=point_id).first() if point_id else None
        if point_id and point is None:
            raise ValidationError({"point": _("This point does not belong to the follow-up.")})
        moves.begin_work(follow_up, now, staff)
        made = Promise.objects.create(
            follow_up=follow_up,
            point=point,
            kind=kind,
            words=journal.keep(follow_up, said, now),
            assignee=follow_up.assignee,
            made_at=now,
            due_at=due_at,
        )
        journal.append(follow_up, Event.PROMISED, now, staff=staff, point=point, data={"promise": made.pk})
        _write_to_customer(follow_up, made, said)
        moves.finish(follow_up, now)
    return made


def _write_to_customer(follow_up: FollowUp, made: Promise, text: str) -> None:
    mail.send(
        follow_up,
        Purpose.PROMISE,
        f"promise:{made.pk}",
        lambda channel, language: messages.promise_made(
            channel,
            language,
            customer=follow_up.customer,
            text=text,
            due_at=made.due_at,
            call=made.kind == Promise.Kind.CALL,
        ),
    )


def promise_call(follow_up: FollowUp, due_at: datetime, now: datetime, words: Words | None) -> Promise:
    """Make the promise that a customer's wish for a call becomes. The follow-up is locked."""
    return Promise.objects.create(
        follow_up=follow_up,
        kind=Promise.Kind.CALL,
        words=words,
        assignee=follow_up.assignee,
        made_at=now,
        due_at=due_at,
    )
