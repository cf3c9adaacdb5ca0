"""The survey's pages: the first question, everything else, and what happens next (R5, R7, R8, R10)."""

from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _

from feedback import links
from feedback.models.links import Purpose
from feedback.models.people import Channel
from feedback.pages import Problem, Visit, opened_by
from feedback.texts import in_language
from surveys import published, responses
from surveys.forms import AnswerForm, preselected
from surveys.models import Answer, Invitation, QuestionKind, Response
from surveys.published import PublishedQuestion

STEP = "step"
FIRST, REST, REASONS, DONE = "first", "rest", "reasons", "done"


@dataclass(frozen=True)
class Conversation:
    """One invitation, what was answered so far, and what is left to ask."""

    invitation: Invitation
    survey: published.PublishedVersion
    response: Response | None

    @cached_property
    def answers(self) -> list[Answer]:
        return list(self.response.answers.filter(superseded_at=None)) if self.response else []

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
        return self.response is not None and self.response.answers.exclude(negative="").exists()

    @property
    def about(self) -> str:
        return self.invitation.resolution.subject


@opened_by(Purpose.SURVEY)
def survey(visit: Visit) -> HttpResponse:
    """Show one step of the survey, or record what was pressed on it and lead on to the next. GET records nothing."""
    conversation = _conversation(visit)
    if visit.request.method == "POST":
        return _record(visit, conversation)
    step = visit.request.GET.get(STEP, "")
    tapped = visit.request.GET.get("a", "")
    if conversation.response is None or step == FIRST or preselected(conversation.survey.first, tapped):
        return _ask(visit, conversation, FIRST, _form(conversation, FIRST, tapped=tapped))
    if step == REST and conversation.rest():
        return _ask(visit, conversation, REST, _form(conversation, REST))
    if step == REASONS and conversation.reasons:
        return _ask(visit, conversation, REASONS, _form(conversation, REASONS))
    return _thank(visit, conversation, conversation.response, just_now=step == DONE)


def _conversation(visit: Visit) -> Conversation:
    invitation = (
        Invitation.objects.select_related("resolution", "response__link")
        .filter(link=visit.link, version__isnull=False)
        .first()
    )
    if invitation is None or invitation.version_id is None:
        raise links.UnknownLink
    return Conversation(
        invitation, published.version(invitation.version_id), getattr(invitation, "response", None)
    )


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
    if conversation.response is None or step not in (REST, REASONS):
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
            responses.record(conversation.invitation, given, visit.language)
        except ValidationError as error:
            form.add_error(None, error)
            return _ask(visit, conversation, step, form, form.problems(), status=400)
    return visit.see_other(**{STEP: _next_step(_conversation(visit), step)})


def _next_step(conversation: Conversation, step: str) -> str:
    if step == FIRST and conversation.rest():
        return REST
    if step == REST and conversation.owes_reasons():
        return REASONS
    return DONE


def _ask(
    visit: Visit,
    conversation: Conversation,
    step: str,
    form: AnswerForm,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    return visit.render(
        "surveys/page/ask.html",
        {
            "form": form,
            "step": step,
            "problems": problems or [],
            "about": conversation.about,
            "title": in_language(conversation.survey.title),
            "answered": conversation.response is not None,
            "negative": conversation.first_is_negative,
        },
        status,
    )


def _thank(visit: Visit, conversation: Conversation, response: Response, *, just_now: bool) -> HttpResponse:
    page = ""
    if conversation.was_negative():
        # On the web a link may be as long as it likes: the strong form, wherever the survey's own link came from.
        page = links.url(response.link, Channel.EMAIL)
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
