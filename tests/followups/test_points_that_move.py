"""A point that moves takes along what belongs to it, and leaves nothing behind that nobody can finish (DESIGN 5)."""

from datetime import timedelta

import pytest

from feedback import clock, outbox
from followups import customer, moves, promises, replies, services
from followups.models import Promise
from followups.page import page_of
from followups.states import PointStatus, Severity, Status, WithdrawnReason
from tests import factories
from tests.followups.stories import department_for, fresh, opened, point, reply, verdicts

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R19")
def test_a_promised_call_goes_along_when_the_first_reason_moves_the_point():
    billing = department_for("charge")
    invitation = factories.invitation()
    response = factories.answer(invitation, outcome="no")
    promised = customer.ask_for_call(response)
    factories.answer(invitation, reasons=["charge"])
    promised.refresh_from_db()
    assert promised.follow_up.department == billing
    assert promised.assignee == promised.follow_up.assignee == billing.owner
    assert promised.follow_up.next_due_at is not None


def test_what_is_emptied_but_for_withdrawn_points_is_merged():
    follow_up = opened(outcome="no", reasons=["too_slow", "unsafe"])
    follow_up.severity = Severity.NORMAL
    follow_up.save(update_fields=["severity"])
    customer.withdraw_point(follow_up.response, point(follow_up, "too_slow").pk)
    follow_up.severity = Severity.SAFETY
    follow_up.save(update_fields=["severity"])
    target = services.transfer(
        follow_up.pk, follow_up.assignee, factories.DepartmentFactory(), [point(follow_up, "unsafe").pk]
    )
    follow_up = fresh(follow_up)
    assert (follow_up.status, follow_up.merged_into) == (Status.WITHDRAWN, target)
    assert follow_up.withdrawn_reason == WithdrawnReason.MERGED


@pytest.mark.rule("R24")
def test_a_reply_of_the_department_that_gave_a_point_away_is_not_judged_any_more():
    follow_up = opened()
    written = reply(follow_up)
    target = services.transfer(
        follow_up.pk, follow_up.assignee, factories.DepartmentFactory(), [point(follow_up, "not_fixed").pk]
    )
    outbox.send_due()
    (shown,) = page_of(follow_up.response).points
    assert not shown.may_be_judged and not shown.may_be_judged_anew and shown.due_at is not None
    for word in ("fixed", "not_fixed"):
        with pytest.raises(moves.Stale):
            customer.say(follow_up.response, verdicts(written, word))
    assert fresh(target).status == Status.OPEN and point(target, "not_fixed").status == PointStatus.OPEN


def test_a_reply_about_a_withdrawn_follow_up_is_not_judged_any_more():
    follow_up = opened()
    written = reply(follow_up)
    outbox.send_due()
    manager = factories.UserFactory(roles=["manager"])
    services.withdraw(follow_up.pk, manager, "customers_wish", "They called.")
    with pytest.raises(moves.Stale):
        customer.say(follow_up.response, verdicts(written, "not_fixed"))


def test_promises_about_a_point_keep_who_kept_them():
    follow_up = opened()
    owner = follow_up.assignee
    about = point(follow_up, "not_fixed")
    made = promises.promise(
        follow_up.pk, owner, "A new hose", clock.now() + timedelta(days=1), point_id=about.pk
    )
    replies.log_call(follow_up.pk, owner, "Brought it.", kept=[made.pk])
    services.transfer(follow_up.pk, owner, factories.DepartmentFactory(), [about.pk])
    assert Promise.objects.get(pk=made.pk).assignee == owner
