"""When a point's clock starts, and which points are about safety (R14, R17)."""

from datetime import timedelta

import pytest

from feedback import clock
from followups.states import Severity
from followups.wanted import Said, wanted
from surveys.models import NegativeRule, QuestionKind
from tests import factories
from tests.followups.stories import opened, point

NOW = clock.now()
LATER = NOW + timedelta(days=9)


@pytest.mark.django_db
@pytest.mark.rule("R17")
def test_a_reason_added_days_later_starts_its_own_clock():
    asked = factories.invitation()
    follow_up = factories.answer(asked, outcome="no", reasons=["too_slow"], now=NOW).follow_ups.get()
    factories.answer(asked, reasons=["too_slow", "charge"], now=LATER)
    assert point(follow_up, "too_slow").opened_at == NOW
    assert point(follow_up, "charge").opened_at == LATER


@pytest.mark.rule("R17")
def test_the_first_reason_keeps_the_clock_of_the_answer_that_it_explains():
    first, second = wanted(
        [
            Said(1, QuestionKind.OUTCOME, NegativeRule.OUTCOME, ("no",), NOW),
            Said(2, QuestionKind.REASONS, NegativeRule.REASON, ("too_slow", "charge"), LATER),
        ]
    )
    assert (first.opened_at, second.opened_at) == (NOW, LATER)


@pytest.mark.rule("R14")
def test_any_reason_that_a_survey_calls_a_hazard_is_one():
    said = Said(
        1,
        QuestionKind.REASONS,
        NegativeRule.HAZARD_REASON,
        ("slow", "gas_smell"),
        NOW,
        frozenset({"gas_smell"}),
    )
    assert {want.key: want.hazard for want in wanted([said])} == {"slow": False, "gas_smell": True}


@pytest.mark.rule("R14")
def test_an_outcome_that_is_a_hazard_is_one_for_the_points_it_speaks_for():
    outcome = Said(1, QuestionKind.OUTCOME, NegativeRule.HAZARD_REASON, ("burnt",), NOW, frozenset({"burnt"}))
    reasons = Said(2, QuestionKind.REASONS, NegativeRule.REASON, ("slow",), NOW)
    assert [want.hazard for want in wanted([outcome])] == [True]
    assert [want.hazard for want in wanted([outcome, reasons])] == [True]


@pytest.mark.django_db
@pytest.mark.rule("R14")
def test_the_unsafe_reason_is_about_safety():
    assert opened(outcome="no", reasons=["unsafe"]).severity == Severity.SAFETY
