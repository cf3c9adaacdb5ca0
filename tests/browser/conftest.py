"""A real Chromium, a server of this test's own, and the people who look at it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.viewer import Viewer
from tests.browser.world import World

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Letters stand where they stand on every machine.
    "--font-render-hinting=none",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, with a profile of its own that is thrown away."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; what the tests ask of the database is still no coroutine's.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def world(request, live_server, settings, mailoutbox, tmp_path) -> Iterator[World]:
    """A company with two departments on a server of its own, at an hour that stands still."""
    world = World(request, live_server, settings, tmp_path)
    with world.listening():
        yield world
        world.falls_silent()


@pytest.fixture
def looking(chromium: Browser, world: World) -> Iterator[Callable[..., Viewer]]:
    """Open a browser of somebody's own: ``looking(width=360, height=640, ...)``; more options are Playwright's.

    Whatever a test looks at, nothing may be fetched from elsewhere, break the content policy, or complain.
    """
    viewers: list[Viewer] = []

    def look(width: int = 1280, height: int = 900, **options: object) -> Viewer:
        viewers.append(Viewer(chromium, world, width, height, **options))
        return viewers[-1]

    yield look
    complaints = [line for viewer in viewers for line in viewer.close()]
    assert not complaints, "\n".join(complaints)
