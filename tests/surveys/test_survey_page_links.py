"""Links that open nothing: forged, foreign, revoked, expired, and too many of them (R36)."""

import re
from datetime import timedelta

import pytest

from feedback import clock, links
from feedback.models.links import Purpose
from tests import factories
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R36")]


@pytest.fixture
def asked():
    return factories.invitation(case__subject="A very private matter")


def test_forged_unknown_foreign_and_revoked_links_look_alike(asked):
    customer = asked.customer
    address = links.url(asked.link, "email")
    page_link = links.url(links.issue(Purpose.PAGE, customer), "email").replace("/f/", "/s/")
    gone = factories.invitation().link
    assert gone is not None
    links.revoke([gone.pk])
    orphan = links.issue(Purpose.SURVEY, customer)
    seen = set()
    for wrong in (
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        address.rpartition("/")[0] + "/x",
        address.rpartition("/")[0] + "/%00%FF汉",
        page_link,
        links.url(gone, "email"),
        links.url(orphan, "email"),
    ):
        visitor = Visitor().open(wrong)
        assert visitor.status == 404
        seen.add(re.sub(r'href="/[^"]*"', "", visitor.text))
    assert len(seen) == 1
    assert all("private" not in text for text in seen)


def test_a_genuine_expired_link_says_so_and_nothing_of_the_case(asked):
    asked.link.expires_at = clock.now() - timedelta(seconds=1)
    asked.link.save()
    visitor = Visitor().open(asked.link)
    assert visitor.status == 410
    assert "expired" in visitor.text
    assert "private" not in visitor.text
    assert asked.customer.name not in visitor.text


def test_too_many_guesses_are_answered_429_even_with_a_good_link(asked, settings):
    settings.LINK_MISSES = 3
    address = links.url(asked.link, "email")
    for wrong in "abc":
        assert Visitor().open(f"{address.rpartition('/')[0]}/{wrong}").status == 404
    visitor = Visitor().open(address)
    assert visitor.status == 429
    assert "later" in visitor.text


def test_a_link_that_came_by_sms_opens_the_same_page(asked):
    assert "Was it solved?" in Visitor().open(links.url(asked.link, "sms")).text
