"""A million of everything: one real complaint copied so many times, over the last two years."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from feedback.models import Department
from followups.models import FollowUp
from tests import factories

COPIES = Path(__file__).with_name("copies.sql").read_text()
ROWS = int(os.environ.get("ROWS", "1000000"))
LIVE = ROWS // 100
"""The newest of them are still being worked on: two hundred for each of the departments."""

DEPARTMENTS = 50

INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace
    WHERE s.nspname = 'public' AND NOT i.indisunique AND t.relname ~ '^(feedback|surveys|followups)_'
"""


@dataclass(frozen=True)
class Million:
    """What the tests need to know of it: the follow-up that was copied, and one of the departments."""

    follow_up: FollowUp
    department: Department


def statements(follow_up: FollowUp, departments: list[Department]) -> list[str]:
    def one_of(ids: list[int]) -> str:
        return f"(ARRAY{ids})[1 + g % {len(ids)}]"

    said = COPIES.format(
        rows=ROWS,
        department=one_of([one.pk for one in departments]),
        owner=one_of([one.owner_id for one in departments]),
        version=follow_up.response.version_id,
        question=follow_up.response.answers.get().question_id,
    )
    live = f"CASE WHEN g <= {LIVE}"
    for before, after in (
        ("interval '40 minutes'", "interval '1 minute'"),
        (
            "'open', 'normal', at, at, '' FROM n",
            f"{live} THEN 'open' ELSE 'confirmed' END, 'normal', at, {live} THEN at + interval '5 days' END, '' FROM n",
        ),
        ("'fixed', 'case', at FROM n", f"{live} THEN 'open' ELSE 'fixed' END, 'case', at FROM n"),
    ):
        assert said.count(before) == 1, before
        said = said.replace(before, after)
    return [one for one in said.split(";\n") if one.strip()]


@pytest.fixture(scope="module")
def database(million: Million) -> None:
    """The web server works on these million rows, and leaves them to the next module."""


@pytest.fixture(scope="package")
def million(real_server: None) -> Iterator[Million]:
    factories.fallback()
    departments = [factories.DepartmentFactory() for _ in range(DEPARTMENTS)]
    asked = factories.invitation(department=departments[0])
    follow_up = factories.answer(asked, outcome="no").follow_ups.get()
    with connection.cursor() as cursor:
        # Checks row by row and indexes kept up row by row would make this take four times as long.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        cursor.execute("DROP INDEX " + ", ".join(name for name, _ in indexes))
        for statement in statements(follow_up, departments):
            cursor.execute(statement.replace("ON COMMIT DROP", ""))
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("DROP TABLE n")
        # What was copied is the only one whose notice is still to come: in the middle of a measurement.
        cursor.execute("UPDATE followups_followup SET notice_at = NULL")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    yield Million(follow_up, departments[0])
    call_command("flush", verbosity=0, interactive=False)
