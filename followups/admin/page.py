"""One follow-up on one screen: what the customer said, what is due, what was tried, and what can be done."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext

from feedback import access, clock
from feedback.desk import words
from feedback.models import Case, Customer, Resolution, User
from feedback.texts import in_language
from followups import clocks, due, policies, services
from followups.admin import rows, talk, titles
from followups.models import FollowUp, JournalEntry, Point, Promise, Reply, ReplyPart
from followups.states import OWED, Event, PointStatus, PromiseState, Status
from surveys import published
from surveys.models import Answer, Invitation, QuestionKind, Response

POINT_COLOURS = {
    PointStatus.OPEN: "blue",
    PointStatus.TOLD: "amber",
    PointStatus.FIXED: "green",
    PointStatus.WITHDRAWN: "",
}
EARLIER = 5


@dataclass(frozen=True)
class AnswerView:
    question: str
    answer: str
    negative: bool
    was: str


@dataclass(frozen=True)
class PointView:
    point: Point
    title: str
    badge: rows.Badge
    evidence: list[str]
    route: str
    version: published.PublishedVersion

    @property
    def title_theirs(self) -> str:
        """The title in the language that is active when it is asked for: the customer's, in a preview."""
        return titles.of_point(self.point, self.version)


@dataclass(frozen=True)
class PromiseView:
    promise: Promise
    text: str
    kind: str
    due: str
    look: str
    state: str


@dataclass(frozen=True)
class ClockView:
    label: str
    says: str
    look: str


class FollowUpPage:
    """All that the page shows to ``user``, read set by set: the number of queries does not grow with the rows."""

    def __init__(self, follow_up: FollowUp, user: User) -> None:
        self.follow_up = follow_up
        self.user = user
        self.now = clock.now()
        self.zone: ZoneInfo = words.zone_of(follow_up.department.time_zone)
        self.response: Response = follow_up.response
        self.version = published.version(self.response.version_id)
        self.resolution: Resolution = self.response.invitation.resolution
        self.case: Case = self.resolution.case
        self.customer: Customer = follow_up.customer

    @classmethod
    def find(cls, user: User, follow_up_id: str) -> "FollowUpPage | None":
        """Return the page, or none where there is no such follow-up for this person."""
        if not (follow_up_id.isascii() and follow_up_id.isdigit() and len(follow_up_id) < 19):
            return None
        found = (
            access.visible(user, FollowUp)
            .select_related(
                "department",
                "assignee",
                "customer",
                "response__invitation__resolution__case",
                "response__invitation__resolution__department",
                "response__invitation__resolution__served_by__user",
            )
            .filter(pk=int(follow_up_id))
            .first()
        )
        return None if found is None else cls(found, user)

    # -- What the customer said

    @cached_property
    def _answers(self) -> list[Answer]:
        return list(
            Answer.objects.filter(response=self.response).order_by("question__position", "answered_at", "pk")
        )

    @cached_property
    def said(self) -> list[str]:
        """The customer's own words of now."""
        return [one.words for one in self._answers if one.words.strip() and one.superseded_at is None]

    @cached_property
    def answers(self) -> list[AnswerView]:
        earlier = defaultdict(list)
        for one in self._answers:
            if one.superseded_at is not None:
                earlier[one.question_id].append(titles.of_answer(one, self.version.question(one.question_id)))
        found = []
        for one in self._answers:
            question = self.version.question(one.question_id)
            if one.superseded_at is not None or (question and question.kind == QuestionKind.WORDS):
                continue
            says = titles.of_answer(one, question)
            found.append(
                AnswerView(
                    question=published_text(question),
                    answer=says,
                    negative=bool(one.negative),
                    was=", ".join(was for was in earlier[one.question_id] if was != says),
                )
            )
        return found

    # -- The points

    @cached_property
    def points(self) -> list[PointView]:
        found = self.follow_up.points.select_related("rule__department").prefetch_related("evidence__answer")
        return [self._point(point) for point in found]

    def _point(self, point: Point) -> PointView:
        evidence = []
        for one in point.evidence.all():
            question = self.version.question(one.answer.question_id)
            if question and question.kind == QuestionKind.REASONS and one.reason:
                continue  # it is the title already
            says = (
                f"“{one.answer.words.strip()}”"
                if one.answer.words
                else titles.of_answer(one.answer, question)
            )
            line = f"{published_text(question)} {says}"
            if line not in evidence:
                evidence.append(line)
        return PointView(
            point=point,
            title=titles.of_point(point, self.version),
            badge=rows.Badge(str(point.get_status_display()), POINT_COLOURS[PointStatus(point.status)]),
            evidence=evidence,
            route=self._route(point),
            version=self.version,
        )

    def _route(self, point: Point) -> str:
        if point.rule is not None:
            return gettext("routed by rule %(position)d") % {"position": point.rule.position}
        match point.routed_by:
            case "reason":
                return gettext("routed by the reason chosen")
            case "case":
                return gettext("routed to the department of the case")
            case "fallback":
                return gettext("routed here because no rule matched")
            case "transfer":
                return gettext("handed over from another department")
        return ""

    @cached_property
    def open_points(self) -> list[PointView]:
        return [one for one in self.points if one.point.status == PointStatus.OPEN]

    # -- What is due

    @cached_property
    def promises(self) -> list[PromiseView]:
        return [self._promise(one) for one in self.follow_up.promises.select_related("words")]

    def _promise(self, promise: Promise) -> PromiseView:
        is_open = promise.state == PromiseState.OPEN
        over = is_open and promise.due_at <= self.now
        says = words.due(promise.due_at, self.now, self.zone)
        if not is_open and promise.settled_at is not None:
            says = f"{promise.get_state_display()}, {words.moment(promise.settled_at, self.now, self.zone)}"
        return PromiseView(
            promise=promise,
            text=promise.words.text if promise.words else "",
            kind=str(promise.get_kind_display()),
            due=says,
            look="is-over" if over else "is-open" if is_open else f"is-{promise.state}",
            state=promise.state,
        )

    @cached_property
    def open_promises(self) -> list[PromiseView]:
        return [one for one in self.promises if one.state == PromiseState.OPEN]

    @cached_property
    def due(self) -> due.Due:
        return due.of(self.follow_up)

    @property
    def urgency(self) -> str:
        return rows.urgency(self.due.next, self.now, self.zone)

    @property
    def headline(self) -> str:
        """What the clock says, in one line."""
        found = self.due
        if found.next is None:
            match self.follow_up.status:
                case Status.TOLD:
                    return gettext("Waiting for the customer")
                case Status.WITHDRAWN:
                    return gettext("Withdrawn")
            return gettext("Nothing is due")
        labels = {
            found.promise: gettext("Promise"),
            found.told: gettext("Tell the customer"),
            found.first_contact: gettext("First contact"),
        }
        return f"{labels[found.next]}: {words.due(found.next, self.now, self.zone)}"

    @cached_property
    def dial(self) -> list[ClockView]:
        found = []
        contacted = any(entry.kind in clocks.CONTACTS for entry in self._journal if self._is_own(entry))
        if self.due.first_contact is not None:
            found.append(self._clock(gettext("First contact"), self.due.first_contact))
        elif contacted:
            found.append(ClockView(gettext("First contact"), gettext("made"), "is-met"))
        if self.due.told is not None:
            found.append(self._clock(gettext("Tell the customer"), self.due.told))
        elif self.follow_up.told_at is not None:
            at = words.moment(self.follow_up.told_at, self.now, self.zone)
            found.append(ClockView(gettext("Told"), at, "is-met"))
        if self.due.promise is not None:
            found.append(self._clock(gettext("Promise"), self.due.promise))
        since = min((one.point.opened_at for one in self.points), default=self.follow_up.opened_at)
        found.append(
            ClockView(gettext("The customer answered"), words.moment(since, self.now, self.zone), "")
        )
        return found

    def _clock(self, label: str, at: datetime) -> ClockView:
        return ClockView(label, words.due(at, self.now, self.zone), "is-over" if at <= self.now else "")

    # -- What was said since

    @cached_property
    def _journal(self) -> list[JournalEntry]:
        entries = JournalEntry.objects.filter(follow_up__response=self.response)
        return list(entries.select_related("words", "staff", "follow_up").order_by("at", "pk"))

    def _is_own(self, entry: JournalEntry) -> bool:
        return entry.follow_up_id == self.follow_up.pk

    @cached_property
    def _replies(self) -> dict[int, Reply]:
        return {one.pk: one for one in self.follow_up.replies.select_related("message")}

    @property
    def newest_reply_id(self) -> int:
        return max(self._replies, default=0)

    @cached_property
    def talk(self) -> list[talk.Turn]:
        parts: dict[int, list[ReplyPart]] = defaultdict(list)
        for part in ReplyPart.objects.filter(reply__in=self._replies).select_related("point").order_by("pk"):
            part.title = titles.of_point(part.point, self.version)  # type: ignore[attr-defined]
            parts[part.reply_id].append(part)
        ids = {entry.data.get("to") for entry in self._journal if entry.kind == Event.ASSIGNED} - {None}
        known = talk.Known(
            own_id=self.follow_up.pk,
            replies=self._replies,
            parts=parts,
            promises={one.promise.pk: one.promise for one in self.promises},
            staff=User.objects.in_bulk([pk for pk in ids if pk is not None]),
            titles={one.point.pk: one.title for one in self.points},
        )
        return talk.turns(self._journal, known)

    # -- What surrounds it

    @cached_property
    def sisters(self) -> list[dict[str, Any]]:
        """Other follow-ups of this response: department, what their points are about, and their state. No more."""
        others = FollowUp.objects.filter(response=self.response).exclude(pk=self.follow_up.pk)
        return [
            {
                "department": other.department,
                "points": [titles.of_point(point, self.version) for point in other.points.all()],
                "status": rows.status_badge(other),
            }
            for other in others.select_related("department").prefetch_related("points").order_by("pk")
        ]

    @cached_property
    def earlier_cases(self) -> list[Case]:
        """The customer's other cases that this person may see, newest first."""
        found = access.visible(self.user, Case).filter(customer=self.customer).exclude(pk=self.case.pk)
        return list(found.select_related("department").order_by("-created_at", "-pk")[:EARLIER])

    @cached_property
    def earlier_follow_ups(self) -> list[rows.Row]:
        """The customer's follow-ups of other responses that this person may see, newest first."""
        found = (
            access.visible(self.user, FollowUp).filter(customer=self.customer).exclude(response=self.response)
        )
        newest = rows.for_rows(found).order_by("-opened_at", "-pk")[:EARLIER]
        return [rows.row(one, self.now, self.user) for one in newest]

    @cached_property
    def earlier_invitations(self) -> list[Invitation]:
        found = access.visible(self.user, Invitation).filter(customer=self.customer, response__isnull=False)
        others = found.exclude(pk=self.response.invitation_id)
        return list(
            others.select_related("resolution__case", "response").order_by("-created_at", "-pk")[:EARLIER]
        )

    @property
    def status(self) -> rows.Badge:
        return rows.status_badge(self.follow_up)

    @property
    def severity(self) -> rows.Badge | None:
        return rows.severity_badge(self.follow_up)

    # -- What can be done

    @cached_property
    def may_work(self) -> bool:
        return policies.may_work(self.user, self.follow_up)

    @property
    def is_owed(self) -> bool:
        return self.follow_up.status in OWED

    def colleagues(self) -> "QuerySet[User]":
        """Return who else could be given the follow-up."""
        found = services.assignable(self.follow_up).exclude(pk=self.follow_up.assignee_id or 0)
        return found.order_by("first_name", "username")


def published_text(question: Any) -> str:
    """Return a question's words in the reader's language; empty where the question is gone."""
    return in_language(question.text) if question else ""
