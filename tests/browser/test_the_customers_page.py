"""Everything that a customer can see and say on their own page, on their phone."""

import pytest
from playwright.sync_api import expect

from followups.models import FollowUp
from tests.browser.viewer import PHONE, press

PROMISE = "A technician comes with a new hose."


@pytest.fixture
def follow_up(world) -> FollowUp:
    return world.takes(
        world.complaint(outcome="no", reasons=["not_fixed", "too_slow"], words="It still leaks.")
    )


@pytest.fixture
def viewer(looking):
    return looking(**PHONE)


def point(page, title: str):
    return page.locator("article.point", has=page.get_by_role("heading", name=title))


@pytest.mark.rule("R19")
def test_a_promise_stands_there_with_its_time_is_late_when_it_is_and_can_be_let_go(world, viewer, follow_up):
    world.promises(follow_up, PROMISE, days=1)
    viewer.go(world.page(follow_up))
    promise = viewer.page.locator(".promise", has_text=PROMISE)
    assert "by Tuesday 3 March, 09:30" in promise.text_content()
    world.passes(days=2)
    viewer.page.reload()
    assert "We said by Tuesday 3 March, 09:30, and have not kept it." in promise.text_content()
    press(promise.get_by_role("button", name="No longer needed"))
    expect(viewer.page.get_by_text("We no longer owe you that.")).to_be_visible()
    assert promise.count() == 0


@pytest.mark.rule("R24")
def test_not_fixed_goes_back_to_work_and_fixed_ends_it_point_by_point(world, viewer, follow_up):
    world.replies(follow_up)
    page = viewer.page
    viewer.go(world.page(follow_up))
    expect(page.get_by_role("heading", name="We have answered. Is it fixed?")).to_be_visible()
    point(page, "It took too long").get_by_text("Fixed", exact=True).click()
    point(page, "The problem is still there").get_by_text("Not fixed").click()
    page.get_by_label("What is missing?").fill("It leaked again this morning.")
    press(page.get_by_role("button", name="Send", exact=True))

    expect(point(page, "It took too long").get_by_text("Fixed", exact=True).first).to_be_visible()
    expect(point(page, "The problem is still there").get_by_text("Being worked on again")).to_be_visible()
    expect(page.locator(".yours", has_text="It leaked again this morning.")).to_be_visible()
    assert world.fresh(follow_up).status == "working"

    world.passes(hours=5)
    world.replies(follow_up)
    page.reload()
    # What is fixed already is not asked about again.
    assert page.get_by_role("radio").count() == 2 + page.locator("details").get_by_role("radio").count()
    point(page, "The problem is still there").get_by_text("Fixed", exact=True).first.click()
    press(page.get_by_role("button", name="Send", exact=True).first)
    expect(page.get_by_role("heading", name="Fixed. Thank you for telling us.")).to_be_visible()
    assert world.fresh(follow_up).status == "confirmed"


def test_all_is_fixed_with_one_press(world, viewer, follow_up):
    world.replies(follow_up)
    viewer.go(world.page(follow_up))
    press(viewer.page.get_by_role("button", name="Everything is fixed"))
    expect(viewer.page.get_by_role("heading", name="Fixed. Thank you for telling us.")).to_be_visible()
    assert world.fresh(follow_up).status == "confirmed"


def test_fixed_can_turn_out_otherwise(world, viewer, follow_up):
    world.replies(follow_up)
    page = viewer.page
    viewer.go(world.page(follow_up))
    press(page.get_by_role("button", name="Everything is fixed"))
    leak = point(page, "The problem is still there")
    leak.get_by_text("Not fixed after all?").click()
    leak.get_by_role("radio", name="Not fixed").check()
    press(leak.get_by_role("button", name="Send"))
    expect(leak.get_by_text("Being worked on again")).to_be_visible()
    assert world.fresh(follow_up).status == "working"


@pytest.mark.rule("R15")
def test_writing_back_and_a_call(world, viewer, follow_up):
    world.writes(follow_up, "Is the tap above the machine open?")
    page = viewer.page
    viewer.go(world.page(follow_up))
    expect(page.locator(".ours", has_text="Is the tap above the machine open?")).to_be_visible()
    press(page.get_by_role("button", name="Send the message"))
    expect(page.get_by_role("alert").get_by_text("Please write something first.")).to_be_visible()
    page.get_by_label("Write to us").fill("Yes, it is.")
    press(page.get_by_role("button", name="Send the message"))
    expect(page.locator(".yours", has_text="Yes, it is.")).to_be_visible()

    page.get_by_text("Ask for a call").click()
    page.get_by_label("When does it suit you").fill("After six.")
    press(page.get_by_role("button", name="Please call me"))
    assert "we call you" in page.locator(".promise").text_content()
    assert "Tuesday 3 March" in page.locator(".promise").text_content()


def test_a_point_that_no_longer_matters_is_withdrawn_after_one_more_question(world, viewer, follow_up):
    page = viewer.page
    viewer.go(world.page(follow_up))
    press(point(page, "It took too long").get_by_role("link", name="This no longer matters"))
    press(page.get_by_role("link", name="No, keep it"))
    press(point(page, "It took too long").get_by_role("link", name="This no longer matters"))
    press(page.get_by_role("button", name="Yes, withdraw it"))
    expect(point(page, "It took too long").get_by_text("Withdrawn by you")).to_be_visible()
    expect(point(page, "The problem is still there").get_by_text("Being worked on")).to_be_visible()


def test_it_is_all_there_in_chinese(world, viewer):
    follow_up = world.takes(world.complaint("zh-hans"))
    world.promises(follow_up, "师傅带新水管上门。", days=1)
    world.replies(follow_up, "zh-hans")
    viewer.go(world.page(follow_up))
    assert viewer.page.locator("html").get_attribute("lang") == "zh-hans"
    viewer.page.get_by_text("已解决", exact=True).click()
    press(viewer.page.locator("button[value=verdict]").first)
    assert world.fresh(follow_up).status == "confirmed"
    # Nothing of the page itself is left in English; names and zones are what they are.
    said = viewer.page.locator("main").inner_text()
    assert not [word for word in ("fixed", "found", "Send", "promise", "Write") if word in said]
