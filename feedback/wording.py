"""The texts of messages, made from templates: subject, text and HTML, in one language, ready to be stored.

Templates hold the outbox's placeholders for personal links; nothing personal to a link is ever put in here (R29).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, Engine
from django.utils import dateformat, translation
from django.utils.html import escape
from django.utils.translation import pgettext

from feedback import outbox, quiet_hours
from feedback.holes import Holed, mark
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


@dataclass(frozen=True)
class Pattern:
    """A message's words with holes for what differs from one recipient to the next; see ``pattern``."""

    channel: str
    subject: Holed
    text: Holed
    html: Holed

    def fill(self, values: Mapping[str, str]) -> Rendered:
        """Return the words as ``compose`` would with these values."""
        safe = {name: _unmarked(value) for name, value in values.items()}
        subject, text = self.subject.fill(safe), self.text.fill(safe)
        if self.channel == Channel.SMS:
            return Rendered("", _one_line(text), "")
        return Rendered(_one_line(subject), text.strip() + "\n", self.html.fill(safe, escape))


def compose(folder: str, channel: str, language: str, context: Mapping[str, Any]) -> Rendered:
    """Fill in the templates of ``folder`` for one channel, in ``language``.

    Email is made from ``subject.txt``, ``body.txt`` and ``body.html``, SMS from ``sms.txt``; each begins with the
    template of that name. Text is not escaped, HTML is. An SMS and a subject are one line.
    """
    return pattern(folder, channel, language, context).fill({})


def pattern(
    folder: str, channel: str, language: str, context: Mapping[str, Any], holes: Iterable[str] = ()
) -> Pattern:
    """Return the words with ``holes`` in place of these names' values, to be filled in many times.

    Rendering and inlining styles take a hundred times as long as filling in. The templates may print what stands in a
    hole, and not ask about it; see ``feedback.holes``.
    """
    with translation.override(language):
        known = {"brand": settings.BRAND_NAME, "language": language}
        known |= {name: _unmarked(value) for name, value in context.items()}
        known |= {name: mark(name) for name in holes}
        if channel == Channel.SMS:
            return Pattern(channel, _NOTHING, Holed(_fill(f"{folder}/sms.txt", known)), _NOTHING)
        return Pattern(
            channel,
            Holed(_fill(f"{folder}/subject.txt", known)),
            Holed(_fill(f"{folder}/body.txt", known)),
            Holed(_inliner.inline(_fill(f"{folder}/body.html", known))),
        )


_NOTHING = Holed("")


def _one_line(text: str) -> str:
    return " ".join(text.split())


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
