"""A reason that is sent many times was chosen once: nobody can make a number larger than it is."""

import pytest

from surveys import published
from surveys.models import Answer, QuestionKind
from tests import factories
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db


def test_a_doubled_reason_is_one():
    asked = factories.invitation()
    ids = {question.kind: question.id for question in published.version(asked.version_id).questions}
    visitor = Visitor().open(asked.link).press(**{f"q{ids[QuestionKind.OUTCOME]}": "no"})
    visitor.press(**{f"q{ids[QuestionKind.REASONS]}": ["charge", "too_slow", "charge", "charge"]})
    answer = Answer.objects.get(question_id=ids[QuestionKind.REASONS], superseded_at=None)
    assert answer.chosen == ["charge", "too_slow"]
