"""What the customer says after a reply was written is no part of what it tells, however late its message arrives."""

import pytest

from feedback import outbox, suppression
from followups import customer
from followups.states import Status
from tests import factories
from tests.followups.stories import fresh, opened, point, reply, verdicts

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R19")
def test_a_call_asked_for_beneath_a_reply_that_has_not_left_yet_is_owed():
    follow_up = opened()
    reply(follow_up)
    promised = customer.ask_for_call(follow_up.response)
    outbox.send_due()
    follow_up = fresh(follow_up)
    assert follow_up.status == Status.WORKING and follow_up.next_due_at is not None
    assert promised.follow_up == follow_up


@pytest.mark.rule("R24")
def test_words_written_beneath_a_reply_that_has_not_left_yet_return_it_to_work():
    follow_up = opened()
    reply(follow_up)
    customer.write_back(follow_up.response, "That is not what I meant.")
    outbox.send_due()
    assert fresh(follow_up).status == Status.WORKING


def test_more_said_about_a_point_meanwhile_keeps_it_open():
    follow_up = opened(outcome="no", reasons=["not_fixed"])
    reply(follow_up)
    factories.answer(follow_up.response.invitation, ease=1)
    outbox.send_due()
    assert fresh(follow_up).status == Status.WORKING


def test_a_reply_that_cannot_leave_does_not_close_what_it_does_not_cover():
    follow_up = opened()
    reply(follow_up)
    factories.answer(follow_up.response.invitation, reasons=["not_fixed", "charge"])
    for contact in follow_up.customer.contacts.all():
        suppression.suppress(bytes(contact.digest), "all", "hard_bounce")
    outbox.send_due()
    follow_up = fresh(follow_up)
    assert follow_up.status == Status.WORKING and follow_up.next_due_at is not None
    reply(follow_up)
    assert fresh(follow_up).status == Status.UNREACHABLE


def test_a_fixed_point_is_not_taken_back():
    follow_up = opened()
    written = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(written, "fixed"))
    with pytest.raises(customer.ValidationError):
        customer.withdraw_point(follow_up.response, point(follow_up, "not_fixed").pk)
    assert fresh(follow_up).status == Status.CONFIRMED
