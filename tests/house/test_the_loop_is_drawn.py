"""docs/the-loop.md draws the states as the code has them: nothing missing, nothing made up."""

import re

import pytest
from django.conf import settings

from feedback.models.messages import State
from feedback.reasons import SkipReason
from followups.states import TRANSITIONS, PointStatus, Status
from surveys.models import Invitation
from tests.house.sources import ROOT

PAGE = ROOT / "docs/the-loop.md"
CODE = re.compile(r"`([^`]+)`")


def section(title: str) -> str:
    """The text under a heading of the page."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    assert found, f"docs/the-loop.md has no section {title!r}"
    return rest.partition("\n## ")[0]


def table(title: str, first: str) -> list[list[str]]:
    """The rows of the table in this section whose first column has this heading."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section(title).splitlines()
        if line.startswith("|")
    ]
    start = next(number for number, row in enumerate(rows) if row[0] == first)
    found: list[list[str]] = []
    for row in rows[start + 2 :]:
        if set(row[0]) <= {"-"}:  # the next table has begun: its heading was no row of ours
            return found[:-1]
        found.append(row)
    return found


def in_table(title: str) -> set[tuple[str, str, str]]:
    """The arrows of a table of states: (letter, from, to)."""
    return {
        (row[0], before, after)
        for row in table(title, "arrow")
        for before in CODE.findall(row[1])
        for after in CODE.findall(row[2])
    }


def in_picture(title: str) -> set[tuple[str, str, str]]:
    """The arrows of the section's diagram: (letter, from, to)."""
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\w)$", section(title), flags=re.MULTILINE)
    return {(letter, before, after) for before, after, letter in drawn}


def test_the_states_of_a_follow_up_are_the_ones_in_the_code():
    written = {(before, after) for _letter, before, after in in_table("The follow-up's states")}
    real = {(before.value, after.value) for before, targets in TRANSITIONS.items() for after in targets}
    assert written == real, f"not in the page: {real - written}; not in the code: {written - real}"


def test_every_state_of_a_follow_up_has_its_ways():
    assert set(TRANSITIONS) == set(Status)


def test_picture_and_table_of_a_follow_up_agree():
    assert in_picture("The follow-up's states") == in_table("The follow-up's states")


def test_picture_and_table_of_a_message_agree():
    drawn, written = in_picture("Messages"), in_table("Messages")
    assert drawn <= written, drawn - written
    # One row may name several states on both sides; not every pair of them is a way.
    assert {letter for letter, *_ in drawn} == {letter for letter, *_ in written}
    assert {name for _, *pair in drawn for name in pair} == set(State.values)


@pytest.mark.parametrize(
    ("title", "first", "real"),
    [
        ("What a point is", "point", PointStatus.values),
        ("Invitations", "state", Invitation.State.values),
        ("Invitations", "reason", SkipReason.values),
    ],
)
def test_every_value_is_explained(title, first, real):
    written = [name for row in table(title, first) for name in CODE.findall(row[0])]
    assert sorted(written) == sorted(real)


def test_every_sweep_is_listed_with_its_time():
    written = {row[0].strip("`"): row[1] for row in table("Doorbell and sweep", "task")}
    daily = {task: f"daily, {hour}:{minute:02} UTC" for task, hour, minute in settings.DAILY_SWEEPS}
    assert written == {task: f"{seconds} s" for task, seconds in settings.SWEEPS} | daily
