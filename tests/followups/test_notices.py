"""A new follow-up is made known to its assignee by email: after five minutes, or with the rest of the answers (R5)."""

from datetime import timedelta

import pytest

from feedback import clock, outbox
from followups import notices, services
from followups.models import FollowUp
from tests import factories

pytestmark = pytest.mark.django_db


def sent(mailoutbox):
    notices.send_due()
    outbox.send_due()
    return [mail.to for mail in mailoutbox]


@pytest.mark.rule("R5")
def test_the_notice_waits_five_minutes_for_the_rest(mailoutbox):
    factories.answer(outcome="no")
    assert sent(mailoutbox) == []
    notices.send_due(clock.now() + timedelta(minutes=5, seconds=1))
    assert sent(mailoutbox) == [[FollowUp.objects.get().assignee.email]]


@pytest.mark.rule("R5")
def test_with_the_rest_of_the_answers_it_leaves_at_once(mailoutbox):
    asked = factories.invitation()
    factories.answer(asked, outcome="no")
    factories.answer(asked, reasons=["charge"], ease=2)
    assert len(sent(mailoutbox)) == 1


def test_a_hazard_waits_for_nothing(mailoutbox):
    asked = factories.invitation()
    factories.answer(asked, reasons=["unsafe"])
    assert len(sent(mailoutbox)) == 1


def test_it_says_where_to_look_and_none_of_the_customers_words(mailoutbox):
    response = factories.answer(outcome="no", words="My neighbour Zhang must not know", reasons=["other"])
    sent(mailoutbox)
    follow_up = response.follow_ups.get()
    assert f"/admin/followups/followup/{follow_up.pk}/change/" in mailoutbox[0].body
    assert "Zhang" not in mailoutbox[0].body and response.customer.name not in mailoutbox[0].body


def test_it_is_sent_once(mailoutbox):
    factories.answer(outcome="no", reasons=["charge"])
    for _ in range(3):
        sent(mailoutbox)
    assert len(mailoutbox) == 1


def test_who_is_given_it_later_is_told_too(mailoutbox):
    deputy = factories.UserFactory()
    department = factories.DepartmentFactory(deputy=deputy)
    asked = factories.invitation(department=department)
    follow_up = factories.answer(asked, outcome="no", reasons=["charge"]).follow_ups.get()
    services.assign(follow_up.pk, department.owner, deputy)
    assert sent(mailoutbox) == [[deputy.email]]


def test_who_takes_it_needs_no_notice(mailoutbox):
    deputy = factories.UserFactory()
    asked = factories.invitation(department=factories.DepartmentFactory(deputy=deputy))
    follow_up = factories.answer(asked, outcome="no", reasons=["charge"]).follow_ups.get()
    services.take(follow_up.pk, deputy)
    assert sent(mailoutbox) == []
