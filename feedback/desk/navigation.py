"""The desk's sidebar. Each package puts its own pages on it when its admin is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback.desk.people import at_the_desk, is_manager

WORK, HEARD, SENT, SETUP = range(4)
GROUPS = {WORK: _("Work"), HEARD: _("Listening"), SENT: _("Behind it"), SETUP: _("Set-up")}


MOST = 100
"""A badge counts no further: it stands on every page, and what it counts may grow."""


@dataclass(frozen=True)
class Page:
    """One page of the sidebar; ``badge`` counts what waits there for this person, up to ``MOST``."""

    group: int
    position: int
    title: str | Promise
    icon: str
    url_name: str
    managers: bool = False
    badge: Callable[[HttpRequest], int] | None = None


_pages: dict[str, Page] = {}


def put(page: Page) -> None:
    """Put ``page`` on the sidebar; the same page twice is one."""
    _pages[page.url_name] = page


put(Page(WORK, 0, _("Today"), "today", "admin:index"))


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of pages that this person may open, as unfold wants them."""
    if not at_the_desk(request):
        return []
    groups: dict[int, list[dict[str, Any]]] = {}
    for page in sorted(_pages.values(), key=lambda page: (page.group, page.position)):
        if page.managers and not is_manager(request):
            continue
        item = {"title": page.title, "icon": page.icon, "link": reverse(page.url_name)}
        if page.badge and (waiting := page.badge(request)):
            item |= {"badge": str(waiting) if waiting < MOST else f"{MOST - 1}+", "badge_variant": "danger"}
        groups.setdefault(page.group, []).append(item)
    return [
        {"title": GROUPS[group], "separator": group != WORK, "items": items}
        for group, items in sorted(groups.items())
    ]


def subheader(request: HttpRequest) -> str:
    return gettext("The desk")


def language_address(request: HttpRequest) -> str:
    """Return where the choice of a language is posted."""
    return reverse("admin:set_language")
