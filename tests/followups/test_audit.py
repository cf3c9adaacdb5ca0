"""`manage.py audit` can fail: each violation is planted behind the constraints' back, and audit names it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from feedback import audit, clock, outbox
from feedback.models import Department, Message, User
from followups import customer, replies
from followups.models import FollowUp
from surveys import invitations
from tests import factories

pytestmark = pytest.mark.django_db


def sql(statement: str, *params: object) -> None:
    """Run a statement with triggers, foreign keys and checks out of the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, params)
        cursor.execute("SET session_replication_role = DEFAULT")


def without(table: str, constraint: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no event of a trigger may be pending on the table
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


@pytest.fixture
def loop() -> FollowUp:
    """A whole small loop: one confirmed follow-up, one being worked on with a promise, one customer only asked."""
    asked = factories.ResolutionFactory()
    done = factories.answer(outcome="no", reasons=["not_fixed"]).follow_ups.get()
    parts = {done.points.get().pk: replies.Part("Found.", "Done.", "Changed.")}
    written = replies.reply(done.pk, done.assignee, parts)
    outbox.send_due()
    customer.say(done.response, {written.parts.get().pk: "fixed"})
    working = factories.answer(outcome="no", reasons=["charge"]).follow_ups.get()
    customer.ask_for_call(working.response)
    assert invitations.decide([asked.pk])[0].message is not None
    assert failing() == set()
    return FollowUp.objects.get(pk=done.pk)


def failing() -> set[str]:
    return {finding.invariant.id for finding in audit.run() if finding.violations}


def two_fallbacks(done: FollowUp) -> None:
    sql("UPDATE feedback_department SET is_fallback = false")


def a_resolution_too_many(done: FollowUp) -> None:
    sql(
        "UPDATE feedback_caseevent SET status = 'open' WHERE case_id = (SELECT min(case_id) FROM feedback_resolution)"
    )


def a_case_without_events(done: FollowUp) -> None:
    factories.CaseFactory()


def a_message_nobody_sends(done: FollowUp) -> None:
    Message.objects.filter(purpose="survey").update(state="queued", due_at=clock.now() - timedelta(hours=1))


def a_stored_link(done: FollowUp) -> None:
    Message.objects.filter(link__isnull=False).update(text="https://example.org/f/1-abc-0123456789abcdef")


def an_owner_who_left(done: FollowUp) -> None:
    User.objects.filter(owned_departments__isnull=False).update(is_active=False)


def a_settled_message_without_a_time(done: FollowUp) -> None:
    Message.objects.filter(state="accepted").update(settled_at=None)


def a_resolution_nobody_decided_on(done: FollowUp) -> None:
    factories.ResolutionFactory()


def a_skip_without_a_reason(done: FollowUp) -> None:
    without("surveys_invitation", "skipped_means_a_reason")
    sql("UPDATE surveys_invitation SET state = 'skipped', reason = ''")


def asked_without_a_message(done: FollowUp) -> None:
    sql("UPDATE surveys_invitation SET message_id = NULL")


def a_response_without_an_answer(done: FollowUp) -> None:
    sql("DELETE FROM followups_evidence")
    sql("DELETE FROM surveys_answer")


def two_current_answers(done: FollowUp) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX one_current_answer_per_question")
    sql(
        "INSERT INTO surveys_answer (response_id, question_id, chosen, words, negative, hazard, answered_at)"
        " SELECT response_id, question_id, chosen, words, '', hazard, answered_at FROM surveys_answer"
    )


def an_answer_to_another_survey(done: FollowUp) -> None:
    sql("UPDATE surveys_question SET version_id = version_id + 1000")


def a_negative_answer_unheard(done: FollowUp) -> None:
    sql("DELETE FROM followups_evidence")


def a_reason_unheard(done: FollowUp) -> None:
    sql("DELETE FROM followups_evidence WHERE reason <> ''")


def nobody_works_it(done: FollowUp) -> None:
    FollowUp.objects.exclude(pk=done.pk).update(assignee=None)


def the_person_who_served_works_it(done: FollowUp) -> None:
    sql(
        "INSERT INTO feedback_staffidentity (source, external_id, user_id, first_seen_at)"
        " SELECT 's', 'x', min(assignee_id), now() FROM followups_followup WHERE status = 'open'"
    )
    sql("UPDATE feedback_resolution SET served_by_id = (SELECT max(id) FROM feedback_staffidentity)")


def told_without_a_telling(done: FollowUp) -> None:
    sql("DELETE FROM followups_journalentry WHERE kind = 'told'")


def closed_without_a_reply(done: FollowUp) -> None:
    sql("DELETE FROM followups_verdict")
    sql("DELETE FROM followups_replypart")
    sql("DELETE FROM followups_reply")


def open_after_the_last_word(done: FollowUp) -> None:
    sql("UPDATE followups_point SET status = 'open'")


def confirmed_but_not_fixed(done: FollowUp) -> None:
    sql("UPDATE followups_point SET status = 'told'")


def in_work_with_nothing_open(done: FollowUp) -> None:
    sql("UPDATE followups_point SET status = 'fixed'")


def a_point_of_another_response(done: FollowUp) -> None:
    sql("UPDATE followups_point SET response_id = (SELECT max(response_id) FROM followups_followup)")


def a_point_without_evidence(done: FollowUp) -> None:
    sql("DELETE FROM followups_evidence")


def a_state_set_by_hand(done: FollowUp) -> None:
    sql("UPDATE followups_followup SET status = 'unconfirmed' WHERE id = %s", done.pk)


def a_clock_turned_back(done: FollowUp) -> None:
    FollowUp.objects.filter(status="open").update(next_due_at=clock.now() + timedelta(days=365))


def a_promise_left_behind(done: FollowUp) -> None:
    sql(
        "UPDATE followups_followup SET status = 'withdrawn', withdrawn_reason = 'merged',"
        " merged_into_id = %s WHERE status = 'open'",
        done.pk,
    )


def an_accepted_reply_unheard(done: FollowUp) -> None:
    sql("DELETE FROM followups_journalentry WHERE kind = 'told'")
    sql("UPDATE followups_followup SET status = 'working' WHERE id = %s", done.pk)


def a_promise_in_what_is_confirmed(done: FollowUp) -> None:
    sql("UPDATE followups_promise SET follow_up_id = %s", done.pk)


PLANTED: dict[str, Callable[[FollowUp], None]] = {
    "F01": two_fallbacks,
    "F02": a_resolution_too_many,
    "F03": a_case_without_events,
    "F04": a_message_nobody_sends,
    "F05": a_stored_link,
    "F06": an_owner_who_left,
    "F07": a_settled_message_without_a_time,
    "S01": a_resolution_nobody_decided_on,
    "S02": a_skip_without_a_reason,
    "S03": asked_without_a_message,
    "S04": a_response_without_an_answer,
    "S05": two_current_answers,
    "S06": an_answer_to_another_survey,
    "U01": a_negative_answer_unheard,
    "U02": a_reason_unheard,
    "U03": nobody_works_it,
    "U04": the_person_who_served_works_it,
    "U05": told_without_a_telling,
    "U06": closed_without_a_reply,
    "U07": open_after_the_last_word,
    "U08": confirmed_but_not_fixed,
    "U09": in_work_with_nothing_open,
    "U10": a_point_of_another_response,
    "U11": a_point_without_evidence,
    "U12": a_state_set_by_hand,
    "U13": a_clock_turned_back,
    "U14": a_promise_left_behind,
    "U15": an_accepted_reply_unheard,
    "U16": a_promise_in_what_is_confirmed,
}


@pytest.mark.parametrize("invariant", PLANTED)
def test_audit_names_the_violation(loop, invariant):
    PLANTED[invariant](loop)
    assert invariant in failing()
    printed = StringIO()
    with pytest.raises(CommandError):
        call_command("audit", stdout=printed)
    assert f"FAILS {invariant}" in printed.getvalue()


def test_every_invariant_has_its_violation_planted_here():
    assert {finding.invariant.id for finding in audit.run()} == set(PLANTED)


def test_a_sound_database_passes(loop):
    printed = StringIO()
    call_command("audit", stdout=printed)
    assert printed.getvalue().count("ok ") == len(PLANTED) and Department.objects.exists()
