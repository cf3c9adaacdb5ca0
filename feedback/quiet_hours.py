"""Hours of the day in which no survey arrives, in the customer's own time zone (R1)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str, otherwise: str = "UTC") -> ZoneInfo:
    """Return the IANA zone called ``name``; an empty or unknown name gives ``otherwise``."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def next_allowed(moment: datetime, local: ZoneInfo, quiet: tuple[int, int] | None) -> datetime:
    """Return ``moment``, or the end of the quiet hours it falls into.

    Args:
        moment: aware datetime.
        local: the customer's zone; the hours are read on its wall clock.
        quiet: (first quiet hour, first allowed hour), e.g. ``(20, 9)``; ``None`` means no quiet hours.

    Returns:
        An aware datetime in UTC, never before ``moment``.
    """
    utc = ZoneInfo("UTC")
    if quiet is None or quiet[0] == quiet[1]:
        return moment.astimezone(utc)
    begin, end = quiet
    wall = moment.astimezone(local)
    if begin < end:
        is_quiet = begin <= wall.hour < end
        day = wall.date()
    else:
        is_quiet = wall.hour >= begin or wall.hour < end
        day = wall.date() if wall.hour < end else wall.date() + timedelta(days=1)
    if not is_quiet:
        return moment.astimezone(utc)
    # In a gap of daylight saving the wall time does not exist; the later of the two readings is outside it.
    return max(moment, datetime.combine(day, time(end), tzinfo=local)).astimezone(utc)
