"""What the customer does on their page: the last word on each point, a message, a wish for a call (R15, R24)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from feedback import clock, quiet_hours
from feedback.models import Department
from followups import clocks, homes, journal, moves, replies, routing
from followups.models import FollowUp, Point, Promise, ReplyPart, Verdict, Words
from followups.plain import cleaned, plain
from followups.promises import promise_call
from followups.states import (
    CLOSED,
    LIVE,
    OWED,
    SEVERITY_RANK,
    Event,
    PointStatus,
    PromiseState,
    Severity,
    Status,
    WithdrawnReason,
)
from surveys.models import Response


def lead(response: Response) -> FollowUp | None:
    """Return the follow-up that coordinates: of those not withdrawn a live one, the most severe, then the oldest.

    A live one goes before a closed one, so that what the customer considers fixed is not taken up again because they
    write about something else.
    """
    rows = response.follow_ups.exclude(status=Status.WITHDRAWN).select_related(
        "response", "department", "assignee"
    )
    return min(
        rows,
        key=lambda row: (
            row.status not in LIVE,
            -SEVERITY_RANK[Severity(row.severity)],
            row.opened_at,
            row.pk,
        ),
        default=None,
    )


def say(response: Response, verdicts: Mapping[int, str], text: str = "", now: datetime | None = None) -> None:
    """Record the customer's verdicts, each on the part of a reply that they had before them.

    Not fixed returns the point to work on the same clock; when every point is fixed the follow-up is confirmed.

    Args:
        verdicts: for reply parts' ids ``fixed`` or ``not_fixed``.
        text: what the customer adds; goes to the follow-ups of the points not fixed, else to the lead.

    Raises:
        moves.Stale: a newer reply stands on one of these points, or it is not to be judged any more; nothing was
            recorded.
        ValidationError: unknown words, or no verdict at all.
    """
    now = now or clock.now()
    if not verdicts and not text.strip():
        raise ValidationError(_("Please choose fixed or not fixed."))
    if set(verdicts.values()) - set(Verdict.Word.values):
        raise ValidationError(_("Please choose fixed or not fixed."))
    with transaction.atomic():
        moves.lock_response(response.pk)
        parts = _parts(response, verdicts)
        words = _words(response, text, now)
        spoken_to: set[int] = set()
        for follow_up_id in sorted({part.point.follow_up_id for part in parts}):
            follow_up = moves.lock(follow_up_id)
            own = [part for part in parts if part.point.follow_up_id == follow_up_id]
            if _judge(follow_up, own, verdicts, words, now) and words is not None:
                spoken_to.add(follow_up_id)
            moves.settle(follow_up, now, by_customer=True)
        if words is not None and not spoken_to:
            _hear(response, words, Event.HEARD, now, reopen=not verdicts)


def _parts(response: Response, verdicts: Mapping[int, str]) -> list[ReplyPart]:
    parts = list(
        ReplyPart.objects.filter(pk__in=verdicts, point__response=response).select_related(
            "reply", "point__follow_up"
        )
    )
    newest = dict(
        ReplyPart.objects.filter(point__in=[part.point_id for part in parts])
        .order_by("point_id", "-pk")
        .distinct("point_id")
        .values_list("point_id", "pk")
    )
    outdated = len(parts) != len(set(verdicts)) or any(newest[part.point_id] != part.pk for part in parts)
    if outdated or not all(_stands(part) for part in parts):
        raise moves.Stale(
            _(
                "Our answer has changed since you opened this page. Please read the new one and tell us again."
            ),
            code="stale",
        )
    return parts


def _stands(part: ReplyPart) -> bool:
    """Say whether a reply still speaks for a point: neither was withdrawn, nor the point given to others since."""
    point = part.point
    withdrawn = point.status == PointStatus.WITHDRAWN or point.follow_up.status == Status.WITHDRAWN
    return not withdrawn and part.reply.follow_up_id == point.follow_up_id


def _judge(
    follow_up: FollowUp,
    parts: list[ReplyPart],
    verdicts: Mapping[int, str],
    words: Words | None,
    now: datetime,
) -> bool:
    """Record the verdicts on one follow-up's points. Returns whether the words were put beside one of them."""
    for written in {part.reply_id: part.reply for part in parts}.values():
        # Whoever answers beneath a reply has read it, whether or not a message ever reached them.
        replies.tell(follow_up, written, now, via="page", by_customer=True)
    beside = False
    for part in parts:
        word = verdicts[part.pk]
        last = part.verdicts.order_by("-pk").first()
        point = Point.objects.get(pk=part.point_id)
        if last is not None and last.word == word and point.status == _status_after(word):
            continue
        Verdict.objects.create(part=part, word=word, said_at=now)
        point.status = _status_after(word)
        point.save(update_fields=["status"])
        if word == Verdict.Word.FIXED:
            journal.append(follow_up, Event.FIXED, now, by_customer=True, point=point, data={"part": part.pk})
            continue
        journal.append(
            follow_up,
            Event.NOT_FIXED,
            now,
            by_customer=True,
            point=point,
            words=None if beside else words,
            data={"part": part.pk, "reopened": [point.pk]},
        )
        beside = True
    return beside


def _status_after(word: str) -> PointStatus:
    return PointStatus.FIXED if word == Verdict.Word.FIXED else PointStatus.OPEN


def write_back(response: Response, text: str, now: datetime | None = None) -> None:
    """Take what the customer writes into the lead's journal; one that was told or closed returns to work.

    Raises:
        ValidationError: no words (field ``text``).
    """
    now = now or clock.now()
    with transaction.atomic():
        moves.lock_response(response.pk)
        said = plain(text, _("Please write something first."), field="text")
        words = Words.objects.create(response=response, text=said, written_at=now)
        _hear(response, words, Event.HEARD, now, reopen=True)


def ask_for_call(response: Response, text: str = "", now: datetime | None = None) -> Promise:
    """Turn the wish for a call into a promise due in one business day, the lead's assignee's (R19).

    Asking again while one is open returns that one; if what it belongs to is over, it goes along to the lead's desk.
    """
    now = now or clock.now()
    with transaction.atomic():
        moves.lock_response(response.pk)
        words = _words(response, text, now)
        open_calls = Promise.objects.filter(
            follow_up__response=response, kind=Promise.Kind.CALL, state=PromiseState.OPEN
        )
        already = open_calls.order_by("due_at").first()
        if already is not None and already.follow_up.status in OWED:
            if words is not None:
                _hear(response, words, Event.HEARD, now, reopen=True)
            return already
        follow_up = _hear(response, words, Event.CALL_ASKED, now, reopen=True)
        if already is not None:
            over = already.follow_up
            already.follow_up, already.assignee = follow_up, follow_up.assignee
            already.save(update_fields=["follow_up", "assignee"])
            moves.finish(over, now)
            moves.finish(follow_up, now)
            return already
        zone = quiet_hours.zone(follow_up.department.time_zone, settings.TIME_ZONE)
        promise = promise_call(follow_up, clocks.one_business_day(now, zone), now, words)
        moves.finish(follow_up, now)
    return promise


def withdraw_point(response: Response, point_id: int, now: datetime | None = None) -> None:
    """Withdraw a point because the customer says that it no longer matters.

    Raises:
        ValidationError: there is no such point, or it is about safety, where we look into it in any case.
    """
    now = now or clock.now()
    with transaction.atomic():
        moves.lock_response(response.pk)
        point = response.points.filter(pk=point_id).first()
        if point is None or point.status in (PointStatus.WITHDRAWN, PointStatus.FIXED):
            raise ValidationError(_("This point is not open any more."))
        follow_up = moves.lock(point.follow_up_id)
        if follow_up.severity == Severity.SAFETY:
            raise ValidationError(_("This may be a danger to people, so we look into it in any case."))
        if follow_up.status == Status.WITHDRAWN:
            raise ValidationError(_("This point is not open any more."))
        point.status = PointStatus.WITHDRAWN
        point.save(update_fields=["status"])
        journal.append(follow_up, Event.POINT_WITHDRAWN, now, by_customer=True, point=point)
        moves.settle(follow_up, now, by_customer=True)


def release_promise(response: Response, promise_id: int, now: datetime | None = None) -> None:
    """Release us from a promise: only the customer can.

    Raises:
        ValidationError: it is not open any more.
    """
    now = now or clock.now()
    with transaction.atomic():
        moves.lock_response(response.pk)
        promise = Promise.objects.filter(
            pk=promise_id, follow_up__response=response, state=PromiseState.OPEN
        ).first()
        if promise is None:
            raise ValidationError(_("This promise is not open any more."))
        follow_up = moves.lock(promise.follow_up_id)
        promise.state, promise.settled_at = PromiseState.RELEASED, now
        promise.save(update_fields=["state", "settled_at"])
        journal.append(follow_up, Event.PROMISE_RELEASED, now, by_customer=True, data={"promise": promise.pk})
        moves.finish(follow_up, now)


def _words(response: Response, text: str, now: datetime) -> Words | None:
    said = cleaned(text)
    return Words.objects.create(response=response, text=said, written_at=now) if said else None


def _hear(response: Response, words: Words | None, event: Event, now: datetime, *, reopen: bool) -> FollowUp:
    """Put what the customer did into the lead's journal, and return what was told or closed to work."""
    follow_up = lead(response) or _open_again(response, now)
    newest = follow_up.replies.order_by("-pk").first()
    if reopen and newest is not None:
        # A reply stands on the page from the moment it is written: what is said beneath it comes after it.
        replies.tell(follow_up, newest, now, via="page", by_customer=True)
    reopened = _reopened(follow_up) if reopen else []
    follow_up.points.filter(pk__in=reopened).update(status=PointStatus.OPEN)
    journal.append(follow_up, event, now, by_customer=True, words=words, data={"reopened": reopened})
    moves.settle(follow_up, now, by_customer=True)
    return follow_up


def _reopened(follow_up: FollowUp) -> list[int]:
    """Which points are owed again when the customer writes: those told and not judged, else all that were fixed."""
    if follow_up.status not in (Status.TOLD, *CLOSED):
        return []
    for status in (PointStatus.TOLD, PointStatus.OPEN, PointStatus.FIXED):
        found = list(follow_up.points.filter(status=status).values_list("pk", flat=True))
        if found:
            return found
    return []


def _open_again(response: Response, now: datetime) -> FollowUp:
    """All follow-ups were withdrawn and the customer writes: their words must land on somebody's desk."""
    last = (
        response.follow_ups.exclude(withdrawn_reason=WithdrawnReason.MERGED)
        .filter(points__isnull=False)
        .select_related("department", "response")
        .order_by("-pk")
        .first()
    )
    if last is None:
        raise ValidationError(_("There is nothing here that could be answered."))
    points = list(last.points.order_by("pk"))
    settled = (PointStatus.FIXED, PointStatus.WITHDRAWN)
    points = [point for point in points if point.status not in settled] or points
    opened: list[FollowUp] = []
    for department, own in _homes(response, last.department, points):
        about_person = any(point.about_person for point in own)
        follow_up = homes.open_follow_up(response, department, now, about_person=about_person)
        homes.raise_severity(follow_up, Severity(last.severity), now)
        for point in own:
            point.status = PointStatus.OPEN
            point.save(update_fields=["status", "rule", "routed_by"])
            homes.bring(point, follow_up, now)
            reopened = {"reopened": [point.pk]}
            journal.append(follow_up, Event.POINT_ADDED, now, by_customer=True, point=point, data=reopened)
        opened.append(follow_up)
    homes.bring_promises(last, opened[0])
    for one in (last, *opened[1:]):
        moves.finish(one, now)
    return opened[0]


def _homes(
    response: Response, last: Department, points: list[Point]
) -> Iterable[tuple[Department, list[Point]]]:
    """Return where points taken up again belong: where they were, or where they are routed if that was retired."""
    if last.retired_at is None:
        return [(last, points)]
    router = routing.router(response)
    found: dict[int, tuple[Department, list[Point]]] = {}
    for point in points:
        route = router.route(point.key, point.about_person)
        point.rule, point.routed_by = route.rule, route.by
        found.setdefault(route.department.pk, (route.department, []))[1].append(point)
    return found.values()
