"""The owner's list: what is due next stands first. Its counts and filters see only what the policy shows (R39)."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback import access, clock
from feedback.desk.people import person
from feedback.models import Department
from followups.admin import rows
from followups.models import FollowUp
from followups.states import LIVE, Severity

PER_PAGE = 30
MOST = 1000
LIVE_TABS = ("owed", "told")
DEFAULT = "owed"
WHEN = {"overdue": _("overdue"), "today": _("due today"), "untaken": _("not taken yet")}


@dataclass(frozen=True)
class Asked:
    """What the address asks the list for; whatever it does not know is left out."""

    query: str
    stands: str
    due: str
    mine: bool
    department: int | None
    severity: str

    @classmethod
    def read(cls, given: QueryDict) -> "Asked":
        """Read an address. A search without a chosen tab looks everywhere."""
        query = given.get("q", "").replace("\x00", "").strip()[:200]
        stands, department = given.get("stands", ""), given.get("department", "")
        due, severity = given.get("due", ""), given.get("severity", "")
        return cls(
            query=query,
            stands=stands if stands in rows.STANDS else ("all" if query else DEFAULT),
            due=due if due in WHEN else "",
            mine=given.get("whose") == "mine",
            department=int(department)
            if department.isascii() and department.isdigit() and len(department) < 19
            else None,
            severity=severity if severity in Severity.values else "",
        )


def search(asked: str) -> Q:
    """Return the condition for a search by customer, case, order, or the follow-up's own number."""
    case = "response__invitation__resolution"
    found = (
        Q(customer__name__icontains=asked)
        | Q(**{f"{case}__case__external_id__icontains": asked})
        | Q(**{f"{case}__subject__icontains": asked})
        | Q(**{f"{case}__order_ref__icontains": asked})
    )
    number = asked.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        found |= Q(pk=int(number))
    return found


def narrowed(request: HttpRequest, asked: Asked) -> "QuerySet[FollowUp]":
    """Return the follow-ups that the person may see and asked for, whatever their tab."""
    user, now = person(request), clock.now()
    found = access.visible(user, FollowUp)
    if asked.query:
        found = found.filter(search(asked.query))
    if asked.due:
        found = found.filter(
            rows.due_q(asked.due, now, rows.end_of_day(now, timezone.get_current_timezone()))
        )
    if asked.mine:
        found = found.filter(assignee=user)
    if asked.department is not None:
        found = found.filter(department=asked.department)
    if asked.severity:
        found = found.filter(severity=asked.severity)
    return found


def context(request: HttpRequest) -> dict[str, Any]:
    """Return all that the list's template shows."""
    asked, user, now = Asked.read(request.GET), person(request), clock.now()
    found = narrowed(request, asked)
    counted = _counted(found, asked.stands)
    wanted = rows.for_rows(found.filter(rows.STANDS[asked.stands][1])).order_by(*rows.SOONEST)
    paginator = Paginator(wanted, PER_PAGE)
    # The tab's count is known already: no second query for the number of pages.
    paginator.count = counted[asked.stands]
    page = paginator.get_page(request.GET.get("p"))
    return {
        "asked": asked,
        "page": page,
        "rows": [rows.row(follow_up, now, user) for follow_up in page.object_list],
        "tabs": [
            Tab(label, counted.get(key), key == asked.stands, _address(request, stands=key, p=None))
            for key, (label, _condition) in rows.STANDS.items()
        ],
        "whens": WHEN.items(),
        "severities": Severity.choices,
        "departments": _departments(request),
        "narrowed": any((asked.query, asked.due, asked.mine, asked.department, asked.severity)),
        "earlier": _address(request, p=page.number - 1),
        "later": _address(request, p=page.number + 1),
    }


def _counted(found: "QuerySet[FollowUp]", current: str) -> dict[str, int]:
    """Count the tabs of what is still live, and the one that is looked at, up to a thousand.

    What is over grows without end: nobody should wait for its number on the way to today's work.
    """
    live = {key: condition for key, (_label, condition) in rows.STANDS.items() if key in LIVE_TABS}
    counted: dict[str, int] = found.filter(status__in=LIVE).aggregate(
        **{key: Count("pk", filter=condition) for key, condition in live.items()}
    )
    if current not in counted:
        counted[current] = found.filter(rows.STANDS[current][1])[:MOST].count()
    return counted


@dataclass(frozen=True)
class Tab:
    """``count`` is ``None`` for a tab that was not counted."""

    label: str | Promise
    count: int | None
    current: bool
    address: str


def _departments(request: HttpRequest) -> list[Department]:
    user = person(request)
    return list(access.visible(user, Department) if access.is_manager(user) else access.departments_of(user))


def _address(request: HttpRequest, **changed: Any) -> str:
    query = request.GET.copy()
    for key, value in changed.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return f"?{query.urlencode()}"
