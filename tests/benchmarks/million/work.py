"""What gives a sweep something to do, five hundred at a time: rows as they stand when a doorbell was missed."""

from itertools import count
from typing import Any

from django.db import connection

from tests.benchmarks.million.conftest import Million
from tests.benchmarks.ready import COPIES, FIRST

TURN = 500
NEWEST = range(1_000_001, 1_000_001 + TURN)
"""Ids of the newest messages and follow-ups of the crowd."""

_numbers = count(FIRST, TURN)

SAID = """
    INSERT INTO surveys_response (id, invitation_id, version_id, customer_id, link_id, language, created_at, changed_at)
        SELECT g, g, {version}, g, g, 'en', now(), now() FROM {numbers};
    INSERT INTO surveys_answer (id, response_id, question_id, chosen, words, negative, hazard, answered_at)
        SELECT g, g, {question}, '{{no}}', '', 'outcome_negative', false, now() FROM {numbers}
"""


def execute(sql: str, given: Any = None) -> None:
    """Execute statements one by one, past every trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in sql.split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)
        cursor.execute("SET session_replication_role = DEFAULT")


def resolutions(million: Million) -> list[int]:
    """New resolved cases, each of a new customer; nobody has decided yet whether they are asked."""
    first = next(_numbers)
    execute("".join(f"{one};\n" for one in _statements(million, first)[:5]))
    return list(range(first, first + TURN))


def answers(million: Million) -> list[int]:
    """New responses that say "no", and no point to them."""
    first = next(_numbers)
    said = SAID.replace("{question}", str(million.follow_up.response.answers.get().question_id))
    said = said.replace("{version}", str(million.follow_up.response.version_id))
    said = said.replace("{numbers}", _series(first)).replace("{{no}}", "{no}")
    execute("".join(f"{one};\n" for one in _statements(million, first)[:7]) + said)
    return list(range(first, first + TURN))


def notices() -> list[int]:
    execute(f"UPDATE followups_followup SET notice_at = now() WHERE id IN {tuple(NEWEST)}")
    return list(NEWEST)


def orphans() -> list[int]:
    """Follow-ups whose assignee has gone."""
    execute(f"UPDATE followups_followup SET assignee_id = NULL, notice_at = NULL WHERE id IN {tuple(NEWEST)}")
    return list(NEWEST)


def silent() -> list[int]:
    """Follow-ups whose customers were told eight days ago, and say nothing."""
    execute(
        f"""
        UPDATE followups_followup SET status = 'told', told_at = now() - interval '8 days', next_due_at = NULL
            WHERE id IN {tuple(NEWEST)};
        UPDATE followups_point SET status = 'told' WHERE follow_up_id IN {tuple(NEWEST)}
        """
    )
    return list(NEWEST)


def as_they_were() -> None:
    """The newest follow-ups owe something again, and have their assignee; nothing is left to be sent or told."""
    execute(
        f"""
        UPDATE followups_followup AS f SET status = 'open', told_at = NULL, next_due_at = opened_at, notice_at = NULL,
            assignee_id = d.owner_id FROM feedback_department AS d
            WHERE d.id = f.department_id AND f.id IN {tuple(NEWEST)};
        UPDATE followups_point SET status = 'open' WHERE follow_up_id IN {tuple(NEWEST)};
        UPDATE followups_followup SET notice_at = NULL WHERE notice_at IS NOT NULL;
        UPDATE feedback_message SET state = 'accepted', lease_until = NULL
            WHERE state IN ('queued', 'claimed', 'calling')
        """
    )


def leases() -> list[int]:
    """Messages that a worker claimed before it died."""
    execute(
        "UPDATE feedback_message SET state = 'claimed', deferrals = 0, lease_until = now() - interval '1 minute' "
        f"WHERE id IN {tuple(NEWEST)}"
    )
    return list(NEWEST)


def leftovers(million: Million) -> list[int]:
    """Answered keys of POSTs and windows of guessing, all past their time."""
    execute(
        f"""
        INSERT INTO feedback_idempotencykey (user_id, key, fingerprint, created_at, answered_at, status, answer)
            SELECT {million.department.owner_id}, 'bench-' || g, sha256(g::text::bytea), now() - interval '3 days',
                now() - interval '3 days', 201, '{{}}' FROM generate_series(1, {TURN}) AS g;
        INSERT INTO feedback_misswindow (client, started_at, misses)
            SELECT sha256(g::text::bytea), now() - interval '1 day', 1 FROM generate_series(1, {TURN}) AS g
        """
    )
    return list(range(TURN))


def _series(first: int) -> str:
    return f"generate_series({first}, {first + TURN - 1}) AS g"


def _statements(million: Million, first: int) -> list[str]:
    copies = COPIES.format(
        first=first,
        numbers=_series(first),
        department=million.department.pk,
        version=million.follow_up.response.version_id,
        survey=0,
    )
    return [one for one in copies.split(";\n") if one.strip()]
