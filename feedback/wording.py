"""The texts of messages, made from templates: subject, text and HTML, in one language, ready to be stored.

Templates hold the outbox's placeholders for personal links; nothing personal to a link is ever put in here (R29).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, Engine
from django.utils import dateformat, translation
from django.utils.translation import pgettext

from feedback import outbox, quiet_hours
from feedback.models import Customer
from feedback.models.people import Channel

# Rules that mail programs need as they are (dark mode) stay in a style element; all others become attributes,
# because several mail programs drop the element. Nothing is ever loaded from anywhere.
_inliner = css_inline.CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Rendered:
    """One message's words. ``subject`` and ``html`` are empty for SMS."""

    subject: str
    text: str
    html: str


def compose(folder: str, channel: str, language: str, context: Mapping[str, Any]) -> Rendered:
    """Fill in the templates of ``folder`` for one channel, in ``language``.

    Email is made from ``subject.txt``, ``body.txt`` and ``body.html``, SMS from ``sms.txt``; each begins with the
    template of that name. Text is not escaped, HTML is. An SMS and a subject are one line.
    """
    with translation.override(language):
        known = {"brand": settings.BRAND_NAME, "language": language}
        known |= {name: _unmarked(value) for name, value in context.items()}
        if channel == Channel.SMS:
            return Rendered("", " ".join(_fill(f"{folder}/sms.txt", known).split()), "")
        return Rendered(
            " ".join(_fill(f"{folder}/subject.txt", known).split()),
            _fill(f"{folder}/body.txt", known).strip() + "\n",
            _inliner.inline(_fill(f"{folder}/body.html", known)),
        )


def _unmarked(value: Any) -> Any:
    """Somebody's words without the outbox's placeholders: one that stands for nothing would stop the message."""
    if isinstance(value, str) and any(mark in value for mark in (outbox.LINK, outbox.OPT_OUT)):
        return value.replace("%%", "% %")
    return value


def _fill(name: str, context: Mapping[str, Any]) -> str:
    return (
        Engine.get_default()
        .get_template(name)
        .render(Context(dict(context), autoescape=name.endswith(".html")))
    )


def moment(at: datetime, zone: str = "") -> str:
    """Write a moment in the active language, by the clock of ``zone`` (IANA; default: the installation's)."""
    local = at.astimezone(quiet_hours.zone(zone, settings.TIME_ZONE))
    # Translators: a day and a time of day, in Django's date format letters.
    return dateformat.format(local, pgettext("day and time", "l j F, H:i"))


def zone_of(customer: Customer) -> str:
    """Return the customer's IANA zone, or the installation's if none or no real one is known."""
    return quiet_hours.zone(customer.time_zone, settings.TIME_ZONE).key
