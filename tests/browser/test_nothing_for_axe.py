"""axe finds nothing on any page, in any state, narrow and wide, light and dark."""

import re

import pytest

from tests.browser.checks import axe
from tests.browser.scenes import SCENES
from tests.browser.viewer import DESKTOP, PHONE

pytestmark = pytest.mark.rule("R8")

CUSTOMERS = r"/[sf]/t1-\w+-\w+"
LIST = "/admin/followups/followup/"
ADDRESSES = {
    # where each scene is seen, once what is pressed in it is pressed
    rf"{CUSTOMERS}(\?.*)?": r"survey-.*|thanks-.*|page-.*|expired|unreadable|unknown|too-many",
    r"/o/t1-\w+-\w+": r"opt-out.*",
    r"/admin/login/\?next=/admin/": r"desk-login.*",
    r"/admin/": r"desk-first-page.*",
    rf"{LIST}(\?.*)?": r"desk-list.*",
    rf"{LIST}\d+/change/": r"desk-follow-up.*",
    rf"{LIST}\d+/do/reply/#deed-reply": r"desk-report-back-.*",
    r"/demo/(\?.*)?": r"demo|demo-just-started",
    r"/demo/phone/\d+/": r"demo-phone.*",
    r"/demo/mailbox/\d+/": r"demo-mailbox.*",
}


@pytest.mark.parametrize("name", SCENES)
def test_axe_finds_nothing(looking, name):
    (expected,) = (address for address, names in ADDRESSES.items() if re.fullmatch(names, name))
    viewer = looking(**PHONE)
    page = SCENES[name].show(viewer)
    assert re.fullmatch(expected, page.url.removeprefix(viewer.world.url))
    found = {}
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if SCENES[name].kind == "desk":  # its theme looks at the system when it is opened, and sets this
                page.evaluate(
                    "dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark"
                )
            # What is there is the same in the dark; only its colours are others.
            if lines := axe(page, contrast_only=scheme == "dark"):
                found[f"{size['width']} {scheme}"] = lines
    assert not found, "\n".join(f"{where}: {line}" for where, lines in found.items() for line in lines)
