"""What a customer answers is recorded here, whichever way it came (R5, R8, R10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from feedback import clock, links
from feedback.signals import ring
from surveys import first_answers, published
from surveys.judgement import Judgement, judge
from surveys.models import SCALES, Answer, Invitation, QuestionKind, Response
from surveys.signals import response_recorded

LONGEST_WORDS = 5000


@dataclass(frozen=True)
class Given:
    """One answer as it was given: a score, chosen keys, or words, as the question's kind asks for."""

    question_id: int
    score: int | None = None
    chosen: tuple[str, ...] = ()
    words: str = ""

    @property
    def is_empty(self) -> bool:
        return self.score is None and not self.chosen and not self.words.strip()


@dataclass(frozen=True)
class Recorded:
    """A response as it stands after answers were recorded, with its current answers."""

    response: Response
    current: tuple[Answer, ...]


def record(
    invitation: Invitation, answers: Sequence[Given], language: str, now: datetime | None = None
) -> Recorded:
    """Record answers to an invitation and ring the joint.

    The same answer twice is one; a different one replaces the current answer and the earlier is kept. The invitation's
    row is locked, so that a double tap is one response.

    Args:
        invitation: one with a survey and a link, asked or offered on the customer's page.
        answers: at least one that is not empty.
        language: the language of the page it was answered in.
        now: aware datetime; default: the clock.

    Raises:
        ValidationError: an answer does not fit its question; keys are ``q<question id>``.
    """
    now = now or clock.now()
    if invitation.version_id is None:
        raise ValueError(f"invitation {invitation.pk} has no survey to answer")
    version = published.version(invitation.version_id)
    _check(version, answers)
    first = [_judged(version, given, now) for given in answers if not given.is_empty]
    with transaction.atomic():
        response = first_answers.keep(invitation.pk, first, language, now) if first else None
        if response is not None:
            _ring(response, first)
            return Recorded(response, tuple(first))
        return _change(invitation, version, answers, now)


def _change(
    invitation: Invitation, version: published.PublishedVersion, answers: Sequence[Given], now: datetime
) -> Recorded:
    """Record answers to an invitation that has been answered before."""
    Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    response = Response.objects.filter(invitation=invitation.pk).first()
    if response is None:
        raise ValidationError(_("Please choose an answer."))
    current = {answer.question_id: answer for answer in response.answers.filter(superseded_at=None)}
    changed = [given for given in answers if _differs(given, current.get(given.question_id))]
    if changed:
        response.changed_at = now
        response.save(update_fields=["changed_at"])
        links.extend([response.link_id], now)
        replaced = [current[given.question_id].pk for given in changed if given.question_id in current]
        Answer.objects.filter(pk__in=replaced).update(superseded_at=now)
        rows = [_judged(version, given, now) for given in changed]
        for row in rows:
            row.response = response
        current |= {row.question_id: row for row in Answer.objects.bulk_create(rows)}
        _ring(response, rows)
    return Recorded(response, tuple(current.values()))


def _ring(response: Response, answers: Sequence[Answer]) -> None:
    unhappy = any(answer.negative for answer in answers)
    ring(response_recorded, response_ids=[response.pk], negative_ids=[response.pk] if unhappy else [])


def _judged(version: published.PublishedVersion, given: Given, now: datetime) -> Answer:
    """Return the answer's row, unsaved and not yet of any response."""
    judgement = _judge(version, given)
    return Answer(
        question_id=given.question_id,
        score=given.score,
        chosen=list(dict.fromkeys(given.chosen)),
        words=given.words.strip(),
        negative=judgement.rule,
        hazard=judgement.hazard,
        answered_at=now,
    )


def _judge(version: published.PublishedVersion, given: Given) -> Judgement:
    question = version.question(given.question_id)
    assert question is not None
    return judge(
        question.kind,
        score=given.score,
        chosen=given.chosen,
        words=given.words,
        negative_up_to=question.negative_up_to,
        negative_choices=question.keys(negative=True),
        hazard_choices=question.keys(hazard=True),
    )


def _differs(given: Given, current: Answer | None) -> bool:
    if current is None:
        return not given.is_empty
    return (given.score, sorted(set(given.chosen)), given.words.strip()) != (
        current.score,
        sorted(current.chosen),
        current.words,
    )


def _check(version: published.PublishedVersion, answers: Sequence[Given]) -> None:
    """Refuse answers that do not fit their question, naming each."""
    errors: dict[str, str] = {}
    for given in answers:
        question = version.question(given.question_id)
        name = f"q{given.question_id}"
        if question is None:
            errors[name] = _("This question does not belong to the survey.")
        elif given.is_empty:
            continue
        elif question.kind in SCALES:
            if given.score not in question.scores or given.chosen or given.words:
                errors[name] = _("Please choose one of the numbers shown.")
        elif question.kind == QuestionKind.WORDS:
            if given.score is not None or given.chosen:
                errors[name] = _("Please answer in words.")
            elif len(given.words) > LONGEST_WORDS:
                errors[name] = _("Please keep it under %(limit)d characters.") % {"limit": LONGEST_WORDS}
            elif "\x00" in given.words:
                errors[name] = _("The text holds a character that cannot be stored. Please type it again.")
        else:
            one_only = question.kind == QuestionKind.OUTCOME
            unknown = set(given.chosen) - question.keys()
            if unknown or given.score is not None or given.words or (one_only and len(given.chosen) != 1):
                errors[name] = _("Please choose from the answers shown.")
    if errors:
        raise ValidationError(errors)
