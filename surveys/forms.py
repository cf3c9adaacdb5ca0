"""A survey's questions as a form. What comes out is what ``surveys.responses.record`` takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.pages import Problem
from feedback.texts import in_language
from surveys.models import SCALES, Answer, QuestionKind
from surveys.published import PublishedQuestion
from surveys.responses import LONGEST_WORDS, Given


class OneOf(forms.ChoiceField):
    """One choice of several; on a scale, ``low`` and ``high`` say what its ends mean."""

    def __init__(self, *, low: str = "", high: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.low, self.high = low, high


class AnswerForm(forms.Form):
    """Some questions of a published survey, in the active language.

    Args:
        questions: what is asked, in order.
        required: whether the first question must be answered; all others may always be left out.
        current: the current answers, to begin with.
    """

    use_required_attribute = False  # the page says in its own words and language what is missing

    def __init__(
        self,
        questions: Iterable[PublishedQuestion],
        *,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        current: Iterable[Answer] = (),
        required: bool = False,
    ) -> None:
        self.questions = list(questions)
        super().__init__(data=data, initial={**_initial(self.questions, current), **(initial or {})})
        self.had = {answer.question_id for answer in current}
        for position, question in enumerate(self.questions):
            self.fields[name_of(question)] = _field(question, required and position == 0)

    def asked(self) -> list[tuple[PublishedQuestion, forms.BoundField]]:
        """Return each question with its field, for the template."""
        return [(question, self[name_of(question)]) for question in self.questions]

    def given(self) -> list[Given]:
        """Return what was answered, and what was cleared that had been answered before. Only for a valid form."""
        found = [_given(question, self.cleaned_data[name_of(question)]) for question in self.questions]
        return [given for given in found if not given.is_empty or given.question_id in self.had]

    def problems(self) -> list[Problem]:
        """Return what is wrong, each line leading to the first control of its question."""
        lines = [Problem(str(error)) for error in self.non_field_errors()]
        for _question, field in self.asked():
            lines += [Problem(str(error), first_control(field)) for error in field.errors]
        return lines


def name_of(question: PublishedQuestion) -> str:
    """Return the field's name, as ``record`` names it in its errors too."""
    return f"q{question.id}"


def first_control(field: forms.BoundField) -> str:
    """Return the id of the field's first input: radios and checkboxes have one each."""
    return f"{field.auto_id}_0" if isinstance(field.field, forms.ChoiceField) else str(field.auto_id)


def preselected(question: PublishedQuestion, value: str) -> dict[str, str]:
    """Return the initial value that ``?a=value`` stands for; nothing if the question has no such answer."""
    known = {str(score) for score in question.scores} | question.keys()
    return {name_of(question): value} if value in known else {}


def _field(question: PublishedQuestion, required: bool) -> forms.Field:
    label = in_language(question.text)
    if question.kind == QuestionKind.WORDS:
        return forms.CharField(
            label=label,
            required=required,
            max_length=LONGEST_WORDS,
            widget=forms.Textarea(attrs={"rows": 4}),
            error_messages={
                "required": _("Please write an answer."),
                "max_length": _(
                    "Please say it in at most %(limit_value)d characters; these are %(show_value)d."
                ),
            },
        )
    wrong = _("Please choose from the answers shown.")
    messages = {"required": _("Please choose an answer."), "invalid_choice": wrong, "invalid_list": wrong}
    choices = [(str(score), str(score)) for score in question.scores] or [
        (choice.key, in_language(choice.text)) for choice in question.choices
    ]
    if question.kind == QuestionKind.REASONS:
        return forms.MultipleChoiceField(
            label=label,
            required=required,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            error_messages=messages,
        )
    return OneOf(
        label=label,
        required=required,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages=messages,
        low=in_language(question.low_label),
        high=in_language(question.high_label),
    )


def _given(question: PublishedQuestion, value: Any) -> Given:
    if question.kind == QuestionKind.WORDS:
        return Given(question.id, words=value)
    if question.kind in SCALES:
        return Given(question.id, score=int(value) if value else None)
    chosen = value if isinstance(value, list) else [value] if value else []
    return Given(question.id, chosen=tuple(dict.fromkeys(chosen)))  # the same box may be sent twice


def _initial(questions: Iterable[PublishedQuestion], current: Iterable[Answer]) -> dict[str, Any]:
    answers = {answer.question_id: answer for answer in current}
    initial: dict[str, Any] = {}
    for question in questions:
        if answer := answers.get(question.id):
            one = str(answer.score) if answer.score is not None else "".join(answer.chosen[:1])
            many = {QuestionKind.WORDS: answer.words, QuestionKind.REASONS: answer.chosen}
            initial[name_of(question)] = many.get(QuestionKind(question.kind), one)
    return initial
