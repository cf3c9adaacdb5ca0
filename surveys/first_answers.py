"""The first answers to an invitation, kept in one statement: the page's link, the response, the answers.

This is what nearly every press of a customer comes to, so it costs one round trip. Everything later (a second page, a
changed mind) goes the plain way in ``surveys.responses``. ``tests/surveys/test_first_answers.py`` has the plain version
of this, row by row, and holds both to the same result.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from feedback import links
from feedback.models.links import Purpose
from surveys.models import Answer, Response

# The invitation is locked by it, and the unique key of responses decides between two who come at once: the later one
# waits for it, inserts nothing, and goes the plain way. Foreign keys are checked at the end, so the link may come last.
# Its state is read with the lock: elsewhere the statement sees it as it was before we waited for whoever skipped it.
_KEEP = """
    WITH asked AS MATERIALIZED (
        SELECT id, version_id, customer_id, state, nextval(pg_get_serial_sequence('feedback_link', 'id')) AS link_id
        FROM surveys_invitation WHERE id = %(invitation)s FOR NO KEY UPDATE
    ), said AS (
        INSERT INTO surveys_response (invitation_id, version_id, customer_id, link_id, language, created_at, changed_at)
        SELECT id, version_id, customer_id, link_id, %(language)s, %(now)s, %(now)s FROM asked
        ON CONFLICT (invitation_id) DO NOTHING RETURNING id, version_id, customer_id, link_id
    ), link AS (
        INSERT INTO feedback_link (id, purpose, customer_id, created_at, expires_at)
        SELECT link_id, 'page', customer_id, %(now)s, %(expires_at)s FROM said
    ), turned AS (
        UPDATE surveys_invitation i SET state = 'asked', reason = '' FROM asked, said
        WHERE i.id = asked.id AND asked.state <> 'asked'
    ), answered AS (
        INSERT INTO surveys_answer
            (response_id, question_id, score, chosen, words, negative, hazard, answered_at)
        SELECT said.id, a.question_id, a.score, a.chosen, a.words, a.negative, a.hazard, %(now)s
        FROM said, json_to_recordset(%(answers)s::json) AS a(n integer, question_id bigint, score smallint,
            chosen varchar(32)[], words text, negative varchar(20), hazard boolean)
        ORDER BY a.n RETURNING id
    )
    SELECT said.id, version_id, customer_id, link_id, ARRAY(SELECT id FROM answered ORDER BY id) FROM said
"""


def keep(invitation_id: int, answers: Sequence[Answer], language: str, now: datetime) -> Response | None:
    """Keep judged answers as the first of an invitation, which is asked from then on if it was only offered (R3).

    Args:
        answers: unsaved; their ids and their response are set.
        language: of the page they were given on.
        now: aware datetime.

    Returns:
        The response, or None if there is one already. Then nothing was kept, and the invitation is locked.
    """
    life = links.lifetime(Purpose.PAGE)
    told = [
        {
            "n": n,
            "question_id": one.question_id,
            "score": one.score,
            "chosen": one.chosen,
            "words": one.words,
            "negative": one.negative,
            "hazard": one.hazard,
        }
        for n, one in enumerate(answers)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "invitation": invitation_id,
                "language": language,
                "now": now,
                "expires_at": now + life if life else None,
                "answers": json.dumps(told, ensure_ascii=False),
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    response_id, version_id, customer_id, link_id, answer_ids = row
    response = Response.from_db(
        connection.alias,
        (
            "id",
            "invitation_id",
            "version_id",
            "customer_id",
            "link_id",
            "language",
            "created_at",
            "changed_at",
        ),
        (response_id, invitation_id, version_id, customer_id, link_id, language, now, now),
    )
    for answer, pk in zip(answers, answer_ids, strict=True):
        answer.pk, answer.response = pk, response
        answer._state.adding, answer._state.db = False, connection.alias
    return response
