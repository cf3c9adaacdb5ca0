"""The sample of real data (data/README.md), read into Python; nothing is made up here."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data")
DONE = ("Resolved", "Closed")


@dataclass(frozen=True)
class Incident:
    """One event of the log. Times are as written, naive; `?` became None."""

    number: str
    state: str
    sequence: int
    at: datetime
    opened_at: datetime
    resolved_at: datetime | None  # of the run of Resolved and Closed that this event belongs to
    caller: str
    group: str
    served_by: str | None
    contact: str
    reopened: int


@dataclass(frozen=True)
class Comment:
    """One real comment. `reasons` are keys of the default survey's reasons."""

    identifier: str
    language: str
    department: str
    negative: bool
    reasons: tuple[str, ...]
    about_person: bool
    text: str
    source: str


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007  # the log names no zone


def _known(text: str) -> str | None:
    return None if text == "?" else text


def _incidents() -> Iterator[Incident]:
    resolved: dict[str, datetime | None] = {}
    with gzip.open(DATA / "incidents.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at, done = _time(row["sys_updated_at"]), row["incident_state"] in DONE
            resolved[row["number"]] = (resolved.get(row["number"]) or at) if done else None
            yield Incident(
                number=row["number"],
                state=row["incident_state"],
                sequence=int(row["sys_mod_count"]),
                at=at,
                opened_at=_time(row["opened_at"]),
                resolved_at=resolved[row["number"]],
                caller=row["caller_id"],
                group=row["assignment_group"],
                served_by=_known(row["assigned_to"]) or (_known(row["resolved_by"]) if done else None),
                contact=row["contact_type"],
                reopened=int(row["reopen_count"]),
            )


@cache
def incidents() -> tuple[Incident, ...]:
    """All events, in the order in which they happened."""
    return tuple(_incidents())


@cache
def first_resolved_in() -> dict[str, str]:
    """For each incident the group that first resolved it."""
    groups: dict[str, str] = {}
    for event in incidents():
        if event.resolved_at:
            groups.setdefault(event.number, event.group)
    return groups


@cache
def comments() -> tuple[Comment, ...]:
    """All comments, in the file's order."""
    with open(DATA / "comments.csv", encoding="utf-8", newline="") as file:
        return tuple(
            Comment(
                identifier=row["id"],
                language=row["language"],
                department=row["department"],
                negative=row["polarity"] == "negative",
                reasons=tuple(row["reasons"].split()),
                about_person=row["about_person"] == "yes",
                text=row["text"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )
