"""Which answers are negative, and by which rule (R11). Pure: no database, no clock."""

from collections.abc import Collection
from dataclasses import dataclass

from surveys.hazards import names_a_hazard
from surveys.models import SCALES, NegativeRule, QuestionKind


@dataclass(frozen=True)
class Judgement:
    """Whether an answer is negative: ``rule`` is the name of the rule that says so, ``""`` if none does."""

    rule: str
    hazard: bool


NEUTRAL = Judgement("", False)


def judge(
    kind: str,
    *,
    score: int | None = None,
    chosen: Collection[str] = (),
    words: str = "",
    negative_up_to: int | None = None,
    negative_choices: Collection[str] = (),
    hazard_choices: Collection[str] = (),
) -> Judgement:
    """Judge one answer.

    Args:
        kind: the ``QuestionKind``.
        score: what was pressed on a scale.
        chosen: keys chosen, for an outcome or reasons.
        words: free words.
        negative_up_to: the question's threshold; a score at or below it is negative. ``None``: no score is.
        negative_choices: keys that are negative whatever the scores say.
        hazard_choices: keys that name a hazard.
    """
    if any(key in hazard_choices for key in chosen):
        return Judgement(NegativeRule.HAZARD_REASON, True)
    if words and names_a_hazard(words):
        return Judgement(NegativeRule.HAZARD_WORDS, True)
    if any(key in negative_choices for key in chosen):
        return Judgement(NegativeRule.OUTCOME if kind == QuestionKind.OUTCOME else NegativeRule.REASON, False)
    if kind in SCALES and score is not None and negative_up_to is not None and score <= negative_up_to:
        return Judgement(NegativeRule.SCORE, False)
    return NEUTRAL
