"""Whose a point is, and who works it (R12)."""

import pytest

from feedback.models import User
from followups.models import FollowUp, Point, RoutingRule
from followups.states import Event
from surveys import default_survey
from tests import factories

pytestmark = pytest.mark.django_db


def routed(department=None, **answers):
    asked = factories.invitation(department=department)
    factories.answer(asked, **(answers or {"outcome": "no", "reasons": ["charge"]}))
    return Point.objects.get(response__invitation=asked)


@pytest.mark.rule("R12")
def test_the_first_rule_that_matches_decides_and_is_stored():
    billing, desk = factories.DepartmentFactory(slug="billing"), factories.DepartmentFactory(slug="desk")
    RoutingRule.objects.create(position=2, department=desk)
    first = RoutingRule.objects.create(position=1, reason="charge", department=billing)
    point = routed()
    assert (point.follow_up.department, point.rule, point.routed_by) == (billing, first, "rule")


@pytest.mark.rule("R12")
def test_every_given_field_of_a_rule_must_match():
    billing, workshop = factories.DepartmentFactory(), factories.DepartmentFactory()
    RoutingRule.objects.create(position=1, reason="charge", case_department=workshop, department=billing)
    assert routed(workshop).follow_up.department == billing
    assert routed(factories.DepartmentFactory()).follow_up.department != billing


@pytest.mark.rule("R12")
def test_without_a_rule_the_reasons_department_then_the_cases_then_the_fallback():
    billing, workshop = factories.DepartmentFactory(), factories.DepartmentFactory()
    fallback = factories.fallback()
    default_survey.ensure({"charge": billing})
    assert [
        (point.follow_up.department, point.routed_by)
        for point in (
            routed(workshop),
            routed(workshop, outcome="no", reasons=["other"]),
            routed(outcome="no"),
        )
    ] == [(billing, "reason"), (workshop, "case"), (fallback, "fallback")]


def test_a_retired_department_gets_nothing_new():
    workshop = factories.DepartmentFactory()
    workshop.retired_at = workshop.owner.date_joined
    workshop.save()
    assert routed(workshop).follow_up.department == factories.fallback()


@pytest.mark.rule("R12")
def test_a_point_about_the_person_goes_to_the_departments_head():
    head = factories.UserFactory()
    workshop = factories.DepartmentFactory(head=head)
    assert routed(workshop, outcome="yes", person=1).follow_up.assignee == head


@pytest.mark.rule("R12")
def test_a_person_point_added_later_brings_the_head_in():
    head = factories.UserFactory()
    workshop = factories.DepartmentFactory(head=head)
    asked = factories.invitation(department=workshop)
    factories.answer(asked, outcome="no")
    assert FollowUp.objects.get().assignee == workshop.owner
    factories.answer(asked, person=1)
    assert FollowUp.objects.get().assignee == head


@pytest.mark.rule("R12")
def test_whoever_leaves_hands_over_in_the_same_transaction():
    deputy = factories.UserFactory()
    workshop = factories.DepartmentFactory(deputy=deputy)
    follow_up = routed(workshop).follow_up
    owner = follow_up.assignee
    owner.is_active = False
    owner.save()
    follow_up.refresh_from_db()
    assert follow_up.assignee == deputy
    entry = follow_up.journal.filter(kind=Event.ASSIGNED).last()
    assert entry.data == {"from": owner.pk, "to": deputy.pk} and entry.by == "system"


def test_with_nobody_left_it_is_unassigned_and_audit_says_so():
    from feedback import audit

    follow_up = routed().follow_up
    for user in User.objects.all():
        user.is_active = False
        user.save()
    follow_up.refresh_from_db()
    assert follow_up.assignee is None
    failed = {finding.invariant.id for finding in audit.run() if finding.violations}
    assert "U03" in failed


def test_the_outcome_and_the_person_are_judged_apart():
    """A negative about product, delivery or policy never counts against the person (R5)."""
    points = Point.objects.filter(
        response=factories.answer(outcome="no", reasons=["product_fault"], person=5)
    )
    assert [point.about_person for point in points] == [False]
