"""Published surveys as plain values. They never change, so each is read once per process."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from feedback.texts import Texts
from surveys.models import SCALES, QuestionKind, SurveyVersion


@dataclass(frozen=True)
class PublishedChoice:
    key: str
    text: Texts
    negative: bool
    hazard: bool
    department_id: int | None


@dataclass(frozen=True)
class PublishedQuestion:
    id: int
    position: int
    kind: str
    text: Texts
    low_label: Texts
    high_label: Texts
    lowest: int | None
    highest: int | None
    negative_up_to: int | None
    choices: tuple[PublishedChoice, ...]

    @property
    def scores(self) -> range:
        """The scores of a scale, lowest first; empty for other kinds."""
        if self.kind not in SCALES or self.lowest is None or self.highest is None:
            return range(0)
        return range(self.lowest, self.highest + 1)

    def keys(self, *, negative: bool = False, hazard: bool = False) -> frozenset[str]:
        """Return the choices' keys; only the negative or hazardous ones where asked for."""
        return frozenset(
            c.key for c in self.choices if (c.negative or not negative) and (c.hazard or not hazard)
        )


@dataclass(frozen=True)
class PublishedVersion:
    """A version's questions and texts. ``kept`` holds what was made from them once, to be used again."""

    id: int
    title: Texts
    thanks: Texts
    questions: tuple[PublishedQuestion, ...]
    kept: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def first(self) -> PublishedQuestion:
        return self.questions[0]

    @cached_property
    def departments(self) -> dict[str, int]:
        """The ids of the departments that choices name, by the choice's key."""
        return {
            choice.key: choice.department_id
            for question in self.questions
            for choice in question.choices
            if choice.department_id
        }

    def question(self, question_id: int) -> PublishedQuestion | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def of_kind(self, kind: QuestionKind) -> PublishedQuestion | None:
        return next((question for question in self.questions if question.kind == kind), None)


def version(version_id: int) -> PublishedVersion:
    """Return a published version.

    Raises:
        SurveyVersion.DoesNotExist: there is none with this id, or it is still a draft.
    """
    return _read(version_id)


@lru_cache(maxsize=512)
def _read(version_id: int) -> PublishedVersion:
    return of(SurveyVersion.objects.get(pk=version_id, published_at__isnull=False))


def of(row: SurveyVersion) -> PublishedVersion:
    """Return a version's questions and texts as values, read now; also those of a draft, to preview it."""
    questions = row.questions.prefetch_related("choices")
    return PublishedVersion(
        id=row.pk,
        title=row.title,
        thanks=row.thanks,
        questions=tuple(
            PublishedQuestion(
                id=question.pk,
                position=question.position,
                kind=question.kind,
                text=question.text,
                low_label=question.low_label,
                high_label=question.high_label,
                lowest=question.lowest,
                highest=question.highest,
                negative_up_to=question.negative_up_to,
                choices=tuple(
                    PublishedChoice(c.key, c.text, c.negative, c.hazard, c.department_id)
                    for c in question.choices.all()
                ),
            )
            for question in questions
        ),
    )
