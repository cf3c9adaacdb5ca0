"""Tab, arrows, space and enter are enough, and one always sees where one is."""

import pytest
from playwright.sync_api import expect

from followups.models import FollowUp, Verdict
from surveys.models import Answer
from tests.browser.checks import focus_ring

pytestmark = pytest.mark.rule("R8")


def tab_to(page, selector: str) -> None:
    """Press Tab until the focus is on what the selector names. Wherever it stops on the way, one sees it."""
    wanted = page.locator(selector).first.element_handle()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert focus_ring(page) >= 2, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("wanted => wanted === document.activeElement", wanted):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def press_and_wait(page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_from_the_link_to_the_thanks(world, looking):
    viewer = looking()
    page = viewer.page
    viewer.go(world.survey(world.asked()))
    tab_to(page, "input[value=yes]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[value=no]").is_checked()
    tab_to(page, "#send")
    press_and_wait(page, "Enter")
    assert Answer.objects.get().chosen == ["no"]

    tab_to(page, "input[type=radio][value='1']")
    page.keyboard.press("ArrowRight")
    tab_to(page, "input[value=not_fixed]")
    page.keyboard.press("Space")
    tab_to(page, "input[value=too_slow]")
    page.keyboard.press("Space")
    tab_to(page, "textarea")
    page.keyboard.type("Please look at the hose.")
    tab_to(page, "section input[type=radio]")
    page.keyboard.press("ArrowLeft")  # round to the best
    tab_to(page, "#send")
    press_and_wait(page, "Enter")

    expect(page.get_by_role("heading", name="Thank you for telling us.")).to_be_visible()
    said = {answer.question.kind: answer for answer in Answer.objects.filter(superseded_at=None)}
    assert said["ease"].score == 2
    assert said["reasons"].chosen == ["not_fixed", "too_slow"]
    assert said["words"].words == "Please look at the hose."
    assert said["person"].score == 5
    tab_to(page, "a.button")
    press_and_wait(page, "Enter")
    assert "/f/" in page.url


def test_what_is_wrong_is_where_the_focus_is_and_leads_to_the_question(world, looking):
    viewer = looking()
    viewer.go(world.survey(world.asked()))
    tab_to(viewer.page, "#send")
    press_and_wait(viewer.page, "Enter")
    assert viewer.page.evaluate("document.activeElement.className") == "error"
    tab_to(viewer.page, ".error a")
    viewer.page.keyboard.press("Enter")
    assert viewer.page.evaluate("document.activeElement.type") == "radio"


def test_a_verdict_a_message_and_a_call(world, looking):
    follow_up = world.takes(world.complaint())
    world.replies(follow_up)
    viewer = looking()
    page = viewer.page
    viewer.go(world.page(follow_up))
    tab_to(page, "input[value=fixed]")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[value=not_fixed]").is_checked()
    tab_to(page, "#missing")
    page.keyboard.type("It leaked again.")
    tab_to(page, "button[value=verdict]")
    press_and_wait(page, "Enter")
    assert Verdict.objects.get().word == "not_fixed"

    tab_to(page, "#text")
    page.keyboard.type("I am at home on Friday.")
    tab_to(page, "button[value=write]")
    press_and_wait(page, "Enter")
    expect(page.get_by_text("I am at home on Friday.")).to_be_visible()

    tab_to(page, "details:has(#call) summary")
    page.keyboard.press("Enter")
    tab_to(page, "#call")
    tab_to(page, "button[value=call]")
    press_and_wait(page, "Space")
    assert FollowUp.objects.get().promises.get().kind == "call"


def test_the_desk(world, looking):
    """An owner takes a follow-up and leaves a note, without touching the mouse."""
    follow_up = world.complaint()
    viewer = looking().sign_in(world.karl)
    page = viewer.page
    viewer.go("/admin/")
    tab_to(page, f"main a[href*='/{follow_up.pk}/change/']")
    press_and_wait(page, "Enter")
    tab_to(page, "form[action$='/do/take/'] button")
    press_and_wait(page, "Enter")
    assert world.fresh(follow_up).status == "working"
    tab_to(page, "#deed-note > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#deed-note textarea")
    page.keyboard.type("Ask the supplier.")
    tab_to(page, "#deed-note button")
    press_and_wait(page, "Enter")
    expect(page.locator(".is-note").get_by_text("Ask the supplier.")).to_be_visible()
