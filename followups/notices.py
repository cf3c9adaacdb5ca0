"""The notice to an assignee that a follow-up is theirs: due when its row says so, sent once per assignment (R5)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from feedback import clock, outbox, texts
from feedback.models import Message
from feedback.models.messages import Purpose
from followups import assignment, due, messages
from followups.models import FollowUp
from followups.states import PointStatus

BATCH = 200
KEY = "notice:"


def send_due(now: datetime | None = None) -> int:
    """Queue the notices that are due. Returns how many follow-ups were gone through."""
    now = now or clock.now()
    done = 0
    while True:
        with transaction.atomic():
            rows = list(
                FollowUp.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(notice_at__lte=now)
                .select_related("assignee", "department")
                .order_by("notice_at", "pk")[:BATCH]
            )
            for follow_up in rows:
                _send(follow_up)
        done += len(rows)
        if len(rows) < BATCH:
            return done


def _send(follow_up: FollowUp) -> None:
    assignee, noticed_at = follow_up.assignee, follow_up.notice_at
    follow_up.notice_at = None
    follow_up.save(update_fields=["notice_at"])
    if assignee is None or not assignment.fits(follow_up) or not assignee.email or noticed_at is None:
        return  # whoever gets it instead is told when it is handed over
    language = texts.known_language(assignee.language)
    words = messages.notice(
        language,
        staff=assignee,
        follow_up=follow_up,
        points=follow_up.points.filter(status=PointStatus.OPEN).count(),
        due_at=due.of(follow_up).next,
    )
    outbox.enqueue(
        send_key=f"{KEY}{follow_up.pk}:{assignee.pk}:{noticed_at.timestamp():.6f}",
        purpose=Purpose.NOTICE,
        channel="email",
        language=language,
        subject=words.subject,
        text=words.text,
        html=words.html,
        staff=assignee,
    )


def before_sending(due_now: Sequence[Message], now: datetime) -> dict[int, outbox.Cancel]:
    """Cancel those notices whose follow-up has meanwhile gone to somebody else: they may have served in it (R13)."""
    ids = {one.pk: int(one.send_key.split(":")[1]) for one in due_now if one.send_key.startswith(KEY)}
    assignees = dict(FollowUp.objects.filter(pk__in=ids.values()).values_list("pk", "assignee"))
    return {
        one.pk: outbox.Cancel("")
        for one in due_now
        if one.pk in ids and assignees.get(ids[one.pk]) != one.staff_id
    }
