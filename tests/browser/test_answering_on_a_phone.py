"""A small phone held upright: the question, its answers and the button at once, and everything large enough to hit."""

import pytest
from playwright.sync_api import expect

from feedback import links
from feedback.models.links import Purpose
from followups.models import FollowUp
from surveys.models import Answer
from tests.browser.checks import sideways, small_targets
from tests.browser.viewer import PHONE, press

pytestmark = pytest.mark.rule("R8")

ON_A_PHONE = {**PHONE, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
SPOKEN = {
    "en": ("Was it solved?", "Noted, thank you.", "The problem is still there", "See where it stands"),
    "zh-hans": ("问题解决了吗？", "记下了，谢谢您。", "问题还在", "查看进展"),
}


def good_for_thumbs(page):
    assert not (found := sideways(page)), "\n".join(found)
    assert not (found := small_targets(page)), "\n".join(found)
    assert page.evaluate("visualViewport.scale") == 1  # nothing made the browser zoom


@pytest.mark.parametrize("language", SPOKEN)
def test_the_first_screen_holds_the_question_the_answers_and_the_button(world, looking, language):
    viewer = looking(**ON_A_PHONE)
    viewer.go(world.survey(world.asked(language)))
    question = SPOKEN[language][0]
    shown = [
        viewer.page.get_by_role("heading", name=question),
        *viewer.page.locator("label.row").all(),
        viewer.page.locator("#send"),
    ]
    assert len(shown) == 5
    for one in shown:
        box = one.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]
    assert viewer.page.evaluate("scrollY") == 0
    good_for_thumbs(viewer.page)


@pytest.mark.parametrize("language", SPOKEN)
def test_one_tap_in_the_message_and_one_press_are_an_answer(world, looking, language):
    asked = world.asked(language)
    _question, noted, reason, onwards = SPOKEN[language]
    viewer = looking(**ON_A_PHONE)
    page = viewer.page
    viewer.go(f"{world.survey(asked)}?a=no")
    assert page.locator("input[value=no]").is_checked()
    assert not Answer.objects.exists()

    press(page.locator("#send"))
    expect(page.get_by_role("heading", name=noted)).to_be_visible()
    assert Answer.objects.get().chosen == ["no"]
    good_for_thumbs(page)

    page.locator("label.step", has_text="2").first.tap()
    page.get_by_text(reason).tap()
    page.locator("textarea").fill("…")
    press(page.locator("#send"))
    assert [point.key for point in FollowUp.objects.get().points.all()] == ["not_fixed"]
    good_for_thumbs(page)

    press(page.get_by_role("link", name=onwards))
    assert "/f/" in page.url
    expect(page.get_by_role("heading", name=reason)).to_be_visible()
    good_for_thumbs(page)


@pytest.mark.rule("R5")
def test_a_yes_is_done_with_one_press(world, looking):
    asked = world.asked()
    viewer = looking(**ON_A_PHONE)
    viewer.go(world.survey(asked))
    viewer.page.get_by_text("Yes").tap()
    press(viewer.page.locator("#send"))
    expect(viewer.page.get_by_text("That is all we need.")).to_be_visible()
    assert [answer.chosen for answer in Answer.objects.all()] == [["yes"]]
    assert not FollowUp.objects.exists()


def test_pressing_too_early_leads_to_the_question(world, looking):
    viewer = looking(**ON_A_PHONE)
    viewer.go(world.survey(world.asked()))
    press(viewer.page.locator("#send"))
    problem = viewer.page.get_by_role("alert")
    assert problem.text_content().strip() == "Please choose an answer."
    good_for_thumbs(viewer.page)
    problem.get_by_role("link").tap()
    assert viewer.page.evaluate("document.activeElement.value") == "yes"
    assert not Answer.objects.exists()


@pytest.mark.rule("R34")
def test_opting_out_is_one_press_and_so_is_its_undoing(world, looking):
    asked = world.asked()
    contact = asked.customer.contacts.get()
    viewer = looking(**ON_A_PHONE)
    viewer.go(links.url(links.issue(Purpose.OPT_OUT, asked.customer, contact=contact), "sms"))
    good_for_thumbs(viewer.page)
    press(viewer.page.get_by_role("button", name="Stop asking me"))
    expect(viewer.page.get_by_role("heading", name="Done. No more questions.")).to_be_visible()
    good_for_thumbs(viewer.page)
    press(viewer.page.get_by_role("button", name="Undo"))
    expect(viewer.page.get_by_role("button", name="Stop asking me")).to_be_visible()


def test_the_language_is_changed_with_one_tap_and_the_choice_stays(world, looking):
    viewer = looking(**ON_A_PHONE)
    viewer.go(f"{world.survey(world.asked())}?a=partly")
    press(viewer.page.get_by_role("link", name="中文"))
    expect(viewer.page.get_by_role("heading", name="问题解决了吗？")).to_be_visible()
    assert viewer.page.locator("input[value=partly]").is_checked()
