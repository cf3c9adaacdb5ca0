"""The invariants of acting and reporting back."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Subquery

from feedback import audit
from feedback.models.messages import State
from followups import due, replies
from followups.models import Evidence, FollowUp, JournalEntry, Point, Promise, Reply
from followups.states import LIVE, OWED, Event, PointStatus, PromiseState, Status, WithdrawnReason
from surveys.models import Answer, Choice, QuestionKind


def _negative_answers_have_points() -> Iterator[object]:
    yield from Answer.objects.exclude(negative="").filter(evidence=None).values_list("pk", flat=True)


def _negative_reasons_have_points() -> Iterator[object]:
    """Answers in which a reason was chosen that no evidence names."""
    rows = Answer.objects.exclude(negative="").filter(question__kind=QuestionKind.REASONS)
    negative: dict[int, set[str]] = {}
    known: dict[int, set[str]] = {}
    for answer_id, reason in (
        Evidence.objects.exclude(reason="").values_list("answer_id", "reason").iterator()
    ):
        known.setdefault(answer_id, set()).add(reason)
    for pk, question_id, chosen in rows.values_list("pk", "question_id", "chosen").iterator():
        if question_id not in negative:
            negative[question_id] = set(
                Choice.objects.filter(question=question_id)
                .filter(Q(negative=True) | Q(hazard=True))
                .values_list("key", flat=True)
            )
        if (set(chosen) & negative[question_id]) - known.get(pk, set()):
            yield pk


def _live_has_an_active_assignee() -> Iterator[object]:
    live = FollowUp.objects.filter(status__in=LIVE)
    yield from live.filter(Q(assignee=None) | Q(assignee__is_active=False)).values_list("pk", flat=True)


def _assignee_did_not_serve() -> Iterator[object]:
    yield from FollowUp.objects.filter(
        status__in=LIVE, response__invitation__resolution__served_by__user=F("assignee")
    ).values_list("pk", flat=True)


def _told_has_its_telling() -> Iterator[object]:
    telling = JournalEntry.objects.filter(follow_up=OuterRef("pk"), kind=Event.TOLD)
    after = FollowUp.objects.filter(status__in=[Status.TOLD, Status.CONFIRMED, Status.UNCONFIRMED])
    yield from after.filter(~Exists(telling)).values_list("pk", flat=True)


def _closed_has_a_reply() -> Iterator[object]:
    reply = Reply.objects.filter(follow_up=OuterRef("pk"))
    closed = FollowUp.objects.filter(status__in=[Status.CONFIRMED, Status.UNCONFIRMED, Status.UNREACHABLE])
    yield from closed.filter(~Exists(reply)).values_list("pk", flat=True)


def _nothing_open_after_the_last_word() -> Iterator[object]:
    after = FollowUp.objects.filter(status__in=[Status.TOLD, Status.CONFIRMED, Status.UNCONFIRMED])
    yield from after.filter(points__status=PointStatus.OPEN).distinct().values_list("pk", flat=True)


def _confirmed_is_all_fixed() -> Iterator[object]:
    yield from (
        FollowUp.objects.filter(status=Status.CONFIRMED)
        .filter(points__status__in=[PointStatus.OPEN, PointStatus.TOLD])
        .distinct()
        .values_list("pk", flat=True)
    )


def _owed_has_something_open() -> Iterator[object]:
    """A follow-up in work with nothing open, other than one about safety whose points the customer withdrew."""
    opened = Point.objects.filter(follow_up=OuterRef("pk"), status=PointStatus.OPEN)
    owed = FollowUp.objects.filter(status__in=OWED).filter(~Exists(opened))
    yield from owed.values_list("pk", flat=True)


def _points_stay_with_their_response() -> Iterator[object]:
    yield from Point.objects.exclude(response=F("follow_up__response")).values_list("pk", flat=True)


def _points_have_evidence() -> Iterator[object]:
    yield from Point.objects.filter(evidence=None).values_list("pk", flat=True)


def _state_is_the_journals() -> Iterator[object]:
    moved = JournalEntry.objects.filter(follow_up=OuterRef("pk"), kind=Event.MOVED).order_by("-pk")
    rows = FollowUp.objects.annotate(last=Subquery(moved.values("to_status")[:1]))
    yield from (
        rows.exclude(status=F("last")).exclude(status=Status.OPEN, last=None).values_list("pk", flat=True)
    )


def _next_due_is_the_clocks() -> Iterator[object]:
    rows = FollowUp.objects.filter(Q(status__in=OWED) | Q(next_due_at__isnull=False))
    for follow_up in rows.iterator():
        if due.of(follow_up).next != follow_up.next_due_at:
            yield follow_up.pk


def _no_promise_is_lost() -> Iterator[object]:
    """Open promises of a withdrawn follow-up that was merged: they should have moved along."""
    yield from Promise.objects.filter(
        state=PromiseState.OPEN, follow_up__withdrawn_reason=WithdrawnReason.MERGED
    ).values_list("pk", flat=True)


def _confirmed_owes_nothing() -> Iterator[object]:
    """Open promises of a confirmed follow-up, which no list of what is owed shows any more."""
    yield from Promise.objects.filter(
        state=PromiseState.OPEN, follow_up__status=Status.CONFIRMED
    ).values_list("pk", flat=True)


def _replies_are_underway_or_told() -> Iterator[object]:
    """Follow-ups in work whose newest reply's message was accepted although they were never told by it."""
    unheard = replies.underway().filter(message__state=State.ACCEPTED)
    yield from unheard.values_list("follow_up", flat=True)


def register() -> None:
    for number, (says, find) in enumerate(
        (
            ("every negative answer is evidence of a point", _negative_answers_have_points),
            ("every negative reason chosen is evidence of a point", _negative_reasons_have_points),
            ("every live follow-up has an active assignee", _live_has_an_active_assignee),
            ("nobody works a complaint about a case they served", _assignee_did_not_serve),
            ("nothing counts as told or closed without a telling", _told_has_its_telling),
            ("nothing is closed without a reply", _closed_has_a_reply),
            ("nothing open is counted as told", _nothing_open_after_the_last_word),
            ("confirmed means that every point is fixed", _confirmed_is_all_fixed),
            ("what is in work has something open", _owed_has_something_open),
            ("a point stays with the response it comes from", _points_stay_with_their_response),
            ("every point has evidence", _points_have_evidence),
            ("a follow-up's state is the journal's last", _state_is_the_journals),
            ("what is due next is what the clocks say", _next_due_is_the_clocks),
            ("no open promise stays behind in a merged follow-up", _no_promise_is_lost),
            ("an accepted reply is a telling", _replies_are_underway_or_told),
            ("nothing is promised any more in what is confirmed", _confirmed_owes_nothing),
        ),
        start=1,
    ):
        audit.register(f"U{number:02}", says, find)
