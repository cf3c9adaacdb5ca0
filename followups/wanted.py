"""Which points a response's negative answers ask for. Pure: answers in, points wanted out (DESIGN 2, "Point")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from surveys.models import NegativeRule, QuestionKind
from surveys.published import PublishedVersion

PERSON = "person"
UNSAFE = "unsafe"
UNSPECIFIED = "unspecified"
"""The key of the point that a score or "not solved" has of its own while no reason was given."""


@dataclass(frozen=True)
class Said:
    """One negative answer: ``reasons`` are the negative choices in it, ``hazards`` those that name a danger."""

    answer_id: int
    kind: str
    rule: str
    reasons: tuple[str, ...]
    at: datetime
    hazards: frozenset[str] = frozenset()


@dataclass
class Wanted:
    """One point that must exist, and the (answer id, reason) pairs that are its evidence."""

    key: str
    opened_at: datetime
    about_person: bool = False
    hazard: bool = False
    evidence: list[tuple[int, str]] = field(default_factory=list)


def said(
    version: PublishedVersion,
    answer_id: int,
    question_id: int,
    rule: str,
    chosen: Sequence[str],
    at: datetime,
) -> Said:
    """Return what one negative answer to a question of ``version`` says."""
    question = version.question(question_id)
    assert question is not None
    hazards = question.keys(hazard=True)
    reasons = tuple(key for key in chosen if key in question.keys(negative=True) | hazards)
    return Said(answer_id, question.kind, rule, reasons, at, hazards.intersection(reasons))


def wanted(said: Sequence[Said]) -> list[Wanted]:
    """Return the points that negative answers ask for, in the order in which they were first said.

    A reason is a point. A score or "not solved" is evidence for the reasons' points, and has one of its own only
    where no reason was given. A low person score always has its own. Words that name a hazard speak for ``unsafe``.
    """
    points: dict[str, Wanted] = {}
    general: list[Said] = []

    def point(key: str, answer: Said, reason: str = "", *, hazard: bool = False) -> Wanted:
        found = points.setdefault(key, Wanted(key, answer.at))
        found.hazard = found.hazard or hazard
        if (answer.answer_id, reason) not in found.evidence:
            found.evidence.append((answer.answer_id, reason))
        return found

    for answer in sorted(said, key=lambda answer: (answer.at, answer.answer_id)):
        if answer.rule == NegativeRule.HAZARD_WORDS:
            point(UNSAFE, answer, hazard=True)
        elif answer.kind == QuestionKind.REASONS:
            for reason in answer.reasons:
                # A hazard chosen beside other reasons is the hazard of its own point only.
                point(reason, answer, reason, hazard=reason in answer.hazards)
        elif answer.kind == QuestionKind.PERSON:
            point(PERSON, answer).about_person = True
        else:
            general.append(answer)
    reasons = [found for found in points.values() if not found.about_person]
    for answer in general:
        if not reasons:
            point(UNSPECIFIED, answer, hazard=bool(answer.hazards))
        for found in reasons:
            found.hazard = found.hazard or bool(answer.hazards)
            found.evidence.append((answer.answer_id, ""))
        # The first reason explains the answer before it, and has its clock; what is added later has its own (R17).
        for found in reasons[:1]:
            found.opened_at = min(found.opened_at, answer.at)
    return list(points.values())
