"""The journal as a conversation: the customer on the left, staff on the right, the system small between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from feedback.models import User
from followups.models import JournalEntry, Promise, Reply, ReplyPart
from followups.models.journal import Actor
from followups.states import Event, Severity, WithdrawnReason

SHARED = (Event.HEARD, Event.CALL_ASKED, Event.WRITTEN, Event.CALLED, Event.NOT_FIXED)
"""What belongs to the customer's thread, whichever department's follow-up it stands in."""

SAID = (Event.WRITTEN, Event.HEARD, Event.CALL_ASKED, Event.NOTED, Event.CALLED, Event.NOT_FIXED, Event.FIXED)


@dataclass(frozen=True)
class Turn:
    """One turn. ``side`` is ``customer``, ``staff`` or ``system``; ``parts`` are those of a reply."""

    side: str
    at: datetime
    who: str
    what: str
    text: str = ""
    note: bool = False
    erased: bool = False
    parts: list[ReplyPart] = field(default_factory=list)
    delivery: str = ""


@dataclass(frozen=True)
class Known:
    """Rows that entries point at by id, read once for all of them."""

    own_id: int
    replies: Mapping[int, Reply]
    parts: Mapping[int, list[ReplyPart]]
    promises: Mapping[int, Promise]
    staff: Mapping[int, User]
    titles: Mapping[int, str]


def turns(entries: Iterable[JournalEntry], known: Known) -> list[Turn]:
    """Return the conversation, oldest first; of a sister's journal only what belongs to the customer's thread."""
    told: list[Turn] = []
    seen: set[int] = set()
    for entry in entries:
        own = entry.follow_up_id == known.own_id
        if not own and (entry.kind not in SHARED or entry.words_id is None or _is_private(entry)):
            continue
        if entry.words_id is not None:
            if entry.words_id in seen:
                continue
            seen.add(entry.words_id)
        if (turn := _turn(entry, known)) is not None:
            told.append(turn)
    return told


def _is_private(entry: JournalEntry) -> bool:
    """A call's note is its department's own; only that there was a call is the customer's too."""
    return entry.kind == Event.CALLED


def _turn(entry: JournalEntry, known: Known) -> Turn | None:
    who = str(entry.staff) if entry.staff else ""
    words = entry.words
    if entry.kind == Event.REPLIED:
        reply = known.replies.get(entry.data.get("reply", 0))
        parts = known.parts.get(reply.pk, []) if reply else []
        delivery = (
            str(reply.message.get_state_display())
            if reply and reply.message
            else gettext("on their page only")
        )
        return Turn("staff", entry.at, who, gettext("reported back"), parts=parts, delivery=delivery)
    if entry.kind == Event.PROMISED:
        promise = known.promises.get(entry.data.get("promise", 0))
        text = promise.words.text if promise and promise.words else ""
        side = "staff" if entry.by == Actor.STAFF else "system"
        return Turn(side, entry.at, who, gettext("promised"), text)
    if entry.kind in SAID and (words is not None or entry.by == Actor.CUSTOMER):
        side = "customer" if entry.by == Actor.CUSTOMER else "staff"
        return Turn(
            side,
            entry.at,
            gettext("Customer") if side == "customer" else who,
            _what(entry, known),
            words.text if words else "",
            note=entry.kind in (Event.NOTED, Event.CALLED),
            erased=words is not None and words.erased_at is not None,
        )
    said = _small(entry, known, who)
    return Turn("system", entry.at, "", said) if said else None


def _what(entry: JournalEntry, known: Known) -> str:
    title = known.titles.get(entry.point_id or 0, "")
    match entry.kind:
        case Event.NOTED:
            return gettext("note, for colleagues only")
        case Event.CALLED:
            return gettext("called the customer")
        case Event.CALL_ASKED:
            return gettext("asks for a call")
        case Event.FIXED:
            return (
                gettext("says “%(point)s” is fixed") % {"point": title}
                if title
                else gettext("says it is fixed")
            )
        case Event.NOT_FIXED:
            return (
                gettext("says “%(point)s” is not fixed") % {"point": title}
                if title
                else gettext("says it is not fixed")
            )
    return ""


def _small(entry: JournalEntry, known: Known, who: str) -> str:
    """Say an event that nobody spoke; empty for those that say nothing to a reader."""
    title, data = known.titles.get(entry.point_id or 0, ""), entry.data
    match entry.kind:
        case Event.OPENED:
            return gettext("Opened")
        case Event.POINT_ADDED:
            return gettext("Point: %(point)s") % {"point": title}
        case Event.POINT_MOVED:
            if data.get("to") == known.own_id:
                return gettext("“%(point)s” came here") % {"point": title}
            return gettext("A point went to another department")
        case Event.POINT_SPLIT:
            return gettext("“%(point)s” was split by %(who)s") % {"point": title, "who": who}
        case Event.POINT_WITHDRAWN:
            return gettext("The customer withdrew “%(point)s”") % {"point": title}
        case Event.SEVERITY_RAISED:
            to = dict(Severity.choices).get(data.get("to", ""), "")
            return gettext("Severity raised to %(severity)s") % {"severity": to}
        case Event.ASSIGNED:
            to_staff = known.staff.get(data.get("to") or 0)
            if to_staff is None:
                return gettext("Nobody is left to work it")
            return gettext("Assigned to %(name)s") % {"name": to_staff}
        case Event.TAKEN:
            return gettext("%(who)s took it") % {"who": who}
        case Event.PROMISE_KEPT:
            return gettext("A promise was kept") + _quoted(known, data)
        case Event.PROMISE_RELEASED:
            return gettext("The customer released us from a promise") + _quoted(known, data)
        case Event.TOLD:
            return gettext("The customer was told")
        case Event.MOVED:
            if data.get("reason"):
                reason = dict(WithdrawnReason.choices).get(data["reason"], "")
                return gettext("Withdrawn: %(reason)s") % {"reason": reason}
            return f"{entry.get_from_status_display()} → {entry.get_to_status_display()}"
    return str(entry.get_kind_display()) if entry.words is None else ""


def _quoted(known: Known, data: Mapping[str, Any]) -> str:
    promise = known.promises.get(data.get("promise", 0))
    return f": “{promise.words.text}”" if promise and promise.words else ""
