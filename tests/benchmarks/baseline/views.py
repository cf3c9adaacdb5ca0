"""Views as small as a fair view can be: no middleware, no token to check, nothing but what is named."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import Context, Engine
from rest_framework.utils import json

from feedback import clock
from tests.benchmarks.baseline import intake
from tests.benchmarks.baseline.models import Answer, Invitation, Survey

PAGE = Engine().from_string(Path(__file__).with_name("page.html").read_text())
CHOICES = ("yes", "partly", "no")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def template(request: HttpRequest) -> HttpResponse:
    return _page("How did it go?", "Was it solved?", "Washing machine leaks", 1)


def joined(request: HttpRequest, link_id: int) -> HttpResponse:
    """One SELECT over four tables by the ORM, and a template."""
    row = Invitation.objects.select_related("case", "survey", "link").get(link_id=link_id)
    return _page(row.survey.title["en"], row.survey.question["en"], row.case.subject, link_id)


@cache
def _survey(survey_id: int) -> Survey:
    return Survey.objects.get(pk=survey_id)


def single(request: HttpRequest, link_id: int) -> HttpResponse:
    """One SELECT from one table by the ORM, the survey's text remembered, and a template."""
    row = Invitation.objects.get(link_id=link_id)
    survey = _survey(row.survey_id)
    return _page(survey.title["en"], survey.question["en"], row.subject, link_id)


def _page(title: str, question: str, subject: str, link_id: int) -> HttpResponse:
    context = {"title": title, "question": question, "subject": subject, "link_id": link_id}
    return HttpResponse(PAGE.render(Context({**context, "choices": CHOICES})))


def by_orm(request: HttpRequest, link_id: int) -> HttpResponse:
    chosen = _chosen(request)
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(link_id=link_id)
        Answer.objects.create(invitation=row, chosen=chosen, language="en", answered_at=clock.now())
        row.state, row.answered_at = "answered", clock.now()
        row.save(update_fields=["state", "answered_at"])
    return _thanks(request)


def by_cursor(request: HttpRequest, link_id: int) -> HttpResponse:
    chosen, now = _chosen(request), clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM baseline_invitation WHERE link_id = %s FOR UPDATE", [link_id])
        [pk] = cursor.fetchone()
        cursor.execute(
            "INSERT INTO baseline_answer (invitation_id, chosen, language, answered_at) VALUES (%s, %s, %s, %s)",
            [pk, chosen, "en", now],
        )
        cursor.execute(
            "UPDATE baseline_invitation SET state = 'answered', answered_at = %s WHERE id = %s", [now, pk]
        )
    return _thanks(request)


def by_cte(request: HttpRequest, link_id: int) -> HttpResponse:
    chosen, now = _chosen(request), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH asked AS (SELECT id FROM baseline_invitation WHERE link_id = %s FOR UPDATE),
            answer AS (
                INSERT INTO baseline_answer (invitation_id, chosen, language, answered_at)
                SELECT id, %s, 'en', %s::timestamptz FROM asked
            )
            UPDATE baseline_invitation AS i SET state = 'answered', answered_at = %s FROM asked WHERE i.id = asked.id
            """,
            [link_id, chosen, now, now],
        )
        assert cursor.rowcount == 1
    return _thanks(request)


def _chosen(request: HttpRequest) -> str:
    chosen = request.POST["outcome"]
    if chosen not in CHOICES:
        raise ValueError(chosen)
    return chosen


def _thanks(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(f"{request.path}?step=done")
    response.status_code = 303
    return response


def intake_one(request: HttpRequest) -> HttpResponse:
    said: dict[str, Any] = json.loads(request.body)
    return JsonResponse({"made": intake.by_serializers([said])}, status=201)


def intake_serializers(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"made": intake.by_serializers(json.loads(request.body)["cases"])})


def intake_unnest(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"made": intake.by_unnest(request.body)})
