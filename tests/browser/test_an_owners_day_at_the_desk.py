"""An owner signs in, finds what is due next, works it to the end, and sees what the customer says of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import scenes_of_the_desk
from tests.browser.viewer import PHONE, press
from tests.journeys.people import time_passes


def do(page, deed: str, **fields: str) -> None:
    """Open one of the things that can be done, fill it in, and press its button."""
    form = page.locator(f"#deed-{deed}")
    if form.get_attribute("open") is None:
        form.locator("> summary").click()
    for name, value in fields.items():
        form.locator(f"[name$='{name}']").fill(value)
    with page.expect_navigation():
        form.locator("button.is-primary").click()


@pytest.mark.rule("R23")
def test_from_signing_in_to_the_customers_last_word(world, looking):
    world.karl.set_password("a long enough one")
    world.karl.save()
    follow_up = scenes_of_the_desk.busy(world, taken=False)
    customer, owner = looking(**PHONE), looking()
    page = owner.page

    owner.go("/admin/")
    page.get_by_label("Username").fill("karl")
    page.get_by_label("Password").fill("a long enough one")
    press(page.get_by_role("button", name="Log in"))
    expect(page.get_by_role("heading", name="Hello, Karl")).to_be_visible()
    assert page.locator("[data-tile=overdue] b").text_content() == "1"
    press(page.get_by_role("link", name="See all"))
    expect(page.locator(".desk-row").first.get_by_text("overdue")).to_be_visible()

    page.get_by_role("searchbox").fill("Mei Lin")
    press(page.get_by_role("button", name="Find"))
    assert page.locator(".desk-row").count() == 1
    press(page.locator(".desk-row a"))
    expect(page.get_by_text("nobody called me back")).to_be_visible()
    press(page.get_by_role("button", name="Take it").first)
    expect(page.get_by_text("It is yours.")).to_be_visible()

    do(page, "note", text="Ask the supplier about the hose.")
    do(page, "write", text="Is the tap above the machine open?")
    do(page, "promise", text="We call before we come.", due_at="2031-01-07T10:00")
    time_passes()
    customer.go(world.page(follow_up))
    expect(customer.page.get_by_text("Is the tap above the machine open?")).to_be_visible()
    expect(customer.page.get_by_text("We call before we come.")).to_be_visible()
    expect(customer.page.get_by_text("Ask the supplier")).to_be_hidden()
    customer.page.get_by_label("Write to us").fill("Yes, it is.")
    press(customer.page.get_by_role("button", name="Send the message"))
    page.reload()
    expect(page.locator(".desk-bubble", has_text="Yes, it is.")).to_be_visible()

    # Not without its words, and not before what was promised is kept.
    do(page, "reply", found="The hose was loose.")
    expect(page.get_by_text("Not sent yet: something is missing below.")).to_be_visible()
    assert page.get_by_text("Keep this promise first").count() == 1
    assert page.locator("#deed-reply textarea[name$=found]").input_value() == "The hose was loose."
    for name, words in (("did", "A new hose."), ("changes", "It stays dry.")):
        page.locator(f"#deed-reply textarea[name$={name}]").fill(words)
    for box in page.locator("#deed-reply input[type=checkbox]").all():
        box.check()
    press(page.get_by_role("button", name="See it as the customer will"))
    preview = page.locator(".desk-preview")
    assert "It stays dry." in preview.text_content()
    customer.page.reload()
    expect(customer.page.get_by_text("It stays dry.")).to_be_hidden()
    do(page, "reply")
    expect(page.get_by_text("Your reply is on its way")).to_be_visible()
    time_passes()
    page.reload()
    expect(page.locator(".desk-head").get_by_text("customer told")).to_be_visible()

    customer.page.reload()
    expect(customer.page.get_by_text("It stays dry.")).to_be_visible()
    customer.page.get_by_text("Fixed", exact=True).click()
    press(customer.page.get_by_role("button", name="Send", exact=True))
    expect(customer.page.get_by_role("heading", name="Fixed. Thank you for telling us.")).to_be_visible()
    page.reload()
    expect(page.locator(".desk-head").get_by_text("confirmed fixed")).to_be_visible()
    owner.go("/admin/followups/followup/?stands=closed")
    expect(page.locator(".desk-row", has_text="Mei Lin")).to_be_visible()


def test_the_menu_opens_on_a_phone_and_leads_on(world, looking):
    world.complaint()
    owner = looking(**PHONE).sign_in(world.karl)
    owner.go("/admin/")
    owner.page.get_by_role("button", name="Open the menu").click()
    press(owner.page.get_by_role("link", name="Follow-ups").first)
    assert owner.page.locator(".desk-row").count() == 1


def test_only_one_thing_to_do_is_open_at_a_time(world, looking):
    owner = looking().sign_in(world.karl)
    owner.go(world.desk(world.takes(world.complaint())))
    for name in ("write", "note", "reply"):
        owner.page.locator(f"#deed-{name} > summary").click()
        assert owner.page.locator("details.desk-act[open]").get_attribute("id") == f"deed-{name}"


def test_a_choice_in_the_list_is_made_at_once(world, looking):
    scenes_of_the_desk.busy(world)
    owner = looking().sign_in(world.karl)
    owner.go("/admin/followups/followup/")
    with owner.page.expect_navigation():
        owner.page.get_by_label("Severity").select_option("safety")
    assert owner.page.locator(".desk-row").count() == 1
    expect(owner.page.get_by_text("It smells burnt")).to_be_visible()
