"""The invariants of asking."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from feedback import audit
from feedback.models import Resolution
from feedback.models.messages import State
from surveys.models import Answer, Invitation, Response


def _every_resolution_has_an_invitation() -> Iterator[object]:
    yield from Resolution.objects.filter(invitation=None).values_list("pk", flat=True)


def _skipped_has_a_reason() -> Iterator[object]:
    yield from Invitation.objects.filter(
        Q(state=Invitation.State.SKIPPED, reason="") | Q(Q(state=Invitation.State.ASKED) & ~Q(reason=""))
    ).values_list("pk", flat=True)


def _asked_has_a_message_or_an_answer() -> Iterator[object]:
    asked = Invitation.objects.filter(state=Invitation.State.ASKED, response=None)
    yield from asked.filter(Q(message=None) | Q(message__state=State.CANCELLED)).values_list("pk", flat=True)


def _response_has_an_answer() -> Iterator[object]:
    yield from Response.objects.filter(answers=None).values_list("pk", flat=True)


def _one_current_answer() -> Iterator[object]:
    doubled = Answer.objects.filter(superseded_at=None).values("response", "question").annotate(n=Count("pk"))
    yield from doubled.filter(n__gt=1).values_list("response", flat=True)


def _answers_are_of_the_version_asked() -> Iterator[object]:
    yield from Answer.objects.exclude(question__version=F("response__version")).values_list("pk", flat=True)


def register() -> None:
    audit.register("S01", "every resolution has an invitation", _every_resolution_has_an_invitation)
    audit.register("S02", "every invitation that is not asked says why", _skipped_has_a_reason)
    audit.register(
        "S03", "every asked customer was written to or has answered", _asked_has_a_message_or_an_answer
    )
    audit.register("S04", "every response has an answer", _response_has_an_answer)
    audit.register("S05", "one current answer a question", _one_current_answer)
    audit.register(
        "S06", "every answer belongs to the survey that was asked", _answers_are_of_the_version_asked
    )
