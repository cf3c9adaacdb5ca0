"""The ServiceNow log (incidents_servicenow/SOURCE.md): every change of an incident, ordered by ``sys_mod_count``.

Made up are only the customers' names and addresses; see tests/realdata/callers.py.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.utils.text import slugify

from tests.realdata.callers import Callers
from tests.realdata.logs import Log, Said, in_time, known, rows

SOURCE = "servicenow"
DONE = ("Resolved", "Closed")


def read(data: Path) -> Log:
    return Log(SOURCE, in_time(_events(data / "incidents_servicenow" / "events.csv.gz")))


def _events(file: Path) -> Iterator[Said]:
    callers = Callers(SOURCE)
    resolved: dict[str, str | None] = {}
    # By the incident's own version: the file has a few incidents out of it.
    ordered = sorted(rows(file), key=lambda row: (row["number"], int(row["sys_mod_count"])))
    for row in ordered:
        at, done = _time(row["sys_updated_at"]), row["incident_state"] in DONE
        # The log repeats the final date on every row; what the help desk knew was the beginning of the run.
        since = resolved[row["number"]] = (resolved.get(row["number"]) or at.isoformat()) if done else None
        yield Said(
            at,
            known(
                source=SOURCE,
                external_id=row["number"],
                status="resolved" if done else "open",
                occurred_at=at.isoformat(),
                sequence=int(row["sys_mod_count"]),
                opened_at=_time(row["opened_at"]).isoformat(),
                resolved_at=since,
                customer=callers.payload(row["caller_id"]),
                department=slugify(row["assignment_group"]),
                served_by=row["assigned_to"] if row["assigned_to"] != "?" or not done else row["resolved_by"],
                subject=", ".join(t for t in (row["category"], row["u_symptom"]) if t != "?"),
                product=row["subcategory"],
                channel=row["contact_type"].lower(),
                resolution=row["closed_code"] if done else None,
            ),
        )


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
