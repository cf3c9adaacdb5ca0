"""The sweep finds what doorbells missed, however much lies around that is settled already (DESIGN 3)."""

from datetime import timedelta

import pytest

from feedback import clock, outbox
from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Message, Resolution
from feedback.models.messages import State
from followups import customer, moves, notices, replies, silence, sweep
from followups.states import Event, Status
from tests import factories
from tests.followups.stories import fresh, opened, reply, verdicts

pytestmark = pytest.mark.django_db


def test_replies_told_long_ago_do_not_stand_in_the_way(monkeypatch):
    again = opened()
    written = reply(again)
    outbox.send_due()
    customer.say(again.response, verdicts(written, "not_fixed"))
    missed = reply(opened())
    Message.objects.filter(pk=missed.message_id).update(state=State.ACCEPTED, settled_at=clock.now())
    monkeypatch.setattr(sweep, "BATCH", 1)
    sweep.run()
    assert fresh(missed.follow_up).status == Status.TOLD


def test_a_message_that_fails_after_the_customer_judged_on_the_page_closes_nothing():
    follow_up = opened()
    written = reply(follow_up)
    customer.say(follow_up.response, verdicts(written, "not_fixed"))
    Message.objects.filter(pk=written.message_id).update(state=State.REFUSED, settled_at=clock.now())
    replies.follow_messages([written.message_id])
    sweep.run()
    assert fresh(follow_up).status == Status.WORKING


def test_one_poison_row_does_not_keep_silence_open(monkeypatch):
    poison, other = opened(), opened()
    for follow_up in (poison, other):
        reply(follow_up)
    outbox.send_due()
    move = moves.move

    def failing(follow_up, *args, **kwargs):
        if follow_up.pk == poison.pk:
            raise ValueError("poison")
        return move(follow_up, *args, **kwargs)

    monkeypatch.setattr(moves, "move", failing)
    silence.close_silent(clock.now() + timedelta(days=8))
    assert [fresh(one).status for one in (poison, other)] == [Status.TOLD, Status.UNCONFIRMED]


@pytest.mark.rule("R13")
def test_no_notice_goes_to_who_served_even_before_the_hand_over():
    stranger = factories.IdentityFactory()
    asked = factories.invitation(served_by=stranger)
    follow_up = factories.answer(asked, outcome="no").follow_ups.get()
    type(stranger).objects.update(user=follow_up.assignee)  # past every doorbell
    notices.send_due(clock.now() + timedelta(minutes=6))
    assert not Message.objects.filter(staff=follow_up.assignee).exists()


@pytest.mark.rule("R13")
def test_a_notice_that_waits_is_not_sent_to_who_turns_out_to_have_served():
    stranger = factories.IdentityFactory()
    department = factories.DepartmentFactory(deputy=factories.UserFactory())
    asked = factories.invitation(served_by=stranger, department=department)
    follow_up = factories.answer(asked, outcome="no", reasons=["too_slow"]).follow_ups.get()
    notices.send_due(clock.now() + timedelta(minutes=6))
    stranger.user = follow_up.assignee
    stranger.save()
    outbox.send_due()
    assert Message.objects.get(staff=follow_up.assignee).state == State.CANCELLED


@pytest.mark.rule("R13")
def test_who_a_late_event_names_as_having_served_hands_over_at_once():
    department = factories.DepartmentFactory(slug="desk", deputy=factories.UserFactory())
    factories.fallback()
    factories.IdentityFactory(source="crm", external_id="agent", user=department.owner)
    body = {
        "source": "crm",
        "external_id": "T1",
        "status": "resolved",
        "department": "desk",
        "customer": {"external_id": "c", "email": "c@home.example"},
    }
    take_in([read({**body, "sequence": 2})])
    resolution = Resolution.objects.get()
    if hasattr(resolution, "invitation"):
        resolution.invitation.delete()
    follow_up = factories.answer(factories.invitation(resolution), outcome="no").follow_ups.get()
    assert follow_up.assignee == department.owner
    take_in([read({**body, "sequence": 1, "served_by": "agent"})])
    assert fresh(follow_up).assignee == department.deputy
    assert follow_up.journal.filter(kind=Event.ASSIGNED).exists()


@pytest.mark.rule("R13")
def test_where_nobody_is_left_the_journal_does_not_grow_with_every_sweep():
    server = factories.IdentityFactory(user=factories.UserFactory())
    department = factories.DepartmentFactory(owner=server.user, is_fallback=True)
    asked = factories.invitation(served_by=server, department=department)
    follow_up = factories.answer(asked, outcome="no").follow_ups.get()
    before = follow_up.journal.count()
    sweep.run()
    assert fresh(follow_up).assignee is None and follow_up.journal.count() == before
