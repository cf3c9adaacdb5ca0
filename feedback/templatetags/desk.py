"""Template tags of the desk."""

from datetime import datetime

from django import template
from django.utils import timezone

from feedback import clock
from feedback.desk import words

register = template.Library()


@register.filter
def moment(at: datetime | None, zone: str = "") -> str:
    """Say when ``at`` was or is, in the named zone (default: the current one)."""
    if at is None:
        return ""
    return words.moment(at, clock.now(), words.zone_of(zone or timezone.get_current_timezone_name()))


@register.filter
def ago(at: datetime | None) -> str:
    """Say how long ago ``at`` was, in one unit."""
    return "" if at is None else words.span(clock.now() - at)
