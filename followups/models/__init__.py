"""The rows of acting and reporting back."""

from followups.models.followup import Evidence, FollowUp, Point, RoutingRule
from followups.models.journal import JournalEntry, Words
from followups.models.promises import Promise
from followups.models.replies import Reply, ReplyPart, Verdict

__all__ = [
    "Evidence",
    "FollowUp",
    "JournalEntry",
    "Point",
    "Promise",
    "Reply",
    "ReplyPart",
    "RoutingRule",
    "Verdict",
    "Words",
]
