"""What the customer's page shows: every point of a response as one list, whichever department has it (DESIGN 5).

Read set by set: the number of queries does not grow with the points, replies or messages.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from feedback import clock, links
from feedback.models import User
from feedback.models.people import Channel
from feedback.reasons import SkipReason
from feedback.texts import in_language
from followups import clocks
from followups.models import Evidence, FollowUp, JournalEntry, Point, Promise, ReplyPart, Verdict
from followups.models.journal import Actor
from followups.states import SEVERITY_RANK, Event, PointStatus, PromiseState, Severity, Status
from surveys import published
from surveys.models import SCALES, Answer, Invitation, QuestionKind, Response

OWED_STAGES = ("received", "working", "again")
"""The stages of a point in which the customer waits for us."""


@dataclass(frozen=True)
class ReplyView:
    """The newest reply on one point. ``verdict`` is the customer's last word on it, ``""`` while there is none.

    It ``stands`` until the point is given to somebody else; then it is not judged any more.
    """

    part_id: int
    found: str
    did: str
    changes: str
    at: datetime
    by: str
    verdict: str
    said_at: datetime | None
    stands: bool = True


@dataclass(frozen=True)
class PromiseView:
    id: int
    text: str
    call: bool
    due_at: datetime
    state: str
    overdue: bool


@dataclass(frozen=True)
class PointView:
    """One point as the customer sees it.

    Attributes:
        stage: ``received``, ``working``, ``again`` (after a reply), ``told``, ``fixed`` or ``withdrawn``.
        safety: about a danger to people, which is looked into whatever the customer wishes.
        assignee: a first name; empty for a point about a person, and where none is known.
        due_at: when the customer must have heard; ``None`` while nothing is owed.
        late: whether that time is over.
    """

    id: int
    title: str
    detail: str
    stage: str
    department: str
    assignee: str
    due_at: datetime | None
    late: bool
    safety: bool
    reply: ReplyView | None
    promises: list[PromiseView]

    @property
    def label(self) -> str:
        return {
            "received": _("Received"),
            "working": _("Being worked on"),
            "again": _("Being worked on again"),
            "told": _("Answered"),
            "fixed": _("Fixed"),
            "withdrawn": _("Withdrawn by you"),
        }[self.stage]

    @property
    def may_be_judged(self) -> bool:
        """Whether the customer is asked for their word on the reply."""
        return self.stage == "told" and self.reply is not None and self.reply.stands

    @property
    def may_be_judged_anew(self) -> bool:
        """Whether they have given it and may change it: "fixed" can turn out otherwise, and so can "not fixed"."""
        return self.stage in ("fixed", "again") and self.reply is not None and self.reply.stands

    @property
    def may_be_withdrawn(self) -> bool:
        return self.stage in (*OWED_STAGES, "told") and not self.safety


@dataclass(frozen=True)
class Entry:
    """One message of the thread. ``by`` is empty for the customer's own."""

    at: datetime
    by: str
    text: str
    call: bool = False
    erased: bool = False


@dataclass(frozen=True)
class Page:
    about: str
    said_at: datetime
    words: list[str]
    points: list[PointView]
    promises: list[PromiseView]
    thread: list[Entry]
    offered: list[str] = field(default_factory=list)

    @property
    def to_judge(self) -> list[PointView]:
        return [point for point in self.points if point.may_be_judged]

    @property
    def others(self) -> list[PointView]:
        return [point for point in self.points if not point.may_be_judged]

    @property
    def owed(self) -> list[PointView]:
        return [point for point in self.points if point.stage in OWED_STAGES]

    @property
    def all_fixed(self) -> bool:
        counted = [point for point in self.points if point.stage != "withdrawn"]
        return bool(counted) and all(point.stage == "fixed" for point in counted)

    def point(self, point_id: int) -> PointView | None:
        return next((point for point in self.points if point.id == point_id), None)


def page_of(response: Response, now: datetime | None = None) -> Page:
    """Return what the page of ``response`` shows at ``now`` (aware; default: the clock), in the active language.

    Points of withdrawn follow-ups are left out, except those that the customer withdrew, so that they see it was heard.
    """
    now = now or clock.now()
    response = Response.objects.select_related("invitation__resolution", "customer").get(pk=response.pk)
    every = list(
        FollowUp.objects.filter(response=response)
        .select_related("department", "assignee")
        .order_by("opened_at", "pk")
    )
    follow_ups = {one.pk: one for one in every}
    points = [
        point
        for point in Point.objects.filter(response=response).order_by("pk")
        if follow_ups[point.follow_up_id].status != Status.WITHDRAWN or point.status == PointStatus.WITHDRAWN
    ]
    journal = list(
        JournalEntry.objects.filter(follow_up__in=follow_ups).select_related("words", "staff").order_by("pk")
    )
    answers = list(Answer.objects.filter(response=response).order_by("pk"))
    telling = _Telling(response, answers, points)
    promises = _promises(follow_ups, now)
    views = [
        _point(point, follow_ups[point.follow_up_id], telling, journal, promises.pop(point.pk, []), now)
        for point in _in_order(points, follow_ups)
    ]
    return Page(
        about=response.invitation.resolution.subject,
        said_at=response.created_at,
        words=telling.words,
        points=views,
        promises=[promise for rest in promises.values() for promise in rest],
        thread=_thread(journal),
        offered=_offered(response, now),
    )


def _in_order(points: Iterable[Point], follow_ups: dict[int, FollowUp]) -> list[Point]:
    """Sort what is still owed or to be judged first, the lead's before others', settled things last."""

    def rank(point: Point) -> tuple[bool, int, datetime, int]:
        follow_up = follow_ups[point.follow_up_id]
        settled = point.status in (PointStatus.FIXED, PointStatus.WITHDRAWN)
        return settled, -SEVERITY_RANK[Severity(follow_up.severity)], follow_up.opened_at, point.pk

    return sorted(points, key=rank)


class _Telling:
    """What the customer said, and what we said back, by point."""

    def __init__(self, response: Response, answers: list[Answer], points: list[Point]) -> None:
        self.version = published.version(response.version_id)
        by_id = {answer.pk: answer for answer in answers}
        self.evidence: dict[int, list[Answer]] = defaultdict(list)
        for point_id, answer_id in Evidence.objects.filter(point__in=points).values_list(
            "point_id", "answer_id"
        ):
            self.evidence[point_id].append(by_id[answer_id])
        self.words = [answer.words for answer in answers if answer.words and answer.superseded_at is None]
        self.parts = {
            part.point_id: part
            for part in ReplyPart.objects.filter(point__in=points)
            .select_related("reply__author")
            .order_by("reply_id")
        }
        self.verdicts = {
            verdict.part_id: verdict
            for verdict in Verdict.objects.filter(
                part__in=[part.pk for part in self.parts.values()]
            ).order_by("pk")
        }

    def title(self, point: Point) -> str:
        """Say what a point is about: as the department split it, else the reason, else the question."""
        if point.title:
            return point.title
        if point.about_person:
            return _("How you were treated")
        reasons = self.version.of_kind(QuestionKind.REASONS)
        for choice in reasons.choices if reasons else ():
            if choice.key == point.key:
                return in_language(choice.text)
        for answer in self.evidence[point.pk]:
            if question := self.version.question(answer.question_id):
                return in_language(question.text)
        return _("What you told us")

    def detail(self, point: Point) -> str:
        """Return the answer behind a point that no reason names: a score with its scale, or what was chosen."""
        reasons = self.version.of_kind(QuestionKind.REASONS)
        named = reasons.keys() if reasons else frozenset()
        if point.title or point.key in named:
            return ""
        for answer in reversed(self.evidence[point.pk]):
            question = self.version.question(answer.question_id)
            if question and question.kind in SCALES and answer.score is not None:
                return _("%(score)d of %(highest)d") % {"score": answer.score, "highest": question.highest}
            if question and question.kind == QuestionKind.OUTCOME:
                return ", ".join(in_language(c.text) for c in question.choices if c.key in answer.chosen)
        return ""

    def reply(self, point: Point) -> ReplyView | None:
        part = self.parts.get(point.pk)
        if part is None:
            return None
        verdict = self.verdicts.get(part.pk)
        return ReplyView(
            part_id=part.pk,
            found=part.found,
            did=part.did,
            changes=part.changes,
            at=part.reply.posted_at,
            by="" if point.about_person else part.reply.author.first_name,
            verdict=verdict.word if verdict else "",
            said_at=verdict.said_at if verdict else None,
            stands=part.reply.follow_up_id == point.follow_up_id,
        )


def _point(
    point: Point,
    follow_up: FollowUp,
    telling: _Telling,
    journal: list[JournalEntry],
    promises: list[PromiseView],
    now: datetime,
) -> PointView:
    entries = [clocks.Happening(entry.kind, entry.at, entry.point_id, entry.data) for entry in journal]
    spans = clocks.owed(point.pk, point.opened_at, entries)
    reply = telling.reply(point)
    stage = _stage(point, follow_up, reply, spans[-1].since)
    due_at = clocks.told_due(spans, timedelta(hours=settings.TOLD_HOURS)) if stage in OWED_STAGES else None
    return PointView(
        id=point.pk,
        title=telling.title(point),
        detail=telling.detail(point),
        stage=stage,
        department=str(follow_up.department),
        # Whoever is told of a person is named only to that person's superiors, not on a page that can be passed on.
        assignee="" if point.about_person or follow_up.assignee is None else follow_up.assignee.first_name,
        due_at=due_at,
        late=due_at is not None and due_at < now,
        safety=follow_up.severity == Severity.SAFETY,
        reply=reply,
        promises=promises,
    )


def _stage(point: Point, follow_up: FollowUp, reply: ReplyView | None, owed_since: datetime) -> str:
    if point.status != PointStatus.OPEN:
        return str(point.status)
    if reply and reply.stands and not reply.verdict and reply.at >= owed_since:
        # It stands here from the moment it is written, whether or not the message about it has left.
        return str(PointStatus.TOLD)
    if reply:
        return "again"
    return "received" if follow_up.status == Status.OPEN else "working"


def _promises(follow_ups: dict[int, FollowUp], now: datetime) -> dict[int | None, list[PromiseView]]:
    """Return the promises by point; under ``None`` those that belong to none. Those released are left out."""
    found: dict[int | None, list[PromiseView]] = defaultdict(list)
    rows = Promise.objects.filter(follow_up__in=follow_ups).exclude(state=PromiseState.RELEASED)
    for row in rows.select_related("words").order_by("due_at", "pk"):
        found[row.point_id].append(
            PromiseView(
                id=row.pk,
                text=row.words.text if row.words else "",
                call=row.kind == Promise.Kind.CALL,
                due_at=row.due_at,
                state=row.state,
                overdue=row.state == PromiseState.OPEN and row.due_at < now,
            )
        )
    return found


_SPOKEN = (Event.WRITTEN, Event.HEARD, Event.CALL_ASKED, Event.NOT_FIXED)


def _thread(journal: Iterable[JournalEntry]) -> list[Entry]:
    """Return what was written to and fro, oldest first, each message once. Notes of the staff are none of it."""
    thread: list[Entry] = []
    seen: set[int] = set()
    for entry in journal:
        if entry.kind == Event.CALLED:
            # What was noted of a call is the staff's own; that there was one is not.
            thread.append(Entry(entry.at, _name(entry.staff), "", call=True))
        elif entry.kind in _SPOKEN and entry.words and entry.words_id not in seen:
            seen.add(entry.words_id or 0)
            thread.append(
                Entry(
                    at=entry.at,
                    by="" if entry.by == Actor.CUSTOMER else _name(entry.staff),
                    text=entry.words.text,
                    call=entry.kind == Event.CALL_ASKED,
                    erased=entry.words.erased_at is not None,
                )
            )
    return thread


def _name(staff: User | None) -> str:
    return (staff.first_name if staff else "") or settings.BRAND_NAME


def _offered(response: Response, now: datetime) -> list[str]:
    """Return the ways to surveys that were not sent because this was open: they are offered here instead (R3)."""
    rows = Invitation.objects.filter(
        customer_id=response.customer_id,
        reason=SkipReason.OPEN_FOLLOW_UP,
        response=None,
        version__isnull=False,
        link__expires_at__gt=now,
        link__revoked_at=None,
    ).select_related("link")
    return [links.url(row.link, Channel.EMAIL) for row in rows.order_by("pk") if row.link]
