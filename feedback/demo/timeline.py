"""Two months of the log in a quarter of an hour: when each event happens for us, and how it goes to the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feedback.demo import cast, people, sample

# One day of the log takes this long.
DAY = timedelta(seconds=15)
# What happened in the log's first two weeks lies behind us when the demo starts, and comes in one burst.
BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class Timeline:
    """A straight line from the log's time to ours: `origin` of the log is `start` of ours (UTC)."""

    origin: datetime
    start: datetime

    def moment(self, logged: datetime) -> datetime:
        """When a moment of the log is, for us."""
        return self.start + (logged - self.origin) / timedelta(days=1) * DAY


def begin(now: datetime, next_event: sample.Incident | None = None) -> Timeline:
    """A timeline that starts now: at its burst, or, to go on after a break, at the event that comes next."""
    origin = next_event.at if next_event else sample.incidents()[0].at + BEFORE
    return Timeline(origin, now)


def payload(event: sample.Incident, timeline: Timeline) -> dict[str, Any]:
    """One event as the API takes it (DESIGN 9). The end of the story is not told before it has come."""
    customer = people.callers()[event.caller]
    team = cast.BY_GROUP.get(sample.first_resolved_in()[event.number], cast.ELSEWHERE)
    topics = team.topics[customer.language]
    topic = topics[int(event.number[3:]) % len(topics)]
    fields = {
        "source": cast.SOURCE,
        "external_id": event.number,
        "customer": customer.payload(),
        "subject": topic.subject,
        "department": event.group,
        "served_by": event.served_by,
        "product": team.product,
        "order_ref": f"HM-{event.number[-5:]}",
        "channel": event.contact.lower(),
        "opened_at": timeline.moment(event.opened_at).isoformat(),
        "status": "resolved" if event.resolved_at else "open",
        "occurred_at": timeline.moment(event.at).isoformat(),
        "sequence": event.sequence,
    }
    if event.resolved_at:
        fields["resolved_at"] = timeline.moment(event.resolved_at).isoformat()
        fields["resolution"] = topic.resolution
    return {name: value for name, value in fields.items() if value not in (None, "")}
