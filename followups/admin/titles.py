"""What points and answers are called at the desk: in the reader's language, from the survey's own words."""

from django.utils.translation import gettext

from feedback.texts import in_language
from followups.models import Point
from followups.wanted import UNSPECIFIED
from surveys.models import SCALES, Answer, QuestionKind
from surveys.published import PublishedQuestion, PublishedVersion


def of_point(point: Point, version: PublishedVersion) -> str:
    """Say what a point is about: as the department split it, else the reason the customer chose."""
    if point.title:
        return point.title
    if point.about_person:
        return gettext("How the person treated them")
    for question in version.questions:
        for choice in question.choices:
            if choice.key == point.key:
                return in_language(choice.text)
    return gettext("No reason given") if point.key == UNSPECIFIED else point.key


def of_answer(answer: Answer, question: PublishedQuestion | None) -> str:
    """Say one answer in plain words: "3 of 7", "partly", or the words themselves."""
    if question is None:
        return answer.words
    if question.kind in SCALES and answer.score is not None:
        return gettext("%(score)d of %(highest)d") % {"score": answer.score, "highest": question.highest}
    if question.kind == QuestionKind.WORDS:
        return answer.words
    chosen = [in_language(choice.text) for choice in question.choices if choice.key in answer.chosen]
    return ", ".join(chosen) or ", ".join(answer.chosen) or answer.words
