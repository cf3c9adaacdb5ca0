"""A reader who set letters twice as large in their browser loses nothing: nothing is cut, covered or off the edge."""

import pytest

from tests.browser.checks import cut_off, overlapping, sideways
from tests.browser.scenes import SCENES
from tests.browser.viewer import DESKTOP, PHONE

pytestmark = pytest.mark.rule("R8")

SEEN = [
    ("survey-nothing-chosen", PHONE, "en"),
    ("survey-rest-after-no", PHONE, "en"),
    ("survey-rest-after-no", PHONE, "zh-hans"),
    ("thanks-after-no", PHONE, "en"),
    ("opt-out-done", PHONE, "en"),
    ("page-overdue", PHONE, "en"),
    ("page-told-two-points", PHONE, "en"),
    ("page-told-two-points", PHONE, "zh-hans"),
    ("desk-login-refused", PHONE, "en"),
    ("desk-first-page-of-the-manager", DESKTOP, "en"),
    ("desk-first-page", PHONE, "en"),
    ("desk-list", DESKTOP, "en"),
    ("desk-list", PHONE, "en"),
    ("desk-report-back-refused", DESKTOP, "en"),
    ("desk-follow-up", PHONE, "en"),
    ("demo", DESKTOP, "en"),
    ("demo", PHONE, "en"),
]


@pytest.mark.parametrize(("name", "size", "language"), SEEN, ids=lambda one: str(one).partition(",")[0])
def test_nothing_is_lost_at_twice_the_size(looking, name, size, language):
    viewer = looking(**size, locale={"en": "en", "zh-hans": "zh-CN"}[language])
    # The browser's own setting, as a reader makes it: the default of 16 pixels becomes 32.
    viewer.context.new_cdp_session(viewer.page).send(
        "Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}}
    )
    page = SCENES[name].show(viewer, language)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert not (found := sideways(page)), "\n".join(found)
    assert not (found := cut_off(page)), "\n".join(found)
    assert not (found := overlapping(page)), "\n".join(found)


def test_what_is_cut_and_what_overlaps_would_be_seen(world, looking):
    """The measures measure."""
    viewer = looking(**PHONE)
    viewer.go(world.survey(world.asked()))
    viewer.page.evaluate(
        "document.querySelector('h1').style = 'height: 10px; overflow: hidden; white-space: nowrap'"
    )
    assert len(cut_off(viewer.page)) == 1
    viewer.page.evaluate("""
        const button = document.querySelector('#send'), row = document.querySelector('label.row span');
        const up = row.getBoundingClientRect().top - button.getBoundingClientRect().top - 12;
        button.style.translate = `-${button.offsetWidth / 2 - 110}px ${up}px`;
    """)
    assert overlapping(viewer.page) != []
    viewer.page.evaluate("document.querySelector('main').style = 'width: 500px; max-width: none'")
    assert sideways(viewer.page) != []
