"""No more surveys to an address: asked on GET, done on POST, undone again, and by one click of a mail program (R34)."""

import pytest
from django.test import Client

from feedback import links, suppression
from feedback.models import Contact, Suppression
from feedback.models.links import Purpose
from feedback.models.messages import Purpose as MessagePurpose
from tests import factories
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R34")]


@pytest.fixture
def contact():
    factories.CustomerFactory(email="jane@home.example")
    return Contact.objects.get()


@pytest.fixture
def link(contact):
    return links.issue(Purpose.OPT_OUT, contact.customer, contact=contact)


def blocked(contact, purpose):
    return bool(suppression.suppressed([bytes(contact.digest)], purpose))


def test_looking_opts_nobody_out(link, contact):
    visitor = Visitor().open(link)
    visitor.client.head(visitor.forms()[0].action)
    assert not Suppression.objects.exists()
    assert "j…@home.example" in visitor.text
    assert "jane@" not in visitor.text


def test_a_press_ends_surveys_to_this_address_but_not_answers(link, contact):
    visitor = Visitor().open(link).press()
    assert "Done" in visitor.text
    assert blocked(contact, MessagePurpose.SURVEY)
    assert blocked(contact, MessagePurpose.REMINDER)
    assert not blocked(contact, MessagePurpose.REPLY)


def test_a_second_press_changes_nothing(link, contact):
    first = Visitor().open(link)
    second = Visitor()
    second.page = first.page
    first.press()
    assert second.press().status == 200
    assert Suppression.objects.count() == 1


def test_undo(link, contact):
    visitor = Visitor().open(link).press().press("1")
    assert "No more questions like this?" in visitor.text
    assert not blocked(contact, MessagePurpose.SURVEY)


def test_undo_takes_back_no_stop_no_bounce_and_no_complaint(link, contact):
    suppression.suppress(bytes(contact.digest), "all", "complaint")
    Visitor().open(link).press().press("1")
    assert [row.cause for row in Suppression.objects.all()] == ["complaint"]


def test_one_click_of_a_mail_program_needs_no_page_before_it_and_is_not_redirected(link, contact):
    """RFC 8058: a POST with this one field, without cookies, referrer or redirect."""
    path = "/o/" + links.token(link, strong=True)
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert blocked(contact, MessagePurpose.SURVEY)


def test_one_click_as_multipart_works_too(link, contact):
    path = "/o/" + links.token(link, strong=True)
    Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}, format="multipart")
    assert blocked(contact, MessagePurpose.SURVEY)


def test_a_bare_post_opts_nobody_out(link):
    answer = Client().post("/o/" + links.token(link, strong=True))
    assert answer.status_code == 403
    assert not Suppression.objects.exists()


def test_a_forged_link_opts_nobody_out(link):
    assert Client().post("/o/x", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not Suppression.objects.exists()
