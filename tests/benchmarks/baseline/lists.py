"""The lists of follow-ups as one SELECT each, from the product's own tables: no policy, no filters, no counts."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine

_JOINED = """
    SELECT f.id, f.status, f.severity, f.opened_at, f.next_due_at, f.told_at, d.slug, u.username, c.name, k.external_id,
        r.subject
    FROM followups_followup f
    JOIN feedback_department d ON d.id = f.department_id
    LEFT JOIN feedback_user u ON u.id = f.assignee_id
    JOIN feedback_customer c ON c.id = f.customer_id
    JOIN surveys_response p ON p.id = f.response_id
    JOIN surveys_invitation i ON i.id = p.invitation_id
    JOIN feedback_resolution r ON r.id = i.resolution_id
    JOIN feedback_case k ON k.id = r.case_id
"""
OWED = f"""{_JOINED}
    WHERE f.department_id = %s AND f.status IN ('open', 'working') ORDER BY f.next_due_at LIMIT 30
"""
NEWEST = f"{_JOINED} ORDER BY f.id DESC LIMIT 50"
NEWEST_OF = f"{_JOINED} WHERE f.department_id = %s ORDER BY f.id DESC LIMIT 50"

ROWS = Engine().from_string(
    "<!doctype html><title>Follow-ups</title><ul>{% for row in rows %}<li><a href='/{{ row.id }}'>{{ row.name }}</a> "
    "{{ row.external_id }} {{ row.subject }} {{ row.status }} {{ row.severity }} {{ row.next_due_at }} {{ row.slug }} "
    "{{ row.username }}</li>{% endfor %}</ul>"
)


def owed(request: HttpRequest, department_id: int) -> HttpResponse:
    return HttpResponse(ROWS.render(Context({"rows": _read(OWED, [department_id])})))


def follow_ups(request: HttpRequest) -> HttpResponse:
    of = request.GET.get("department")
    return JsonResponse({"results": _read(NEWEST_OF, [int(of)]) if of else _read(NEWEST, [])})


def _read(sql: str, given: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
