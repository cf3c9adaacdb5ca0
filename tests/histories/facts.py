"""What stands in the database at one moment, read set by set, so that a check can compare before with after."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedback import clock
from feedback.models import CaseEvent, Contact, Message, Resolution, StaffIdentity, Suppression, User
from followups.models import (
    Evidence,
    FollowUp,
    JournalEntry,
    Point,
    Promise,
    Reply,
    ReplyPart,
    Verdict,
    Words,
)
from surveys.models import Answer, Invitation, Response

TABLES: dict[str, tuple[Any, str]] = {
    "people": (User, "is_active email"),
    "names": (StaffIdentity, "external_id user_id"),
    "contacts": (Contact, "customer_id channel digest"),
    "blocks": (Suppression, "digest scope cause"),
    "events": (CaseEvent, "case_id sequence status"),
    "resolutions": (
        Resolution,
        "case_id reopened_at served_by_id served_by__user_id department_id case__customer_id",
    ),
    "invitations": (
        Invitation,
        "resolution_id customer_id state reason message_id version_id link__expires_at",
    ),
    "messages": (
        Message,
        "send_key purpose channel state reason delivery customer_id staff_id digest created_at settled_at due_at",
    ),
    "responses": (Response, "invitation_id invitation__resolution_id customer_id"),
    "answers": (Answer, "response_id question__kind score chosen words answered_at superseded_at"),
    "follow_ups": (
        FollowUp,
        """response_id customer_id department_id department__retired_at assignee_id status severity told_at
        notice_at next_due_at withdrawn_reason merged_into_id""",
    ),
    "points": (Point, "response_id follow_up_id key status about_person split_from_id opened_at"),
    "evidence": (Evidence, "point_id answer_id reason"),
    "journal": (
        JournalEntry,
        "follow_up_id kind at by staff_id point_id words_id from_status to_status data",
    ),
    "words": (Words, "response_id text"),
    "promises": (Promise, "follow_up_id point_id kind state assignee_id words_id due_at"),
    "replies": (Reply, "follow_up_id message_id posted_at"),
    "parts": (ReplyPart, "reply_id point_id found did changes"),
    "verdicts": (Verdict, "part_id word said_at"),
}


@dataclass
class Facts:
    """Every table as rows by their id, in the order of the ids; columns are attributes, joined ones with ``__``."""

    now: datetime
    people: dict[int, Any]
    names: dict[int, Any]
    contacts: dict[int, Any]
    blocks: dict[int, Any]
    events: dict[int, Any]
    resolutions: dict[int, Any]
    invitations: dict[int, Any]
    messages: dict[int, Any]
    responses: dict[int, Any]
    answers: dict[int, Any]
    follow_ups: dict[int, Any]
    points: dict[int, Any]
    evidence: dict[int, Any]
    journal: dict[int, Any]
    words: dict[int, Any]
    promises: dict[int, Any]
    replies: dict[int, Any]
    parts: dict[int, Any]
    verdicts: dict[int, Any]

    @classmethod
    def read(cls) -> "Facts":
        tables = {}
        for name, (model, columns) in TABLES.items():
            rows = model._base_manager.order_by("pk").values_list("pk", *columns.split(), named=True)
            tables[name] = {row.pk: row for row in rows}
        return cls(now=clock.now(), **tables)

    def of(self, table: str, **columns: Any) -> list[Any]:
        """Return the rows of a table whose columns have these values."""
        rows = getattr(self, table).values()
        return [row for row in rows if all(getattr(row, name) == value for name, value in columns.items())]

    def new(self, table: str, before: "Facts") -> list[Any]:
        """Return the rows that were not there before."""
        known = getattr(before, table)
        return [row for pk, row in getattr(self, table).items() if pk not in known]

    def differs(self, before: "Facts") -> list[str]:
        """Return the names of the tables that are not as they were."""
        return [name for name in TABLES if getattr(self, name) != getattr(before, name)]

    def served(self, follow_up: Any) -> int | None:
        """Return the user who served in the case behind a follow-up, by the link that the name has now."""
        response = self.responses[follow_up.response_id]
        found: int | None = self.resolutions[response.invitation__resolution_id].served_by__user_id
        return found

    def newest_part(self, point_id: int) -> Any:
        """Return the last part of a reply that was written on a point, or None."""
        return max(self.of("parts", point_id=point_id), key=lambda part: part.pk, default=None)
