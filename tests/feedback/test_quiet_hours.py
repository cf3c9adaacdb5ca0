"""No survey arrives in the quiet hours of the customer's own wall clock (R1)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.quiet_hours import next_allowed, zone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str, tz: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=tz)


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-20 08:59", "2026-11-20 09:00"),
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20 19:59", "2026-11-20 19:59"),
        ("2026-11-20 20:00", "2026-11-21 09:00"),
        ("2026-12-31 23:30", "2027-01-01 09:00"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(at, allowed):
    assert next_allowed(local(at), SHANGHAI, (20, 9)) == local(allowed)


def test_quiet_hours_within_one_day():
    assert next_allowed(local("2026-11-20 13:10"), SHANGHAI, (12, 14)) == local("2026-11-20 14:00")


def test_without_quiet_hours_nothing_waits():
    assert next_allowed(local("2026-11-20 03:00"), SHANGHAI, None) == local("2026-11-20 03:00")


def test_an_unknown_zone_falls_back():
    assert zone("Mars/Olympus", "Asia/Shanghai") == SHANGHAI and zone("") == ZoneInfo("UTC")


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
)
def test_the_result_is_never_earlier_and_never_quiet(moment, name):
    tz = ZoneInfo(name)
    allowed = next_allowed(moment, tz, (20, 9))
    assert allowed >= moment and 9 <= allowed.astimezone(tz).hour < 20
    assert (allowed - moment).total_seconds() <= 14 * 3600
