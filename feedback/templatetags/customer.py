"""Template tags of the customer's pages."""

from datetime import datetime

from django import template

from feedback import wording

register = template.Library()


@register.filter
def moment(at: datetime, zone: str = "") -> str:
    """Write a moment in the active language, by the clock of ``zone``."""
    return wording.moment(at, zone)


@register.filter
def of(chosen: dict[int, str], key: int) -> str:
    """Return what ``chosen`` holds for ``key``, or nothing."""
    return chosen.get(key, "")
