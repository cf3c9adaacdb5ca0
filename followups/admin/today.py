"""The first page's first block: what is due for this person, and what has just come in."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback import access, clock
from feedback.desk import first_page
from feedback.desk.people import person
from followups.admin import rows
from followups.models import FollowUp
from followups.states import LIVE, OWED, Status

NEXT, NEWEST = 6, 5


def context(request: HttpRequest) -> dict[str, Any]:
    """Return the tiles, what is next, and what is newest, of the follow-ups that the person may see."""
    user, now = person(request), clock.now()
    midnight = rows.end_of_day(now, timezone.get_current_timezone())
    conditions = {
        "overdue": rows.due_q("overdue", now, midnight),
        "today": rows.due_q("today", now, midnight),
        "untaken": rows.due_q("untaken", now, midnight),
        "told": Q(status=Status.TOLD),
    }
    found = access.visible(user, FollowUp)
    live = found.filter(status__in=LIVE)  # what is over is never read for this page: it grows without end
    counted = live.aggregate(
        **{key: Count("pk", filter=condition) for key, condition in conditions.items()},
        **{
            f"my_{key}": Count("pk", filter=condition & Q(assignee=user))
            for key, condition in conditions.items()
        },
    )
    labels = {
        "overdue": (_("Overdue"), "is-red", "?due=overdue"),
        "today": (_("Due today"), "is-amber", "?due=today"),
        "untaken": (_("Not taken yet"), "", "?due=untaken"),
        "told": (_("Waiting for the customer"), "", "?stands=told"),
    }
    owed = rows.for_rows(found.filter(status__in=OWED))
    upcoming = list(owed.filter(assignee=user).order_by(*rows.SOONEST)[:NEXT])
    mine = bool(upcoming)
    if not mine:
        upcoming = list(owed.order_by(*rows.SOONEST)[:NEXT])
    shown = [one.pk for one in upcoming]
    newest = rows.for_rows(live.exclude(pk__in=shown)).order_by("-opened_at", "-pk")[:NEWEST]
    address = reverse("admin:followups_followup_changelist")
    return {
        "tiles": [
            {
                "label": label,
                "count": counted[key],
                "mine": counted[f"my_{key}"],
                "look": look if counted[key] else "",
                "url": address + query,
                "key": key,
            }
            for key, (label, look, query) in labels.items()
        ],
        "mine": mine,
        "next": [rows.row(one, now, user) for one in upcoming],
        "newest": [rows.row(one, now, user) for one in newest],
        "url": address,
    }


first_page.put(first_page.Block(10, "followups/desk/today.html", context))
