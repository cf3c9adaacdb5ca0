"""A scene: one state of one page, by name, with what has to happen before somebody sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.viewer import Viewer
from tests.browser.world import World

Make = Callable[[World, str], str]


@dataclass(frozen=True)
class Scene:
    """One state of a page.

    Attributes:
        make: brings it about in a language, and returns the address at which it is seen.
        act: what is pressed there, if the state is what comes of that.
        status: with which the page (or what comes of the press) is answered.
        who: the username that looks; empty for a customer.
        kind: ``customer``, ``desk`` or ``demo``.
    """

    name: str
    make: Make
    act: Callable[[Page], None] | None = None
    status: int = 200
    who: str = ""
    kind: str = "customer"

    def show(self, viewer: Viewer, language: str = "en") -> Page:
        """Bring the scene about, and look at it."""
        address = self.make(viewer.world, language)
        if self.who:
            viewer.sign_in(viewer.world.user(self.who))
        if self.act is None:
            answer = viewer.go(address)
        else:
            viewer.go(address)
            with viewer.page.expect_navigation() as coming:
                self.act(viewer.page)
            answer = coming.value
        assert answer is not None and answer.status == self.status, (self.name, answer and answer.status)
        return viewer.page


SCENES: dict[str, Scene] = {}


def scene(
    name: str,
    *,
    act: Callable[[Page], None] | None = None,
    status: int = 200,
    who: str = "",
    kind: str = "customer",
) -> Callable[[Make], Make]:
    """Register a scene; the decorated function makes it."""

    def decorate(make: Make) -> Make:
        assert name not in SCENES, name
        SCENES[name] = Scene(name, make, act, status, who, kind)
        return make

    return decorate
