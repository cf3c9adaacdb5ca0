"""Follow-ups as the desk lists them: a row says whose words, what is due, and who has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback.desk import words
from followups.admin import titles
from followups.clocks import CONTACTS
from followups.models import FollowUp, JournalEntry, Promise
from followups.states import CLOSED, OWED, PromiseState, Severity, Status
from surveys import published
from surveys.models import Answer

SOONEST: list[Any] = [F("next_due_at").asc(nulls_last=True), "-opened_at", "-pk"]
"""Overdue first, then what is due next; what has no clock comes last, newest first."""

STATUS_COLOURS = {
    Status.OPEN: "blue",
    Status.WORKING: "blue",
    Status.TOLD: "amber",
    Status.CONFIRMED: "green",
    Status.UNCONFIRMED: "",
    Status.UNREACHABLE: "",
    Status.WITHDRAWN: "",
}
SEVERITY_COLOURS = {Severity.NORMAL: "", Severity.HIGH: "amber", Severity.SAFETY: "red"}

FIRST_CONTACT, TELL, PROMISE = _("first contact"), _("tell the customer"), _("promise to keep")


def for_rows(rows: "QuerySet[FollowUp]") -> "QuerySet[FollowUp]":
    """Add to a queryset all that ``row`` reads, at a constant number of queries."""
    said = Answer.objects.filter(superseded_at=None).exclude(words="").order_by("question__position")
    contacts = JournalEntry.objects.filter(follow_up=OuterRef("pk"), kind__in=CONTACTS)
    promises = Promise.objects.filter(follow_up=OuterRef("pk"), state=PromiseState.OPEN).order_by()
    return (
        rows.select_related("customer", "department", "assignee", "response__invitation__resolution__case")
        .annotate(
            # Not by Exists, which the database may answer by reading the journal of everybody.
            contacted=Subquery(contacts.order_by().values("pk")[:1]),
            promise_due=Subquery(promises.values("follow_up").annotate(due=Min("due_at")).values("due")),
        )
        .prefetch_related("points", Prefetch("response__answers", queryset=said, to_attr="said"))
    )


@dataclass(frozen=True)
class Badge:
    text: str
    colour: str


@dataclass(frozen=True)
class Row:
    """One follow-up in a list, ready to be shown."""

    follow_up: FollowUp
    url: str
    due: str
    what: str
    urgency: str
    said: str
    points: list[str]
    status: Badge
    severity: Badge | None
    case: str
    subject: str
    mine: bool


def status_badge(follow_up: FollowUp) -> Badge:
    return Badge(str(follow_up.get_status_display()), STATUS_COLOURS[Status(follow_up.status)])


def severity_badge(follow_up: FollowUp) -> Badge | None:
    """Return the badge of a severity above normal; the normal needs none."""
    if follow_up.severity == Severity.NORMAL:
        return None
    return Badge(str(follow_up.get_severity_display()), SEVERITY_COLOURS[Severity(follow_up.severity)])


def urgency(due_at: datetime | None, now: datetime, zone: Any) -> str:
    """Return ``overdue``, ``today`` or nothing, for the colour beside a due time."""
    if due_at is None:
        return ""
    if due_at <= now:
        return "overdue"
    return "today" if due_at.astimezone(zone).date() == now.astimezone(zone).date() else ""


def row(follow_up: FollowUp, now: datetime, user: Any) -> Row:
    """Turn a follow-up from ``for_rows`` into what its row says. Times are those of its department's zone."""
    zone = words.zone_of(follow_up.department.time_zone)
    at = follow_up.next_due_at
    contacted, promise_due = getattr(follow_up, "contacted", True), getattr(follow_up, "promise_due", None)
    if at is None:
        due, what = _without_clock(follow_up, now, zone)
    else:
        due = words.due(at, now, zone)
        what = str(PROMISE if at == promise_due else TELL if contacted else FIRST_CONTACT)
    version = published.version(follow_up.response.version_id)
    points = [titles.of_point(point, version) for point in follow_up.points.all()]
    said = [answer.words.strip() for answer in getattr(follow_up.response, "said", [])]
    resolution = follow_up.response.invitation.resolution
    return Row(
        follow_up=follow_up,
        url=reverse("admin:followups_followup_change", args=[follow_up.pk]),
        due=due,
        what=what,
        urgency=urgency(at, now, zone),
        said=" / ".join(said),
        points=points,
        status=status_badge(follow_up),
        severity=severity_badge(follow_up),
        case=resolution.case.external_id,
        subject=resolution.subject,
        mine=follow_up.assignee_id == user.pk,
    )


def _without_clock(follow_up: FollowUp, now: datetime, zone: Any) -> tuple[str, str]:
    if follow_up.status == Status.TOLD:
        told = words.moment(follow_up.told_at, now, zone) if follow_up.told_at else ""
        return gettext("waiting for the customer"), gettext("told %(moment)s") % {"moment": told}
    if follow_up.status in OWED:
        return gettext("owed"), ""
    return gettext("nothing due"), ""


STANDS: dict[str, tuple[Any, Q]] = {
    "owed": (_("Owed"), Q(status__in=OWED)),
    "told": (_("Waiting for the customer"), Q(status=Status.TOLD)),
    "closed": (_("Closed"), Q(status__in=CLOSED)),
    "withdrawn": (_("Withdrawn"), Q(status=Status.WITHDRAWN)),
    "all": (_("All"), Q()),
}
"""How a follow-up stands, as the tabs above the list group it."""


def due_q(kind: str, now: datetime, midnight: datetime) -> Q:
    """Return the condition for ``overdue``, ``today`` (still to come), or ``untaken``.

    Args:
        midnight: the end of the present day, where the desk is.
    """
    owed = Q(status__in=OWED)
    match kind:
        case "overdue":
            return owed & Q(next_due_at__lte=now)
        case "today":
            return owed & Q(next_due_at__gt=now, next_due_at__lt=midnight)
        case "untaken":
            return Q(status=Status.OPEN)
    return Q()


def end_of_day(now: datetime, zone: Any) -> datetime:
    """Return the next midnight in ``zone``."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
