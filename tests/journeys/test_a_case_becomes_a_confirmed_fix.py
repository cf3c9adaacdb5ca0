"""One customer's whole loop, from the help desk's word to the customer's own, each through their own door."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from followups.models import FollowUp
from tests.journeys.people import time_passes


@pytest.mark.rule("R7")
@pytest.mark.rule("R24")
def test_a_case_becomes_a_confirmed_fix(company, customer):
    said = company.help_desk.resolves(customer.address, department="workshop", product="WM-7")
    assert said["invitation"]["state"] == "asked" and said["invitation"]["reason"] is None

    # Looking is not answering: the link in the message only opens the page with the choice made.
    customer.tap("/s/", having="a=no")
    assert not FollowUp.objects.exists()
    customer.press()
    assert FollowUp.objects.get().department == company.workshop
    customer.adds(ease="2", reasons=["not_fixed"], words="Please look at the hose.", person="5")
    assert "/f/" in customer.text
    follow_up = FollowUp.objects.get()
    assert [point.key for point in follow_up.points.all()] == ["not_fixed"]

    time_passes()
    owner = company.owner(company.workshop)
    notice = next(one for one in mail.outbox if one.to == [owner.user.email])
    assert f"/admin/followups/followup/{follow_up.pk}/" in notice.body
    owner.list()
    assert f"/admin/followups/followup/{follow_up.pk}/" in owner.text
    owner.look_at(follow_up)
    assert "Please look at the hose." in owner.text and "WM-7" in owner.text
    owner.press("Take it")
    owner.press("Keep the note", text="Call the supplier first.")
    owner.press("Send", text="Is the tap above the machine open?")
    owner.press(
        "Promise it", text="A technician comes by.", due_at="2031-01-07T10:00", kind="other", point=""
    )
    time_passes()
    assert any("technician comes by" in letter for letter in customer.letters())

    customer.my_page()
    assert "A technician comes by." in customer.text and "Workshop" in customer.text
    assert "Call the supplier first." not in customer.text

    owner.reply(follow_up)
    assert "Keep this promise first" in owner.text
    owner.reply(follow_up, keeping=True)
    follow_up.refresh_from_db()
    assert follow_up.status == "told"

    customer.tap("/f/")
    assert "It stays dry now." in customer.text
    customer.says("fixed")
    answer = company.api().get(f"/api/v1/follow-ups/{follow_up.pk}/").json()
    assert answer["status"] == "confirmed"
    kinds = [
        one["kind"]
        for one in company.api().get(f"/api/v1/follow-ups/{follow_up.pk}/journal/").json()["results"]
    ]
    assert {
        "opened",
        "taken",
        "noted",
        "written",
        "promised",
        "promise_kept",
        "replied",
        "told",
        "fixed",
    } <= set(kinds)
    call_command("audit", stdout=StringIO())
