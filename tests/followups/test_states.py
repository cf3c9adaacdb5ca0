"""The rows of DESIGN 5's table, one by one, through the services."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from feedback import clock, outbox, suppression
from feedback.models import Message
from feedback.models.staff import Role
from followups import customer, moves, promises, replies, services, silence
from followups.models import FollowUp, JournalEntry, Point, Promise
from followups.states import TRANSITIONS, Event, PointStatus, Status
from tests import factories

pytestmark = pytest.mark.django_db

SAID = replies.Part("The hose was loose.", "We fixed it.", "It will not leak again.")


def opened(**answers) -> FollowUp:
    return factories.answer(**(answers or {"outcome": "no", "reasons": ["not_fixed"]})).follow_ups.get()


def replied(follow_up: FollowUp | None = None, **kwargs) -> FollowUp:
    follow_up = follow_up or opened()
    follow_up.refresh_from_db()
    parts = {point.pk: SAID for point in follow_up.points.filter(status=PointStatus.OPEN)}
    replies.reply(follow_up.pk, follow_up.assignee, parts, **kwargs)
    return fresh(follow_up)


def told(follow_up: FollowUp | None = None) -> FollowUp:
    follow_up = replied(follow_up)
    outbox.send_due()
    return fresh(follow_up)


def fresh(follow_up: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=follow_up.pk)


def verdicts(follow_up: FollowUp, word: str) -> dict[int, str]:
    return {part.pk: word for part in follow_up.replies.order_by("-pk").first().parts.all()}


def confirmed() -> FollowUp:
    follow_up = told()
    customer.say(follow_up.response, verdicts(follow_up, "fixed"))
    return fresh(follow_up)


def unconfirmed() -> FollowUp:
    follow_up = told()
    silence.close_silent(clock.now() + timedelta(days=8))
    return fresh(follow_up)


def unreachable() -> FollowUp:
    follow_up = opened()
    for contact in follow_up.customer.contacts.all():
        suppression.suppress(bytes(contact.digest), "all", "hard_bounce")
    return replied(follow_up)


def test_the_assignees_first_action_begins_the_work():
    follow_up = opened()
    services.note(follow_up.pk, follow_up.assignee, "Called the workshop.")
    assert fresh(follow_up).status == Status.WORKING


def test_a_reply_tells_only_once_the_channel_accepted_it():
    follow_up = replied()
    assert follow_up.status == Status.WORKING
    outbox.send_due()
    follow_up = fresh(follow_up)
    assert follow_up.status == Status.TOLD and follow_up.points.get().status == PointStatus.TOLD


def test_a_logged_call_tells_what_stands_on_the_page():
    follow_up = replied()
    replies.log_call(follow_up.pk, follow_up.assignee, "Went through it on the phone.")
    assert fresh(follow_up).status == Status.TOLD


def test_a_call_without_a_written_reply_tells_nothing():
    follow_up = opened()
    replies.log_call(follow_up.pk, follow_up.assignee, "Said sorry.")
    assert fresh(follow_up).status == Status.WORKING


@pytest.mark.rule("R24")
def test_only_the_customer_confirms_point_by_point():
    follow_up = told(opened(outcome="no", reasons=["not_fixed", "too_slow"]))
    first, second = verdicts(follow_up, "fixed")
    customer.say(follow_up.response, {first: "fixed"})
    assert fresh(follow_up).status == Status.TOLD
    customer.say(follow_up.response, {second: "fixed"})
    assert fresh(follow_up).status == Status.CONFIRMED


@pytest.mark.rule("R24")
def test_silence_is_counted_as_silence():
    follow_up = told()
    silence.close_silent(clock.now() + timedelta(days=6, hours=23))
    assert fresh(follow_up).status == Status.TOLD
    silence.close_silent(clock.now() + timedelta(days=7, minutes=1))
    assert fresh(follow_up).status == Status.UNCONFIRMED


@pytest.mark.parametrize("closed", [told, confirmed, unconfirmed, unreachable])
@pytest.mark.parametrize("said", ["not_fixed", "call", "message", "more"])
def test_whatever_the_customer_still_says_returns_it_to_work(closed, said):
    follow_up = closed()
    if said == "not_fixed":
        customer.say(follow_up.response, verdicts(follow_up, "not_fixed"), "It leaks again.")
    elif said == "call":
        customer.ask_for_call(follow_up.response)
    elif said == "message":
        customer.write_back(follow_up.response, "One more thing.")
    else:
        factories.answer(follow_up.response.invitation, reasons=["not_fixed", "too_slow"])
    follow_up = fresh(follow_up)
    assert follow_up.status == Status.WORKING
    assert follow_up.points.filter(status=PointStatus.OPEN).exists()
    assert follow_up.next_due_at is not None


@pytest.mark.parametrize("closed", [unconfirmed, unreachable])
def test_a_late_fixed_confirms(closed):
    follow_up = closed()
    customer.say(follow_up.response, verdicts(follow_up, "fixed"))
    assert fresh(follow_up).status == Status.CONFIRMED
    assert follow_up.journal.filter(kind=Event.TOLD).exists()


def test_without_a_way_to_the_customer_it_is_unreachable_and_the_reply_stands_on_the_page():
    follow_up = unreachable()
    assert follow_up.status == Status.UNREACHABLE and follow_up.replies.count() == 1
    assert not Message.objects.filter(purpose="reply").exists()


def test_a_verdict_before_the_message_arrives_counts_as_told_on_the_page():
    follow_up = replied()
    customer.say(follow_up.response, verdicts(follow_up, "not_fixed"))
    outbox.send_due()
    follow_up = fresh(follow_up)
    assert follow_up.status == Status.WORKING and follow_up.points.get().status == PointStatus.OPEN
    assert follow_up.journal.get(kind=Event.TOLD).data["via"] == "page"


def test_not_fixed_pressed_on_an_outdated_reply_is_refused_and_nothing_is_recorded():
    follow_up = told()
    old = verdicts(follow_up, "not_fixed")
    customer.say(follow_up.response, old)
    follow_up = told(follow_up)
    with pytest.raises(moves.Stale):
        customer.say(follow_up.response, old)
    assert fresh(follow_up).status == Status.TOLD


def test_the_customer_withdraws_the_last_point():
    follow_up = opened()
    customer.withdraw_point(follow_up.response, follow_up.points.get().pk)
    follow_up = fresh(follow_up)
    assert (follow_up.status, follow_up.withdrawn_reason) == (Status.WITHDRAWN, "customer_withdrew")


def test_a_customer_who_writes_after_all_was_withdrawn_is_heard():
    follow_up = opened()
    customer.withdraw_point(follow_up.response, follow_up.points.get().pk)
    customer.write_back(follow_up.response, "It came back.")
    again = follow_up.response.follow_ups.exclude(pk=follow_up.pk).get()
    assert again.status == Status.OPEN and again.points.get().status == PointStatus.OPEN


@pytest.mark.rule("R14")
def test_a_point_about_safety_is_looked_into_in_any_case():
    follow_up = opened(outcome="no", reasons=["unsafe"])
    with pytest.raises(ValidationError):
        customer.withdraw_point(follow_up.response, follow_up.points.get().pk)
    manager = factories.UserFactory(roles=[Role.MANAGER])
    with pytest.raises(PermissionDenied):
        services.withdraw(follow_up.pk, manager, "customers_wish", "Asked us to.")
    owner = factories.UserFactory(roles=[Role.SAFETY_OWNER])
    services.withdraw(follow_up.pk, owner, "customers_wish", "Asked us to.")
    assert fresh(follow_up).status == Status.WITHDRAWN


def test_only_a_manager_withdraws_and_with_a_reason():
    follow_up = opened()
    with pytest.raises(PermissionDenied):
        services.withdraw(follow_up.pk, follow_up.assignee, "customers_wish", "why")
    manager = factories.UserFactory(roles=[Role.MANAGER])
    with pytest.raises(ValidationError):
        services.withdraw(follow_up.pk, manager, "merged", "why")
    with pytest.raises(ValidationError):
        services.withdraw(follow_up.pk, manager, "wrong_person", "  ")
    services.withdraw(follow_up.pk, manager, "wrong_person", "Not their case.")
    assert fresh(follow_up).withdrawn_reason == "wrong_person"


def test_transfer_moves_points_with_promises_and_merges_what_is_emptied():
    follow_up = opened()
    other = factories.DepartmentFactory(slug="workshop")
    point = follow_up.points.get()
    made = promises.promise(
        follow_up.pk, follow_up.assignee, "We will look.", clock.now() + timedelta(days=1), point_id=point.pk
    )
    target = services.transfer(follow_up.pk, follow_up.assignee, other, [point.pk])
    assert target.department == other and target.assignee == other.owner
    assert Promise.objects.get(pk=made.pk).follow_up == target
    follow_up = fresh(follow_up)
    assert (follow_up.status, follow_up.merged_into) == (Status.WITHDRAWN, target)


def test_transfer_of_some_points_leaves_the_others():
    follow_up = opened(outcome="no", reasons=["not_fixed", "charge"])
    other = factories.DepartmentFactory(slug="billing")
    target = services.transfer(
        follow_up.pk, follow_up.assignee, other, [follow_up.points.get(key="charge").pk]
    )
    assert [p.key for p in target.points.all()] == ["charge"]
    assert [p.key for p in follow_up.points.all()] == ["not_fixed"] and fresh(follow_up).status == Status.OPEN


def test_a_split_point_keeps_its_evidence_in_every_part():
    follow_up = opened()
    point = follow_up.points.get()
    parts = services.split(follow_up.pk, follow_up.assignee, point.pk, ["The hose", "The floor"])
    assert [str(part) for part in parts] == ["The hose", "The floor"]
    assert all(part.evidence.count() == point.evidence.count() for part in parts)


@pytest.mark.rule("R23")
def test_a_reply_says_all_three_things_for_every_point():
    follow_up = opened(outcome="no", reasons=["not_fixed", "too_slow"])
    first, second = follow_up.points.all()
    with pytest.raises(ValidationError) as refused:
        replies.reply(follow_up.pk, follow_up.assignee, {first.pk: replies.Part("a", " ", "c")})
    assert set(refused.value.message_dict) == {
        f"point-{first.pk}-did",
        *(f"point-{second.pk}-{name}" for name in ("found", "did", "changes")),
    }
    assert fresh(follow_up).status == Status.OPEN


@pytest.mark.rule("R23")
def test_the_database_refuses_an_empty_reply_too():
    follow_up = replied()
    part = follow_up.replies.get().parts.get()
    part.did = " \n "
    with pytest.raises(IntegrityError), transaction.atomic():
        part.save()


@pytest.mark.rule("R19")
def test_a_reply_waits_until_each_promise_is_kept_by_it():
    follow_up = opened()
    made = promises.promise(follow_up.pk, follow_up.assignee, "A part", clock.now() + timedelta(days=2))
    with pytest.raises(ValidationError) as refused:
        replied(follow_up)
    assert list(refused.value.message_dict) == [f"promise-{made.pk}"]
    replied(follow_up, kept=[made.pk])
    made.refresh_from_db()
    assert made.state == "kept" and made.settled_at is not None


@pytest.mark.rule("R19")
def test_a_call_asked_for_is_a_promise_of_the_leads_assignee_in_one_business_day():
    follow_up = opened()
    with time_machine.travel("2026-11-20 10:00Z", tick=False):  # a Friday
        made = customer.ask_for_call(follow_up.response, "After five, please.")
        assert customer.ask_for_call(follow_up.response) == made
    assert made.assignee == follow_up.assignee
    assert f"{made.due_at:%A %H:%M}" == "Monday 10:00"
    customer.release_promise(follow_up.response, made.pk)
    made.refresh_from_db()
    assert made.state == "released"


def test_two_owners_replying_the_second_is_shown_the_first():
    follow_up = replied(seen=0)
    parts = {point.pk: SAID for point in follow_up.points.all()}
    with pytest.raises(moves.Stale):
        replies.reply(follow_up.pk, follow_up.assignee, parts, seen=0)


def test_the_database_knows_no_way_past_the_table():
    for before in Status:
        for after in Status:
            if before == after or after in TRANSITIONS[before] or before == Status.WITHDRAWN:
                continue
            follow_up = {
                Status.OPEN: opened,
                Status.WORKING: replied,
                Status.TOLD: told,
                Status.CONFIRMED: confirmed,
                Status.UNCONFIRMED: unconfirmed,
                Status.UNREACHABLE: unreachable,
            }[before]()
            assert follow_up.status == before
            reason = "wrong_person" if after == Status.WITHDRAWN else ""
            with (
                pytest.raises(Exception, match="(?i)transition|cannot become|violates"),
                transaction.atomic(),
            ):
                FollowUp.objects.filter(pk=follow_up.pk).update(status=after, withdrawn_reason=reason)


def test_nothing_is_told_or_closed_by_hand():
    follow_up = opened()
    services.note(follow_up.pk, follow_up.assignee, "n")
    for status in (Status.TOLD, Status.UNREACHABLE):
        with pytest.raises(IntegrityError), transaction.atomic():
            FollowUp.objects.filter(pk=follow_up.pk).update(status=status)
    follow_up = told()
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.filter(pk=follow_up.pk).update(status=Status.CONFIRMED)


@pytest.mark.rule("R41")
def test_the_journal_is_append_only():
    follow_up = opened()
    with pytest.raises(Exception, match="(?i)cannot"), transaction.atomic():
        JournalEntry.objects.filter(follow_up=follow_up).update(kind=Event.TOLD)
    with pytest.raises(Exception, match="(?i)cannot"), transaction.atomic():
        JournalEntry.objects.filter(follow_up=follow_up).delete()
    with pytest.raises(Exception, match="(?i)cannot"), transaction.atomic():
        Point.objects.filter(follow_up=follow_up).delete()
