"""Takes the pictures of docs/images anew: `make screenshots`. The hour, the people and the numbers are always the same.

Only the letters are the machine's own. No part of the tests: the name says so to pytest.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import factories
from tests.browser.palette import reduced
from tests.browser.scenes import SCENES
from tests.browser.viewer import PHONE

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
LARGEST = 150_000
"""A picture of more bytes makes the README slow."""

WIDE = {"width": 1280, "height": 860}


@dataclass(frozen=True)
class Picture:
    """One picture. ``height`` is how much of the page it shows, in CSS pixels; 0 shows all of it."""

    file: str
    scene: str
    language: str = "en"
    dark: bool = False
    height: int = 0
    wide: bool = False


PICTURES = [
    Picture("survey", "survey-tapped", height=640),
    Picture("survey-zh", "survey-tapped", language="zh-hans", height=640),
    Picture("survey-page-two", "survey-rest-after-no", height=1090),
    Picture("customers-page", "page-told", height=985),
    Picture("customers-page-dark", "page-told", language="zh-hans", dark=True, height=985),
    Picture("desk-first-page", "desk-first-page-of-the-manager", wide=True, height=1075),
    Picture("desk-list", "desk-list-of-all", wide=True, height=800),
    Picture("desk-follow-up", "desk-follow-up", wide=True, height=960),
    Picture("desk-follow-up-dark", "desk-follow-up", wide=True, dark=True, height=960),
    Picture("desk-report-back", "desk-report-back-preview", wide=True),
    Picture("demo", "demo", wide=True, height=1330),
]


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.file)
def test_picture(world, looking, picture):
    factories.CaseFactory.reset_sequence(1040)
    size = {**(WIDE if picture.wide else PHONE), "device_scale_factor": 1.5 if picture.wide else 2}
    viewer = looking(
        **size | ({"height": picture.height} if picture.height else {}),
        color_scheme="dark" if picture.dark else "light",
        locale={"en": "en", "zh-hans": "zh-CN"}[picture.language],
    )
    page = SCENES[picture.scene].show(viewer, picture.language)
    # The server's own port is a new one each time; what is on the pictures is not.
    world.settings.BASE_URL = "http://localhost:8000"
    if picture.scene == "demo":
        page.reload()
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement.blur()")
    # Of the report back only the form: the page around it has a picture of its own.
    seen = page.locator("#deed-reply") if picture.scene.startswith("desk-report-back") else page
    file = IMAGES / f"{picture.file}.png"
    file.write_bytes(reduced(viewer.context, seen.screenshot(animations="disabled", caret="hide")))
    assert file.stat().st_size < LARGEST
