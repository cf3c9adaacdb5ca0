"""Somebody's browser window: a phone, a desk's screen, one without JavaScript; and what it complains of."""

from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

from feedback.models import User
from tests.browser.world import World

PATIENCE = 20_000
"""How long a page may take for anything, in milliseconds: far more than it does."""

PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 900}


expect.set_options(timeout=PATIENCE)


def press(target: Locator) -> None:
    """Click what leads to another page, and wait for that."""
    with target.page.expect_navigation():
        target.click()


class Viewer:
    """One window with cookies of its own. ``page`` is Playwright's."""

    def __init__(self, browser: Browser, world: World, width: int, height: int, **options: Any) -> None:
        self.world = world
        options.setdefault("locale", "en")
        options.setdefault("timezone_id", "Europe/London")
        options.setdefault("reduced_motion", "reduce")
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.context.on("request", self._watch)
        self.context.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _watch(self, request: Request) -> None:
        address = request.url
        if not address.startswith((f"{self.world.url}/", "data:", "about:")):
            self.complaints.append(f"{self.page.url} asks {address}")

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that is itself the answer "no" or "gone" is said by Chromium as an error, too.
        is_the_page = message.location.get("url", "").partition("#")[0] == self.page.url.partition("#")[0]
        if message.type in ("error", "warning") and not (
            is_the_page and message.text.startswith("Failed to load resource")
        ):
            self.complaints.append(f"{self.page.url}: {message.type}: {message.text}")

    def sign_in(self, user: User) -> Self:
        """Carry a session, as after signing in."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.world.url}])
        return self

    def go(self, address: str) -> Response | None:
        """Go to an address, of this server whatever name it bears; returns what was answered."""
        parts = urlsplit(address)
        return self.page.goto(f"{self.world.url}{parts.path}" + (f"?{parts.query}" if parts.query else ""))

    def close(self) -> list[str]:
        """Close the window. Returns what it complained of."""
        self.context.close()
        return self.complaints
