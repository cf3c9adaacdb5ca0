"""docs/operate.md, "Rotating the link key": old links open until the old key is dropped, new ones bear the new name."""

import re

import pytest
from django.core import mail

from feedback import environment
from tests.journeys.people import CustomerOnPhone

OLD, NEW = environment.new_key(), environment.new_key()


def newest_link(kind: str) -> str:
    found = [one for letter in mail.outbox for one in re.findall(rf"{kind}[\w-]+", str(letter.body))]
    return found[-1]


def status_of(link: str) -> int:
    return CustomerOnPhone().open(link).status


@pytest.mark.rule("R36")
def test_links_through_the_rotation(company, settings):
    settings.LINK_KEYS = environment.keys("LINK_KEYS", f"1:{OLD}")
    company.help_desk.resolves("mei@home.example", external_id="A-1")
    survey, way_out = newest_link("/s/"), newest_link("/o/")
    assert survey.startswith("/s/1-")

    # A new key in front: what is sent from now on is made by it, what was sent opens as before.
    settings.LINK_KEYS = environment.keys("LINK_KEYS", f"2:{NEW},1:{OLD}")
    company.help_desk.resolves("bo@home.example", external_id="A-2")
    assert newest_link("/s/").startswith("/s/2-")
    assert status_of(newest_link("/s/")) == status_of(way_out) == 200
    mei = CustomerOnPhone("mei@home.example").answer("no")
    assert mei.status == 200
    follow_up = company.front_office.follow_ups.get()
    company.owner(company.front_office).reply(follow_up)
    page = newest_link("/f/")
    assert page.startswith("/f/2-")

    # The old key dropped: its links are unknown, as if they had never been; the new ones live on.
    settings.LINK_KEYS = environment.keys("LINK_KEYS", f"2:{NEW}")
    assert status_of(survey) == status_of(way_out) == 404
    assert status_of(page) == 200


def test_another_secret_key_leaves_links_and_tokens_alone_and_signs_everybody_out(company, settings):
    company.help_desk.resolves("mei@home.example")
    api, owner = company.api(), company.owner(company.front_office)
    assert owner.list().status == 200
    settings.SECRET_KEY = "another-secret-key-that-is-long-enough-for-anybody-0123456789"
    assert status_of(newest_link("/s/")) == 200
    assert api.get("/api/v1/cases/").status_code == 200
    assert "/login/" in owner.list().at
