"""The one place that writes the journal, and the words that it points at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedback.models import User
from followups.clocks import Happening
from followups.models import FollowUp, JournalEntry, Point, Words
from followups.models.journal import Actor
from followups.states import Event


def append(*args: Any, **kwargs: Any) -> JournalEntry:
    """Append one entry to the journal: arguments as ``entry``."""
    row = entry(*args, **kwargs)
    row.save(force_insert=True)
    return row


def entry(
    follow_up: FollowUp,
    kind: Event,
    at: datetime,
    *,
    staff: User | None = None,
    by_customer: bool = False,
    point: Point | None = None,
    words: Words | None = None,
    from_status: str = "",
    to_status: str = "",
    data: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Return one entry, unsaved; the system's own without ``staff`` or ``by_customer``.

    ``data`` holds ids, never words.
    """
    actor = Actor.STAFF if staff else Actor.CUSTOMER if by_customer else Actor.SYSTEM
    return JournalEntry(
        follow_up=follow_up,
        kind=kind,
        at=at,
        by=actor,
        staff=staff,
        point=point,
        words=words,
        from_status=from_status,
        to_status=to_status,
        data=dict(data or {}),
    )


def keep(follow_up: FollowUp, text: str, at: datetime) -> Words:
    """Keep free words in a row of their own, which can be erased while the journal stays."""
    return Words.objects.create(response_id=follow_up.response_id, text=text, written_at=at)


def happenings(response_id: int) -> list[tuple[int, Happening]]:
    """Return (follow-up id, entry) of all follow-ups of a response, oldest first, as the clocks read them."""
    rows = JournalEntry.objects.filter(follow_up__response=response_id).order_by("pk")
    return [
        (row["follow_up_id"], Happening(row["kind"], row["at"], row["point_id"], row["data"]))
        for row in rows.values("follow_up_id", "kind", "at", "point_id", "data")
    ]
