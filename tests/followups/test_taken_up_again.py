"""What returns to work lands on the desk of somebody who can do it, with all that it was (R12, R14, R19)."""

from datetime import timedelta

import pytest

from feedback import audit, clock, outbox, suppression
from feedback.models import Department
from feedback.models.staff import Role
from followups import customer, promises, services
from followups.models import Promise
from followups.states import LIVE, PointStatus, Severity, Status
from surveys import default_survey
from tests import factories
from tests.followups.stories import fresh, opened, point, reply, verdicts

pytestmark = pytest.mark.django_db


def confirmed(follow_up):
    written = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(written, "fixed"))
    return written


@pytest.mark.rule("R12")
def test_an_assignee_who_left_meanwhile_is_replaced_when_the_customer_returns():
    deputy = factories.UserFactory()
    follow_up = opened_in(factories.DepartmentFactory(deputy=deputy))
    written = confirmed(follow_up)
    follow_up.assignee.is_active = False
    follow_up.assignee.save()
    customer.say(follow_up.response, verdicts(written, "not_fixed"))
    follow_up = fresh(follow_up)
    assert (follow_up.status, follow_up.assignee) == (Status.WORKING, deputy)
    assert follow_up.notice_at is not None


@pytest.mark.rule("R13")
def test_who_turns_out_to_have_served_does_not_get_a_closed_complaint_back():
    unknown, deputy = factories.IdentityFactory(), factories.UserFactory()
    follow_up = opened_in(factories.DepartmentFactory(deputy=deputy), served_by=unknown)
    confirmed(follow_up)
    unknown.user = follow_up.assignee
    unknown.save()
    customer.write_back(follow_up.response, "It leaks again.")
    assert fresh(follow_up).assignee == deputy


def opened_in(department, **of_resolution):
    asked = factories.invitation(department=department, **of_resolution)
    return factories.answer(asked, outcome="no", reasons=["not_fixed"]).follow_ups.get()


def test_a_negative_answer_after_a_withdrawal_by_a_manager_is_heard():
    follow_up = opened()
    manager = factories.UserFactory(roles=[Role.MANAGER])
    services.withdraw(follow_up.pk, manager, "wrong_person", "Not their case.")
    factories.answer(follow_up.response.invitation, ease=1)
    again = point(follow_up, "not_fixed").follow_up
    assert again != follow_up and again.status in LIVE and again.next_due_at is not None


@pytest.mark.rule("R14")
def test_what_was_about_safety_still_is_when_the_customer_writes_after_a_withdrawal():
    follow_up = opened(outcome="no", reasons=["unsafe"])
    owner = factories.UserFactory(roles=[Role.SAFETY_OWNER])
    services.withdraw(follow_up.pk, owner, "customers_wish", "They called.")
    customer.write_back(follow_up.response, "It still smokes.")
    again = point(follow_up, "unsafe").follow_up
    assert again != follow_up and again.severity == Severity.SAFETY


@pytest.mark.rule("R12")
@pytest.mark.parametrize("how", ["writes", "answers"])
def test_a_complaint_about_a_person_comes_back_to_the_head(how):
    department = factories.DepartmentFactory(head=factories.UserFactory())
    asked = factories.invitation(department=department)
    response = factories.answer(asked, outcome="no", reasons=["too_slow"], person=1)
    follow_up = response.follow_ups.get()
    for key in ("too_slow", "person"):
        customer.withdraw_point(response, point(follow_up, key).pk)
    if how == "writes":
        customer.write_back(response, "On second thought.")
    else:
        factories.answer(asked, ease=1)
        assert point(follow_up, "too_slow").follow_up.assignee == department.owner
        factories.answer(asked, person=2)
    again = point(follow_up, "person").follow_up
    assert again.status in LIVE and again.assignee == department.head


@pytest.mark.rule("R19")
def test_a_call_asked_for_again_after_all_was_fixed_is_owed_again():
    follow_up = opened()
    written = reply(follow_up)
    outbox.send_due()
    first = customer.ask_for_call(follow_up.response)
    customer.say(follow_up.response, verdicts(written, "fixed"))
    assert fresh(follow_up).status == Status.CONFIRMED
    first.refresh_from_db()
    assert first.state == "released"
    again = customer.ask_for_call(follow_up.response)
    assert again != first and list(Promise.objects.filter(state="open")) == [again]
    assert fresh(follow_up).status == Status.WORKING


@pytest.mark.rule("R19")
def test_what_was_promised_is_owed_no_more_when_the_customer_calls_everything_fixed_after_all():
    follow_up = opened(outcome="no", reasons=["not_fixed", "charge"])
    written = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(written, "not_fixed"))
    in_two_days = clock.now() + timedelta(days=2)
    made = promises.promise(follow_up.pk, follow_up.assignee, "A new hose.", in_two_days)
    first, second = written.parts.order_by("pk")
    customer.say(follow_up.response, {first.pk: "fixed"})
    made.refresh_from_db()
    assert (made.state, fresh(follow_up).status) == ("open", Status.WORKING)
    customer.say(follow_up.response, {second.pk: "fixed"})
    made.refresh_from_db()
    assert (made.state, fresh(follow_up).status) == ("released", Status.CONFIRMED)
    released = follow_up.journal.get(kind="promise_released")
    assert released.by == "customer" and released.data == {"promise": made.pk}
    assert fresh(follow_up).next_due_at is None and sound()


@pytest.mark.rule("R19")
def test_what_was_promised_goes_along_with_the_last_point_that_is_owed():
    follow_up = opened(outcome="no", reasons=["not_fixed", "charge"])
    written = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(written, "not_fixed"))
    kept = written.parts.get(point__key="not_fixed")
    customer.say(follow_up.response, {kept.pk: "fixed"})
    made = promises.promise(follow_up.pk, follow_up.assignee, "A refund.", clock.now() + timedelta(days=2))
    elsewhere = factories.DepartmentFactory()
    target = services.transfer(follow_up.pk, follow_up.assignee, elsewhere, [point(follow_up, "charge").pk])
    made.refresh_from_db()
    assert (made.state, made.follow_up, made.assignee) == ("open", target, elsewhere.owner)
    assert fresh(follow_up).status == Status.CONFIRMED and sound()


@pytest.mark.rule("R12")
@pytest.mark.parametrize("how", ["writes", "answers"])
def test_what_comes_back_to_a_retired_department_goes_where_it_would_go_now(how):
    retired, safe = factories.DepartmentFactory(), factories.DepartmentFactory()
    elsewhere = factories.fallback()
    default_survey.ensure({"unsafe": safe})
    asked = factories.invitation(department=retired)
    follow_up = factories.answer(asked, outcome="no", reasons=["not_fixed", "too_slow"]).follow_ups.get()
    services.transfer(follow_up.pk, follow_up.assignee, safe, [point(follow_up, "too_slow").pk])
    for one in follow_up.response.follow_ups.all():
        services.withdraw(one.pk, factories.UserFactory(roles=[Role.MANAGER]), "wrong_person", "Not theirs.")
    Department.objects.filter(pk__in=[retired.pk, safe.pk]).update(retired_at=clock.now())
    if how == "writes":
        customer.write_back(follow_up.response, "It is mine after all.")
    else:
        factories.answer(asked, ease=1)
    again = follow_up.response.follow_ups.exclude(status=Status.WITHDRAWN).get()
    assert (again.department, again.assignee) == (elsewhere, elsewhere.owner)
    back = again.points.first()
    assert back.routed_by == "fallback" and back.rule is None and sound()


def sound() -> bool:
    return not [finding for finding in audit.run() if finding.violations]


@pytest.mark.rule("R19")
def test_a_call_asked_for_after_the_last_point_was_withdrawn_is_on_somebodys_desk():
    follow_up = opened()
    customer.ask_for_call(follow_up.response)
    customer.withdraw_point(follow_up.response, point(follow_up, "not_fixed").pk)
    assert fresh(follow_up).status == Status.WITHDRAWN
    promised = customer.ask_for_call(follow_up.response)
    assert promised.follow_up.status in LIVE and promised.assignee is not None
    assert Promise.objects.filter(state="open").count() == 1
    assert fresh(follow_up).next_due_at is None


def test_a_follow_up_is_never_opened_again_without_a_point():
    follow_up = opened()
    manager = factories.UserFactory(roles=[Role.MANAGER])
    here = point(follow_up, "not_fixed")
    first = services.transfer(follow_up.pk, follow_up.assignee, factories.DepartmentFactory(), [here.pk])
    customer.withdraw_point(follow_up.response, here.pk)  # `first` is withdrawn
    factories.answer(follow_up.response.invitation, ease=1)  # and its point said again
    second = point(follow_up, "not_fixed").follow_up
    services.withdraw(second.pk, manager, "customers_wish", "They called.")
    customer.write_back(follow_up.response, "Once more.")
    again = point(follow_up, "not_fixed").follow_up
    assert again not in (first, second) and again.status in LIVE
    assert again.points.get().status == PointStatus.OPEN


def test_an_unseen_character_is_no_message():
    follow_up = opened()
    customer.ask_for_call(follow_up.response, "\u202a")
    assert not follow_up.response.words.exists()


@pytest.mark.rule("R14")
def test_another_answer_does_not_reopen_what_is_unreachable():
    asked = factories.invitation()
    follow_up = factories.answer(asked, outcome="no", reasons=["unsafe"]).follow_ups.get()
    for contact in follow_up.customer.contacts.all():
        suppression.suppress(bytes(contact.digest), "all", "hard_bounce")
    reply(follow_up)
    assert fresh(follow_up).status == Status.UNREACHABLE
    factories.answer(asked, person=5)
    assert fresh(follow_up).status == Status.UNREACHABLE
