"""With JavaScript switched off everything that a customer can do still works."""

import pytest
from playwright.sync_api import expect

from followups.models import FollowUp
from surveys.models import Answer
from tests.browser.scenes import scenes_of_the_demo
from tests.browser.viewer import PHONE, press

pytestmark = pytest.mark.rule("R8")

WITHOUT = {**PHONE, "java_script_enabled": False}


def test_a_customers_way_from_the_question_to_the_last_word(world, looking):
    asked = world.asked()
    viewer = looking(**WITHOUT)
    page = viewer.page
    viewer.go(f"{world.survey(asked)}?a=partly")
    press(page.locator("#send"))
    page.get_by_text("It took too long").click()
    page.locator("textarea").fill("A week is a week.")
    press(page.locator("#send"))
    assert {answer.question.kind for answer in Answer.objects.all()} >= {"outcome", "reasons", "words"}

    press(page.get_by_role("link", name="See where it stands"))
    expect(page.get_by_role("heading", name="It took too long")).to_be_visible()
    page.locator("#text").fill("Please write, I work nights.")
    press(page.get_by_role("button", name="Send the message"))
    assert page.get_by_role("status").text_content() == "Your message has arrived."
    page.get_by_text("Ask for a call").click()
    press(page.get_by_role("button", name="Please call me"))
    expect(page.get_by_text("Our promise:")).to_be_visible()
    press(page.get_by_role("button", name="No longer needed"))
    expect(page.get_by_text("Our promise:")).to_be_hidden()

    world.replies(world.takes(FollowUp.objects.get()))
    viewer.go(page.url)
    page.get_by_text("Fixed", exact=True).click()
    press(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_role("heading", name="Fixed. Thank you for telling us.")).to_be_visible()
    assert FollowUp.objects.get().status == "confirmed"


def test_the_demo_shows_its_phone_and_lets_one_answer_in_it(world, looking):
    """It is a page like any other: without its script one reloads instead of waiting."""
    phone, _mail = scenes_of_the_demo.running(world)
    viewer = looking(1280, 900, java_script_enabled=False)
    viewer.go(f"/demo/?phone={phone.pk}")
    screen = viewer.page.frame_locator("#phone")
    screen.get_by_role("link").last.click()
    screen.get_by_text("Fixed", exact=True).click()
    screen.get_by_role("button", name="Send", exact=True).click()
    expect(screen.get_by_role("heading", name="Fixed. Thank you for telling us.")).to_be_visible()
    viewer.page.get_by_role("link", name="Messages").click()
    expect(screen.get_by_role("heading", name="Harbour & Mill")).to_be_visible()
