"""No sweep and no page reads a growing table from end to end: each of their queries has its index (DESIGN 3)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback import links, outbox
from feedback.models import Resolution
from feedback.models.staff import Role
from followups import notices, silence
from followups import sweep as followups_sweep
from followups.models import FollowUp
from surveys import sweep as surveys_sweep
from tests import factories
from tests.clients import client_of

pytestmark = pytest.mark.django_db

ROWS = 20_000
GROWING = {
    "feedback_case",
    "feedback_caseevent",
    "feedback_contact",
    "feedback_customer",
    "feedback_link",
    "feedback_message",
    "feedback_resolution",
    "followups_evidence",
    "followups_followup",
    "followups_journalentry",
    "followups_point",
    "followups_promise",
    "followups_reply",
    "followups_replypart",
    "followups_verdict",
    "followups_words",
    "surveys_answer",
    "surveys_invitation",
    "surveys_response",
}

# One real loop, copied so many times. What is being worked on stays few, as in life.
COPIES = Path(__file__).with_name("crowd.sql").read_text()
CLOSE = "UPDATE followups_followup SET status = 'confirmed', next_due_at = NULL WHERE id > 1000100"


@pytest.fixture
def crowd() -> FollowUp:
    """One real complaint among twenty thousand others, nearly all of them over."""
    asked = factories.invitation(department=factories.DepartmentFactory())
    response = factories.answer(asked, outcome="no", reasons=["charge"])
    follow_up = response.follow_ups.get()
    copies = COPIES.format(
        rows=ROWS,
        department=follow_up.department_id,
        owner=follow_up.assignee_id,
        version=response.version_id,
        question=response.answers.first().question_id,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        for statement in [*copies.split(";\n"), CLOSE]:
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    return follow_up


def read_from_end_to_end(work: Callable[[], object]) -> list[str]:
    """Return the growing tables that ``work`` reads whole, each with the query that does so."""
    with CaptureQueriesContext(connection) as captured:
        work()
    found = []
    for query in captured.captured_queries:
        sql = query["sql"]
        if not sql.lstrip("( \n").upper().startswith(("SELECT", "UPDATE", "WITH", "DELETE")):
            continue
        with connection.cursor() as cursor:
            # At this size a hash join is cheap for any number of rows. What would be a look-up among millions is to
            # show itself as one here.
            cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        found += [
            f"{table}: {sql[:700]}\n{plan}" for table in sorted(GROWING) if f"Seq Scan on {table}" in plan
        ]
    return found


def test_no_sweep_does(crowd):
    Resolution.objects.filter(pk=crowd.response.invitation.resolution_id).update(reopened_at=None)
    sweeps = {
        "surveys.sweep": surveys_sweep.run,
        "followups.sweep": followups_sweep.run,
        "silence": silence.close_silent,
        "notices": notices.send_due,
        "send_due": outbox.send_due,
        "rescue": outbox.rescue,
    }
    assert {name: found for name, work in sweeps.items() if (found := read_from_end_to_end(work))} == {}


def test_no_page_does(crowd):
    owner, manager = Client(), Client()
    owner.force_login(crowd.assignee)
    manager.force_login(factories.UserFactory(roles=[Role.MANAGER]))
    api = client_of(factories.UserFactory(roles=[Role.MANAGER]))
    survey, page = crowd.response.invitation.link, crowd.response.link
    pages = {
        "/s/": lambda: Client().get(links.url(survey, "email")),
        "/f/": lambda: Client().get(links.url(page, "email")),
        "list": lambda: owner.get("/admin/followups/followup/"),
        "follow-up": lambda: owner.get(f"/admin/followups/followup/{crowd.pk}/change/"),
        "first page": lambda: owner.get("/admin/"),
        "follow-ups": lambda: api.get("/api/v1/follow-ups/"),
        "one follow-up": lambda: api.get(f"/api/v1/follow-ups/{crowd.pk}/"),
        "journal": lambda: api.get(f"/api/v1/follow-ups/{crowd.pk}/journal/"),
        "invitations": lambda: api.get("/api/v1/invitations/"),
        "cases": lambda: api.get("/api/v1/cases/"),
        "resolutions": lambda: api.get("/api/v1/resolutions/"),
    }
    assert {name: found for name, work in pages.items() if (found := read_from_end_to_end(work))} == {}


def test_a_query_without_an_index_would_be_noticed(crowd):
    assert read_from_end_to_end(lambda: list(FollowUp.objects.filter(opened_at__lt=crowd.opened_at)[:5]))
