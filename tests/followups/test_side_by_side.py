"""Two at once, over connections of their own: nobody waits in a circle, and nothing counts twice (DESIGN 3, R10)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from feedback import clock, outbox
from feedback.models import Message
from followups import customer, handover, moves, notices, points, replies
from followups.models import FollowUp, Promise
from followups.states import Event, PointStatus, Status
from tests import factories
from tests.followups.stories import SAID, fresh, opened, point, reply, verdicts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


def side_by_side(*works: Callable[[], Any]) -> list[Any]:
    """Begin all at the same moment; return what each returned, or the error that it raised."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return work()
        except Exception as error:  # noqa: BLE001  # what was raised is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_two_owners_who_reply_at_once_write_one_reply():
    follow_up = opened()
    parts = {follow_up.points.get().pk: SAID}
    work = lambda: replies.reply(follow_up.pk, follow_up.assignee, parts, seen=0)  # noqa: E731
    results = side_by_side(work, work)
    assert sum(isinstance(one, moves.Stale) for one in results) == 1
    assert follow_up.replies.count() == Message.objects.filter(purpose="reply").count() == 1


@pytest.mark.rule("R10")
def test_a_double_tap_is_one_call():
    follow_up = opened()
    side_by_side(*[lambda: customer.ask_for_call(follow_up.response)] * 4)
    assert Promise.objects.count() == follow_up.journal.filter(kind=Event.CALL_ASKED).count() == 1


@pytest.mark.rule("R10")
def test_a_double_tap_on_the_survey_is_one_response_with_one_point():
    asked = factories.invitation()
    results = side_by_side(*[lambda: factories.answer(asked, outcome="no")] * 4)
    assert len({one.pk for one in results}) == 1
    assert results[0].points.count() == results[0].answers.count() == 1


def test_a_verdict_while_the_message_settles_is_told_once():
    for word in ("fixed", "not_fixed"):
        follow_up = opened()
        said = verdicts(reply(follow_up), word)
        results = side_by_side(outbox.send_due, lambda: customer.say(follow_up.response, said))  # noqa: B023
        assert not [one for one in results if isinstance(one, Exception)]
        assert follow_up.journal.filter(kind=Event.TOLD).count() == 1
        expected = Status.CONFIRMED if word == "fixed" else Status.WORKING
        assert fresh(follow_up).status == expected


def test_whoever_locks_several_locks_them_in_one_order():
    """Replies of two responses settle while the sweep goes through the same two, whose follow-ups came in another
    order."""
    first = factories.answer(factories.invitation(), outcome="yes")
    second = opened()
    factories.answer(first.invitation, outcome="no")
    early = first.follow_ups.get()
    assert first.pk < second.response_id and early.pk > second.pk
    ids = [reply(early).message_id, reply(second).message_id]
    Message.objects.filter(pk__in=ids).update(state="accepted", settled_at=clock.now())
    order: list[int] = []
    lock = moves.lock_response

    def noted(response_id):
        order.append(response_id)
        return lock(response_id)

    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(moves, "lock_response", noted)
        replies.follow_messages(ids)
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(moves, "lock_response", noted)
        FollowUp.objects.update(assignee=None)
        handover.hand_over(handover.UNFIT)
        points.open_points([second.response_id, first.pk])
    expected = [first.pk, second.response_id]
    assert order == expected * 3


def test_a_notice_that_is_going_out_is_not_hurried_once_more():
    asked = factories.invitation()
    follow_up = factories.answer(asked, outcome="no").follow_ups.get()
    FollowUp.objects.update(notice_at=clock.now())
    side_by_side(notices.send_due, lambda: factories.answer(asked, reasons=["not_fixed"]))
    notices.send_due()
    assert Message.objects.filter(purpose="notice").count() == 1
    assert point(follow_up, "not_fixed").status == PointStatus.OPEN
