"""Who lives in the dark gets dark pages everywhere, and who does not, does not."""

import pytest

from tests.browser.checks import background
from tests.browser.scenes import SCENES

SEEN = [
    "survey-first",
    "page-told",
    "opt-out",
    "unknown",
    "desk-login",
    "desk-first-page-empty",
    "desk-follow-up-new",
    "demo",
    "demo-phone",
    "demo-mailbox",
]


@pytest.mark.parametrize("name", SEEN)
def test_the_page_is_dark_where_the_system_is(looking, name):
    viewer = looking(color_scheme="dark")
    page = SCENES[name].show(viewer)
    assert max(background(page)) < 60
    page.emulate_media(color_scheme="light")
    page.reload()  # the desk's theme looks when it is opened
    assert min(background(page)) > 230


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_the_demo_frames_is_as_dark_as_the_demo(looking, scheme):
    viewer = looking(color_scheme=scheme)
    page = SCENES["demo"].show(viewer)
    shades = [frame.evaluate("getComputedStyle(document.body).backgroundColor") for frame in page.frames]
    assert len(shades) == 4  # the page, the phone, the mailbox, the email in it
    dark = [sum(int(part) for part in shade[4:-1].split(",")) < 180 for shade in shades]
    assert dark == [scheme == "dark"] * 4, shades
