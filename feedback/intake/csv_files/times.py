"""Times as exports write them, most of them without a zone and some in an order that only the whole file tells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_CLOCK = (
    r"(?:[T,\s]*(?P<before>上午|下午)?\s*(?P<hour>\d{1,2})[:：时](?P<minute>\d{1,2})"
    r"(?:[:：分](?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?秒?|分)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _CLOCK)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)(?P<year>\d{4})" + _CLOCK
)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(?P<day>\d{1,2})[-/.\s]+(?P<name>[A-Za-z]{3,9})[-/.,\s]+(?P<year>\d{4}|\d{2})"
    + _CLOCK
)
_NAME_FIRST = re.compile(
    r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _CLOCK
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}

DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True, slots=True)
class Moment:
    """One time, placed. ``skipped``: the clocks never showed it; ``doubled``: they showed it twice."""

    at: datetime
    skipped: bool = False
    doubled: bool = False


def order_of(text: str) -> str | None:
    """Say what one date tells of the order of day and month: DAY_FIRST, MONTH_FIRST, "" (either way), or None."""
    found = _YEAR_LAST.fullmatch(text.strip())
    if found is None or found["mark"] == ".":  # dots are used for day first alone
        return None
    first, second = int(found["first"]), int(found["second_part"])
    if first > 12:
        return DAY_FIRST
    if second > 12:
        return MONTH_FIRST
    return None if first == second else ""


class Times:
    """Reads the times of one file.

    Args:
        zone: what times without a zone are read in.
        order: DAY_FIRST, MONTH_FIRST, or "" where the file has no date that needs to know.
    """

    def __init__(self, zone: tzinfo, order: str) -> None:
        self.zone = zone
        self.order = order
        # Exports of changes repeat them in every row.
        self.read = lru_cache(maxsize=10_000)(self._read)

    def _read(self, text: str) -> Moment:
        """Return the moment that ``text`` names; a date alone is the beginning of that day.

        A time that the clocks skipped is read as much later as they skipped; one that they showed twice is read as the
        first (PEP 495).

        Raises:
            ValueError: this is no time. The message is for people.
        """
        text = text.strip()
        naive, zone = self._parts(text)
        if zone is not None:
            return Moment(naive.replace(tzinfo=zone).astimezone(UTC))
        try:
            aware = naive.replace(tzinfo=self.zone)
            at = aware.astimezone(UTC)
            skipped = at.astimezone(self.zone).replace(tzinfo=None) != naive
        except OverflowError as error:
            raise ValueError(f"{text!r} is out of range") from error
        doubled = not skipped and aware.utcoffset() != aware.replace(fold=1).utcoffset()
        return Moment(at, skipped, doubled)

    def _parts(self, text: str) -> tuple[datetime, tzinfo | None]:
        for pattern in (_YEAR_FIRST, _YEAR_LAST, _NAMED, _NAME_FIRST):
            if found := pattern.fullmatch(text):
                try:
                    return self._date(found) + _clock(found), _zone(found["zone"])
                except (ValueError, OverflowError) as error:
                    raise ValueError(f"{text!r} is no date that there is ({error})") from error
        raise ValueError(f"{text!r} is not a time as we know it, such as 2016-02-29 01:23 or 29/2/2016 01:23")

    def _date(self, found: re.Match[str]) -> datetime:
        parts = found.groupdict()
        year = int(parts["year"])
        if parts.get("name"):
            if len(parts["year"]) == 2:
                year += 2000 if year < 69 else 1900  # POSIX
            month = _MONTHS.get(parts["name"][:3].lower())
            if month is None:
                raise ValueError("no such month")
            return datetime(year, month, int(parts["day"]))  # noqa: DTZ001  # its zone is given in the next step
        if "month" in parts:
            return datetime(year, int(parts["month"]), int(parts["day"]))  # noqa: DTZ001  # ... the same
        first, second = int(parts["first"]), int(parts["second_part"])
        day_first = parts["mark"] == "." or self.order != MONTH_FIRST
        day, month = (first, second) if day_first else (second, first)
        return datetime(year, month, day)  # noqa: DTZ001  # ... the same


def _clock(found: re.Match[str]) -> timedelta:
    if found["hour"] is None:
        return timedelta(0)
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    half = (found["half"] or "").lower()[:1] or {"上午": "a", "下午": "p"}.get(found["before"] or "", "")
    if half:
        if not 1 <= hour <= 12 and not (found["before"] and hour < 24):
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else hour
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such hour")
    fraction = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if not text.startswith(("+", "-")):
        return UTC
    sign = -1 if text.startswith("-") else 1
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


class Orders:
    """What all dates of a file together say of the order of day and month."""

    def __init__(self) -> None:
        self.proof: dict[str, tuple[int, str]] = {}

    def look_at(self, line: int, texts: Iterable[str]) -> None:
        for text in texts:
            if (order := order_of(text)) is not None:
                self.proof.setdefault(order, (line, text.strip()))
