"""Which rows of surveys a user may see (R13, R39)."""

from typing import Any

from django.db.models import QuerySet

from feedback import access
from feedback.models import User
from surveys.models import Answer, Exclusion, Invitation, Response, Survey, SurveyVersion


def _invitations(user: User) -> QuerySet[Any]:
    rows = Invitation.objects.all()
    if not access.is_manager(user):
        rows = rows.filter(resolution__department__in=access.departments_of(user).values("pk"))
    names = access.names_of(user)
    return rows.exclude(resolution__served_by__in=names) if names else rows


def _responses(user: User) -> QuerySet[Any]:
    return Response.objects.filter(invitation__in=_invitations(user).values("pk"))


def _answers(user: User) -> QuerySet[Any]:
    return Answer.objects.filter(response__in=_responses(user).values("pk"))


def register() -> None:
    access.register(Invitation, _invitations)
    access.register(Response, _responses)
    access.register(Answer, _answers)
    for model in (Survey, SurveyVersion, Exclusion):
        access.register(model, access.managers_only(model))
