"""Times in plain words, as the desk says them: "today 15:20", "tomorrow 09:00", "overdue by 3 h"."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext, ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone ``name``, or UTC where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def span(length: timedelta) -> str:
    """Say a length of time in its one largest unit, rounded down: "5 min", "3 h", "2 days"."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < HOUR:
        return gettext("%(n)d min") % {"n": max(seconds // MINUTE, 1)}
    if seconds < 2 * DAY:
        return gettext("%(n)d h") % {"n": seconds // HOUR}
    days = seconds // DAY
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when ``at`` is, seen from ``now`` in ``zone``: "today 15:20", "yesterday 09:00", "Mon 23 Nov 15:20"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    time = f"{local:%H:%M}"
    match (local.date() - today).days:
        case 0:
            return gettext("today %(time)s") % {"time": time}
        case 1:
            return gettext("tomorrow %(time)s") % {"time": time}
        case -1:
            return gettext("yesterday %(time)s") % {"time": time}
    # Translators: a date without its year, in Django's date format letters.
    pattern = gettext("D j M") if local.year == today.year else gettext("j M Y")
    return f"{formats.date_format(local, pattern)} {time}"


def due(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say how a due time stands: "overdue by 3 h" or "due tomorrow 15:20"."""
    if at <= now:
        return gettext("overdue by %(span)s") % {"span": span(now - at)}
    return gettext("due %(moment)s") % {"moment": moment(at, now, zone)}
