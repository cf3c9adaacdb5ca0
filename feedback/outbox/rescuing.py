"""What a worker that died left behind, and the one second sending of email in doubt (R30, R31)."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from feedback import clock
from feedback.models.people import Channel
from feedback.outbox import bell
from feedback.outbox.delivery import adopt_late
from feedback.outbox.settling import RESEND_AFTER

DIED = "the worker died while it was sending"
NEVER_TRIED = "claimed again and again, and never got as far as being sent"


def rescue() -> int:
    """Take over every message whose lease has run out; return how many. Any number of processes may do this at once.

    Claimed is provably unsent: it goes back into the queue. Calling is in doubt: an email is sent a second time
    after half an hour, an SMS never by itself.
    """
    now = clock.now()
    with transaction.atomic():
        unsent = _unsent(now)
        doubtful = _doubtful(now)
        bell.ring([pk for pk, over in unsent if over] + doubtful)
    again = _resend(now)
    adopted = adopt_late()
    if again or unsent:
        bell.nudge_on_commit()
    return len(unsent) + len(doubtful) + len(again) + adopted


def _unsent(now: datetime) -> list[tuple[int, bool]]:
    """Queue again what was claimed and no more. Counted as a deferral: a message that kills its workers must end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (
                SELECT id FROM feedback_message
                WHERE state = 'claimed' AND lease_until <= %(now)s
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE feedback_message AS m
            SET lease_until = NULL, deferrals = m.deferrals + 1,
                state = CASE WHEN m.deferrals + 1 < %(limit)s THEN 'queued'
                             WHEN m.resend_at IS NULL THEN 'refused' ELSE 'in_doubt' END,
                detail = CASE WHEN m.deferrals + 1 < %(limit)s THEN m.detail ELSE %(never)s END,
                resend_at = CASE WHEN m.deferrals + 1 < %(limit)s THEN m.resend_at END,
                settled_at = CASE WHEN m.deferrals + 1 < %(limit)s THEN NULL ELSE %(now)s::timestamptz END
            FROM lost WHERE m.id = lost.id
            RETURNING m.id, m.state <> 'queued'
            """,
            {"now": now, "limit": settings.SEND_ATTEMPTS, "never": NEVER_TRIED},
        )
        return [(pk, over) for pk, over in cursor.fetchall()]


def _doubtful(now: datetime) -> list[int]:
    """Only a report that came in meanwhile says that the provider has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (
                SELECT id FROM feedback_message
                WHERE state = 'calling' AND lease_until <= %(now)s
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE feedback_message AS m
            SET state = CASE WHEN m.delivery = '' THEN 'in_doubt' ELSE 'accepted' END,
                lease_until = NULL, settled_at = %(now)s, detail = %(died)s,
                resend_at = CASE WHEN m.channel = %(email)s AND m.resend_at IS NULL AND m.delivery = ''
                                 THEN %(resend)s::timestamptz END
            FROM lost WHERE m.id = lost.id
            RETURNING m.id
            """,
            {"now": now, "died": DIED, "email": Channel.EMAIL.value, "resend": now + RESEND_AFTER},
        )
        return [row[0] for row in cursor.fetchall()]


def _resend(now: datetime) -> list[int]:
    """Queue email in doubt for its second sending. ``resend_at`` stays, and says from here on that it is the second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH doubtful AS (
                SELECT id FROM feedback_message
                WHERE state = 'in_doubt' AND resend_at <= %(now)s
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE feedback_message AS m SET state = 'queued', due_at = %(now)s, settled_at = NULL
            FROM doubtful WHERE m.id = doubtful.id
            RETURNING m.id
            """,
            {"now": now},
        )
        return [row[0] for row in cursor.fetchall()]
