"""The first answers, kept in one statement, are the rows that the plain way would make one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from feedback import clock, links
from feedback.models import Link
from feedback.models.links import Purpose
from feedback.reasons import SkipReason
from surveys import first_answers, published
from surveys.models import Answer, Invitation, QuestionKind, Response
from tests import factories

pytestmark = pytest.mark.django_db


def plain(asked: Invitation, answers: list[Answer], language: str, now) -> Response:
    """The same, row by row: what ``keep`` is measured against."""
    with transaction.atomic():
        asked = Invitation.objects.select_for_update().get(pk=asked.pk)
        if asked.state != Invitation.State.ASKED:
            asked.state, asked.reason = Invitation.State.ASKED, ""
            asked.save(update_fields=["state", "reason"])
        ends = now + timedelta(days=settings.PAGE_LINK_DAYS)
        link = Link.objects.create(
            purpose=Purpose.PAGE, customer_id=asked.customer_id, created_at=now, expires_at=ends
        )
        response = Response.objects.create(
            invitation=asked,
            version_id=asked.version_id or 0,
            customer_id=asked.customer_id,
            link=link,
            language=language,
            created_at=now,
            changed_at=now,
        )
        for answer in answers:
            answer.response = response
            answer.save()
    return response


def answers_to(asked: Invitation, now) -> list[Answer]:
    version = published.version(asked.version_id)
    ids = {QuestionKind(question.kind): question.id for question in version.questions}
    words = 'It "leaks", \\ 漏水 👍\nand {it} %s'
    return [
        Answer(
            question_id=ids[QuestionKind.OUTCOME], chosen=["no"], negative="outcome_negative", answered_at=now
        ),
        Answer(
            question_id=ids[QuestionKind.WORDS],
            words=words,
            negative="hazard_words",
            hazard=True,
            answered_at=now,
        ),
        Answer(question_id=ids[QuestionKind.REASONS], chosen=["charge", "unsafe"], answered_at=now),
        Answer(question_id=ids[QuestionKind.EASE], score=7, answered_at=now),
    ]


def rows_of(response: Response) -> list[dict[str, Any]]:
    """Everything that was stored for a response, without the ids that differ."""
    ours = {"id", "response_id", "invitation_id", "link_id", "customer_id", "resolution_id"}
    stored = [response, response.link, response.invitation, *response.answers.order_by("pk")]
    return [
        {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in ours}
        for row in stored
    ]


@pytest.mark.parametrize("offered", [False, True])
def test_the_rows_are_those_of_the_plain_way(offered):
    now = clock.now()
    made = []
    for way in (plain, lambda asked, *rest: first_answers.keep(asked.pk, *rest)):
        asked = factories.invitation()
        state = {"state": "skipped", "reason": SkipReason.OPEN_FOLLOW_UP} if offered else {"state": "asked"}
        Invitation.objects.filter(pk=asked.pk).update(created_at=now, send_at=None, **state)
        response = way(asked, answers_to(asked, now), "zh-hans", now)
        made.append(rows_of(Response.objects.get(pk=response.pk)))
    assert made[1] == made[0]
    assert made[1][2]["state"] == Invitation.State.ASKED


def test_what_is_returned_is_what_was_stored():
    asked, now = factories.invitation(), clock.now()
    answers = answers_to(asked, now)
    response = first_answers.keep(asked.pk, answers, "en", now)
    assert rows_of(response) == rows_of(Response.objects.get(invitation=asked))
    assert [one.pk for one in answers] == [one.pk for one in response.answers.order_by("pk")]
    assert links.find(Purpose.PAGE, links.token(response.link, strong=True)) == response.link


def test_where_there_is_a_response_nothing_is_kept():
    response = factories.answer(outcome="yes")
    before = rows_of(response), Link.objects.count()
    asked = response.invitation
    with transaction.atomic():
        assert first_answers.keep(asked.pk, answers_to(asked, clock.now()), "zh-hans", clock.now()) is None
    assert (rows_of(Response.objects.get(pk=response.pk)), Link.objects.count()) == before


def test_the_first_answer_takes_one_statement(django_assert_num_queries):
    asked, now = factories.invitation(), clock.now()
    answers = answers_to(asked, now)
    with django_assert_num_queries(1):
        first_answers.keep(asked.pk, answers, "en", now)
