"""The survey's pages: the first question, everything else, and what happens next (R5, R7, R8, R10)."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from feedback import links
from feedback.models import Link
from feedback.models.links import Purpose
from feedback.models.people import Channel
from feedback.pages import Problem, Visit, opened_by
from feedback.texts import in_language
from surveys import published, responses
from surveys.forms import AnswerForm, preselected
from surveys.models import Answer, Invitation, QuestionKind
from surveys.published import PublishedQuestion

ASK = "surveys/page/ask.html"
STEP = "step"
FIRST, REST, REASONS, DONE = "first", "rest", "reasons", "done"


@dataclass(frozen=True)
class Conversation:
    """One invitation, what was answered so far, and what is left to ask. ``about`` is what the service was about."""

    invitation: Invitation
    about: str
    survey: published.PublishedVersion
    response_id: int | None
    given: tuple[Answer, ...] | None = None

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        if self.given is not None or self.response_id is None:
            return self.given or ()
        return tuple(Answer.objects.filter(response=self.response_id, superseded_at=None))

    def _answered(self, question: PublishedQuestion | None) -> Answer | None:
        return next((a for a in self.answers if question and a.question_id == question.id), None)

    @property
    def first_is_negative(self) -> bool:
        answer = self._answered(self.survey.first)
        return bool(answer and answer.negative)

    @property
    def reasons(self) -> PublishedQuestion | None:
        return self.survey.of_kind(QuestionKind.REASONS)

    def rest(self) -> list[PublishedQuestion]:
        """Return what page two asks: all that is left, the reasons only if the first answer was negative.

        Reasons once given stay on the page, so that they can be changed. The person comes last, apart.
        """
        with_reasons = self.first_is_negative or bool(self._answered(self.reasons))
        left = [
            question
            for question in self.survey.questions[1:]
            if question.kind != QuestionKind.REASONS or with_reasons
        ]
        return sorted(left, key=lambda question: question.kind == QuestionKind.PERSON)

    def owes_reasons(self) -> bool:
        """Say whether an answer about the service turned out negative and the reasons were not yet asked."""
        if self.reasons is None or self.reasons == self.survey.first or self.first_is_negative:
            return False
        given = self._answered(self.reasons)
        ease = {question.id for question in self.survey.questions if question.kind == QuestionKind.EASE}
        return not (given and given.chosen) and any(
            a.negative and a.question_id in ease for a in self.answers
        )

    def was_negative(self) -> bool:
        """Say whether anything was ever answered that somebody now works on."""
        return Answer.objects.filter(response=self.response_id).exclude(negative="").exists()


@opened_by(Purpose.SURVEY)
def survey(visit: Visit) -> HttpResponse:
    """Show one step of the survey, or record what was pressed on it and lead on to the next. GET records nothing."""
    conversation = _conversation(visit)
    if visit.request.method == "POST":
        return _record(visit, conversation)
    step = visit.request.GET.get(STEP, "")
    tapped = visit.request.GET.get("a", "")
    if conversation.response_id is None:
        return _ask_first(visit, conversation, tapped)
    if step == FIRST or preselected(conversation.survey.first, tapped):
        return _ask(visit, conversation, FIRST, _form(conversation, FIRST, tapped=tapped))
    if step == REST and conversation.rest():
        return _ask(visit, conversation, REST, _form(conversation, REST))
    if step == REASONS and conversation.reasons:
        return _ask(visit, conversation, REASONS, _form(conversation, REASONS))
    return _thank(visit, conversation, just_now=step == DONE)


# By hand: it is the first page of every survey that is opened.
_COLUMNS = ("id", "version_id")
_READ = f"""
    SELECT {", ".join(f"i.{name}" for name in _COLUMNS)}, r.subject, p.id
    FROM surveys_invitation i JOIN feedback_resolution r ON r.id = i.resolution_id
    LEFT JOIN surveys_response p ON p.invitation_id = i.id
    WHERE i.link_id = %s AND i.version_id IS NOT NULL
"""  # noqa: S608  # made of our own names


def _conversation(visit: Visit) -> Conversation:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [visit.link.pk])
        row = cursor.fetchone()
    if row is None:
        raise links.UnknownLink
    pk, version_id, about, response_id = row
    invitation = Invitation.from_db(connection.alias, _COLUMNS, (pk, version_id))
    return Conversation(invitation, about, published.version(version_id), response_id)


def _form(
    conversation: Conversation, step: str, *, tapped: str = "", visit: Visit | None = None
) -> AnswerForm:
    """Return a step's form: bound to what was posted by ``visit``, else showing the current answers."""
    first = conversation.survey.first
    questions = {
        FIRST: [first],
        REST: conversation.rest(),
        REASONS: [conversation.reasons] if conversation.reasons else [],
    }[step]
    return AnswerForm(
        questions,
        data=visit.request.POST if visit else None,
        initial=preselected(first, tapped),
        current=conversation.answers,
        required=step == FIRST,
    )


def _record(visit: Visit, conversation: Conversation) -> HttpResponse:
    step = visit.request.POST.get(STEP, FIRST)
    if conversation.response_id is None or step not in (REST, REASONS):
        step = FIRST
    form = _form(conversation, step, visit=visit)
    if not visit.pressed():
        again = Problem(
            _("This page was open for a long time. Nothing is lost: please press once more."), "send"
        )
        return _ask(visit, conversation, step, form, [again], status=403)
    if not form.is_valid():
        return _ask(visit, conversation, step, form, form.problems(), status=400)
    if given := form.given():
        try:
            recorded = responses.record(conversation.invitation, given, visit.language)
        except ValidationError as error:
            form.add_error(None, error)
            return _ask(visit, conversation, step, form, form.problems(), status=400)
        conversation = replace(conversation, response_id=recorded.response.pk, given=recorded.current)
    return visit.see_other(**{STEP: _next_step(conversation, step)})


def _next_step(conversation: Conversation, step: str) -> str:
    if step == FIRST and conversation.rest():
        return REST
    if step == REST and conversation.owes_reasons():
        return REASONS
    return DONE


def _ask_first(visit: Visit, conversation: Conversation, tapped: str) -> HttpResponse:
    """The first question to somebody who has not answered yet: nearly the same page for everybody, so it is kept."""
    survey, about = conversation.survey, conversation.about
    chosen = preselected(survey.first, tapped)

    def context() -> dict[str, Any]:
        form = _form(conversation, FIRST, tapped=tapped)
        return _context(conversation, FIRST, form)

    key = (survey.id, bool(about), *chosen.values())
    return visit.fill(survey.kept, key, ASK, context, {"about": about} if about else {})


def _ask(
    visit: Visit,
    conversation: Conversation,
    step: str,
    form: AnswerForm,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    return visit.render(ASK, _context(conversation, step, form) | {"problems": problems or []}, status)


def _context(conversation: Conversation, step: str, form: AnswerForm) -> dict[str, Any]:
    return {
        "form": form,
        "step": step,
        "about": conversation.about,
        "title": in_language(conversation.survey.title),
        "answered": conversation.response_id is not None,
        "negative": conversation.first_is_negative,
    }


def _thank(visit: Visit, conversation: Conversation, *, just_now: bool) -> HttpResponse:
    page = ""
    if conversation.was_negative():
        # On the web a link may be as long as it likes: the strong form, wherever the survey's own link came from.
        page = links.url(Link.objects.get(response=conversation.response_id), Channel.EMAIL)
    return visit.render(
        "surveys/page/thanks.html",
        {
            "just_now": just_now,
            "thanks": in_language(conversation.survey.thanks),
            "about": conversation.about,
            "page": page,
            "change": visit.url(**{STEP: FIRST}),
        },
    )
