"""Clocks are pure functions of the journal: they never reset, and leave out only what was not owed (R17)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.clocks import Happening, elapsed, first_contact_due, one_business_day, owed, told_due
from followups.states import Event

pytestmark = pytest.mark.rule("R17")

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
TARGET = timedelta(hours=120)
HOUR = timedelta(hours=1)


def told(at, *points):
    return Happening(Event.TOLD, at, data={"points": list(points)})


def again(at, *points):
    return Happening(Event.NOT_FIXED, at, points[0], {"reopened": list(points)})


def test_an_untold_point_is_due_its_target_after_the_answer():
    assert told_due(owed(1, START, []), TARGET) == START + TARGET


def test_nothing_is_due_while_the_customer_has_the_last_word():
    assert told_due(owed(1, START, [told(START + HOUR, 1)]), TARGET) is None


def test_not_fixed_goes_on_with_the_same_clock():
    spans = owed(1, START, [told(START + 100 * HOUR, 1), again(START + 300 * HOUR, 1)])
    assert told_due(spans, TARGET) == START + 320 * HOUR


def test_a_telling_about_another_point_stops_no_clock_of_this_one():
    assert told_due(owed(1, START, [told(START + HOUR, 2)]), TARGET) == START + TARGET


def test_fifty_closings_and_reopenings_give_no_hour_away():
    journal, at = [], START
    for _ in range(50):
        journal += [told(at + HOUR, 1), again(at + 3 * HOUR, 1)]
        at += 3 * HOUR
    assert elapsed(owed(1, START, journal), at) == 50 * HOUR
    assert told_due(owed(1, START, journal), TARGET) == at + 70 * HOUR


def test_the_first_contact_is_human_and_once():
    assert first_contact_due(START, [Happening(Event.NOTED, START)], 24 * HOUR) == START + 24 * HOUR
    assert first_contact_due(START, [Happening(Event.WRITTEN, START)], 24 * HOUR) is None


@given(st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=30), st.integers(0, 10_000))
def test_clocks_are_additive_and_never_smaller(steps, later):
    journal, at = [], START
    for number, minutes in enumerate(steps):
        at += timedelta(minutes=minutes)
        journal.append(told(at, 1) if number % 2 == 0 else again(at, 1))
    now, then = at, at + timedelta(minutes=later)
    spans = owed(1, START, journal)
    assert all(span.until is None or span.since <= span.until for span in spans)
    assert sum(((s.until or now) - s.since for s in spans), timedelta()) == elapsed(spans, now)
    assert elapsed(spans, then) >= elapsed(spans, now)
    due = told_due(spans, TARGET)
    if due is not None:
        assert due - spans[-1].since + elapsed(spans[:-1], now) == TARGET


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-19 15:00", "2026-11-20 15:00"),
        ("2026-11-20 15:00", "2026-11-23 15:00"),
        ("2026-11-22 08:00", "2026-11-23 08:00"),
    ],
)
def test_one_business_day_later(asked, due):
    shanghai = ZoneInfo("Asia/Shanghai")
    at = datetime.fromisoformat(asked).replace(tzinfo=shanghai)
    assert one_business_day(at, shanghai) == datetime.fromisoformat(due).replace(tzinfo=shanghai)
