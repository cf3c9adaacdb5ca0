"""Every negative answer, and every negative reason chosen in it, is evidence of a point (R11; DESIGN 2)."""

import pytest

from followups.models import Evidence, FollowUp, Point
from followups.states import PointStatus, Severity, Status, WithdrawnReason
from surveys import default_survey
from tests import factories

pytestmark = pytest.mark.django_db


def points_of(response):
    return {point.key: point for point in Point.objects.filter(response=response, split_from=None)}


def test_a_first_negative_answer_opens_a_point_of_its_own():
    response = factories.answer(outcome="no")
    assert set(points_of(response)) == {"unspecified"}
    follow_up = response.follow_ups.get()
    assert follow_up.status == Status.OPEN and follow_up.assignee is not None


@pytest.mark.rule("R11")
def test_partly_is_negative_whatever_the_score():
    response = factories.answer(outcome="partly", ease=7)
    assert set(points_of(response)) == {"unspecified"}


@pytest.mark.rule("R11")
def test_a_good_answer_opens_nothing():
    response = factories.answer(outcome="yes", ease=4, person=3)
    assert not FollowUp.objects.exists() and not points_of(response)


@pytest.mark.parametrize(
    ("ease", "person", "keys"),
    [(3, 5, {"unspecified"}), (4, 2, {"person"}), (3, 2, {"unspecified", "person"})],
)
@pytest.mark.rule("R11")
def test_scores_at_the_threshold_are_negative(ease, person, keys):
    assert set(points_of(factories.answer(outcome="yes", ease=ease, person=person))) == keys


def test_reasons_are_the_points_and_the_outcome_is_evidence_for_each():
    response = factories.answer(outcome="no", ease=1, reasons=["too_slow", "charge"])
    points = points_of(response)
    assert set(points) == {"too_slow", "charge"}
    for key, point in points.items():
        kinds = set(point.evidence.values_list("answer__question__kind", "reason"))
        assert kinds == {("reasons", key), ("outcome", ""), ("ease", "")}


def test_when_reasons_arrive_later_the_point_becomes_the_first_ones():
    invitation = factories.invitation()
    factories.answer(invitation, outcome="no")
    before = Point.objects.get()
    response = factories.answer(invitation, reasons=["too_slow", "charge"])
    points = points_of(response)
    assert set(points) == {"too_slow", "charge"}
    assert points["too_slow"].pk == before.pk


def test_a_reason_that_belongs_elsewhere_moves_the_point_while_nobody_has_begun():
    billing = factories.DepartmentFactory(slug="billing")
    factories.fallback()
    default_survey.ensure({"charge": billing})
    invitation = factories.invitation()
    factories.answer(invitation, outcome="no")
    first = FollowUp.objects.get()
    factories.answer(invitation, reasons=["charge"])
    first.refresh_from_db()
    assert (first.status, first.withdrawn_reason) == (Status.WITHDRAWN, WithdrawnReason.MERGED)
    assert first.merged_into.department == billing
    assert Point.objects.get().follow_up.department == billing


def test_two_departments_get_a_follow_up_each():
    billing = factories.DepartmentFactory(slug="billing")
    factories.fallback()
    default_survey.ensure({"charge": billing})
    response = factories.answer(outcome="no", reasons=["charge", "too_slow"])
    assert {f.department.slug for f in response.follow_ups.all()} == {"billing", "front-office"}


@pytest.mark.rule("R10")
def test_a_changed_mind_keeps_the_earlier_answer_and_the_point():
    invitation = factories.invitation()
    response = factories.answer(invitation, outcome="no")
    factories.answer(invitation, outcome="yes")
    outcomes = response.answers.filter(question__kind="outcome").order_by("pk")
    assert [(a.chosen, a.superseded_at is None) for a in outcomes] == [(["no"], False), (["yes"], True)]
    assert Point.objects.get().status == PointStatus.OPEN


@pytest.mark.rule("R10")
def test_a_changed_mind_can_add_points():
    invitation = factories.invitation()
    factories.answer(invitation, outcome="yes")
    response = factories.answer(invitation, outcome="no", reasons=["product_fault"])
    assert set(points_of(response)) == {"product_fault"}


def test_the_same_answer_again_changes_nothing():
    invitation = factories.invitation()
    response = factories.answer(invitation, outcome="no", reasons=["charge"])
    evidence = Evidence.objects.count()
    factories.answer(invitation, outcome="no", reasons=["charge"])
    assert response.answers.count() == 2 and Evidence.objects.count() == evidence


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    "words",
    [
        "The power cord was frayed and I got an electric shock",
        "充电时冒烟了",
        "The plug caught fire",
        "插座漏电，太危险",
    ],
)
def test_hazard_words_are_negative_at_any_score(words):
    response = factories.answer(outcome="yes", ease=7, words=words)
    follow_up = response.follow_ups.get()
    assert follow_up.severity == Severity.SAFETY and set(points_of(response)) == {"unsafe"}


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    "words", ["Killer service, 10/10", "没有漏电，很安全", "It was not dangerous at all", "服务很好"]
)
def test_figures_of_speech_and_denials_are_no_hazard(words):
    factories.answer(outcome="yes", ease=7, words=words)
    assert not FollowUp.objects.exists()


def test_the_unsafe_reason_raises_only_its_own_departments_follow_up():
    safety = factories.DepartmentFactory(slug="safety")
    factories.fallback()
    default_survey.ensure({"unsafe": safety})
    response = factories.answer(outcome="no", reasons=["too_slow", "unsafe"])
    severities = {f.department.slug: f.severity for f in response.follow_ups.all()}
    assert severities == {"safety": Severity.SAFETY, "front-office": Severity.NORMAL}


def test_a_reason_that_stays_ticked_is_not_said_again():
    asked = factories.invitation()
    response = factories.answer(asked, outcome="no", reasons=["too_slow"])
    point = Point.objects.get()
    Point.objects.update(status=PointStatus.FIXED)
    factories.answer(asked, reasons=["too_slow", "charge"])
    point.refresh_from_db()
    assert point.status == PointStatus.FIXED
    assert points_of(response)["charge"].status == PointStatus.OPEN


def test_a_reason_unticked_and_ticked_again_is_said_again():
    asked = factories.invitation()
    factories.answer(asked, outcome="no", reasons=["too_slow", "charge"])
    Point.objects.update(status=PointStatus.FIXED)
    factories.answer(asked, reasons=["charge"])
    factories.answer(asked, reasons=["too_slow", "charge"])
    assert {p.key: p.status for p in Point.objects.all()} == {"too_slow": "open", "charge": "fixed"}
