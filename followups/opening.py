"""The first points of a response: all that its negative answers ask for, in one read and four writes.

This is what a customer waits for after pressing "no". What comes later (more reasons, a changed mind) goes the plain
way in ``followups.points``, which does the same step by step; ``tests/followups/test_first_points.py`` holds both to
the same rows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from feedback import bulk
from feedback.models import Department, Resolution, User
from followups import assignment, due, journal, routing
from followups.models import Evidence, FollowUp, JournalEntry, Point, RoutingRule
from followups.states import Event, Severity
from followups.wanted import Wanted, said, wanted
from surveys import published

# The departments are those that a point can come to; with each go the three who come first in its chain. Cast to
# text, because that is how Django's connections are handed JSON anyway.
_READ = """
    SELECT p.version_id, p.customer_id, r.department_id, r.product, r.channel, s.user_id,
        EXISTS (SELECT FROM followups_point WHERE response_id = p.id),
        (SELECT count(*) FROM surveys_answer WHERE response_id = p.id AND superseded_at IS NULL),
        (SELECT json_agg(json_build_array(a.id, a.question_id, a.negative, a.chosen, a.answered_at) ORDER BY a.id)
            FROM surveys_answer a WHERE a.response_id = p.id AND a.negative <> '')::text,
        (SELECT json_agg(json_build_array(u.id, u.reason, u.about_person, u.case_department_id, u.product, u.channel,
            u.department_id) ORDER BY u.position)
            FROM followups_routingrule u JOIN feedback_department d ON d.id = u.department_id
            WHERE d.retired_at IS NULL)::text,
        (SELECT json_agg(json_build_array(d.id, d.is_fallback, d.retired_at, o.id, o.is_active, e.id,
                e.is_active, h.id, h.is_active))
            FROM feedback_department d
            LEFT JOIN feedback_user o ON o.id = d.owner_id
            LEFT JOIN feedback_user e ON e.id = d.deputy_id
            LEFT JOIN feedback_user h ON h.id = d.head_id
            WHERE d.is_fallback OR d.id = r.department_id OR d.id IN (
                SELECT department_id FROM followups_routingrule
                UNION ALL SELECT c.department_id FROM surveys_choice c JOIN surveys_question q ON q.id = c.question_id
                WHERE q.version_id = p.version_id AND c.department_id IS NOT NULL))::text
    FROM surveys_response p
    JOIN surveys_invitation i ON i.id = p.invitation_id
    JOIN feedback_resolution r ON r.id = i.resolution_id
    LEFT JOIN feedback_staffidentity s ON s.id = r.served_by_id
    WHERE p.id = %s
"""


@dataclass
class _Task:
    """A follow-up in the making, with its points and the evidence behind each."""

    row: FollowUp
    points: list[tuple[Wanted, Point]] = field(default_factory=list)


def open_first(response_id: int, now: datetime) -> bool:
    """Open the follow-ups and points that a locked response's negative answers ask for.

    Returns:
        Whether that is all there was to do: False, with nothing done, if the response has points already.

    Raises:
        Department.DoesNotExist: there is no fallback department.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [response_id])
        row = cursor.fetchone()
    (
        version_id,
        customer_id,
        department_id,
        product,
        channel,
        served,
        has_points,
        current,
        unhappy,
        rules,
        found,
    ) = row
    if has_points or unhappy is None:
        return not has_points
    version = published.version(version_id)
    departments = {one.pk: one for one in map(_department, json.loads(found))}
    resolution = Resolution(department=departments.get(department_id), product=product, channel=channel)
    router = routing.Router(
        resolution, [_rule(one, departments) for one in json.loads(rules or "[]")], version, departments
    )
    tasks: dict[int, _Task] = {}
    for want in wanted([_said(version, one) for one in json.loads(unhappy)]):
        route = router.route(want.key, want.about_person)
        task = tasks.setdefault(route.department.pk, _Task(FollowUp(department=route.department)))
        task.points.append((want, _point(response_id, want, route)))
    for task in tasks.values():
        _begin(task, response_id, customer_id, served, now, in_a_hurry=current > 1)
    _save(list(tasks.values()), now)
    return True


def _begin(
    task: _Task, response_id: int, customer_id: int, served: int | None, now: datetime, *, in_a_hurry: bool
) -> None:
    follow_up, wants = task.row, [want for want, _ in task.points]
    follow_up.response_id, follow_up.customer_id, follow_up.opened_at = response_id, customer_id, now
    follow_up.assignee = assignment.choose(
        follow_up.department,
        served_user_id=served,
        about_person=any(want.about_person for want in wants),
    )
    follow_up.severity = Severity.SAFETY if any(want.hazard for want in wants) else Severity.NORMAL
    follow_up.next_due_at = due.at_first([want.opened_at for want in wants])
    if follow_up.assignee_id is not None:
        # The notice waits for the rest of the answers, not for anything else; a hazard waits for nothing (R5).
        waits = not in_a_hurry and follow_up.severity != Severity.SAFETY
        follow_up.notice_at = now + timedelta(seconds=settings.NOTICE_DELAY_SECONDS if waits else 0)


def _save(tasks: Sequence[_Task], now: datetime) -> None:
    bulk.insert(task.row for task in tasks)
    for task in tasks:
        for _, point in task.points:
            point.follow_up = task.row
    bulk.insert(point for task in tasks for _, point in task.points)
    bulk.insert(entry for task in tasks for entry in _entries(task, now))
    bulk.insert(
        Evidence(point=point, answer_id=answer_id, reason=reason)
        for task in tasks
        for want, point in task.points
        for answer_id, reason in want.evidence
    )


def _entries(task: _Task, now: datetime) -> Iterator[JournalEntry]:
    follow_up = task.row
    yield journal.entry(follow_up, Event.OPENED, now, data={"assignee": follow_up.assignee_id})
    is_raised = False
    for want, point in task.points:
        yield journal.entry(follow_up, Event.POINT_ADDED, now, by_customer=True, point=point)
        if want.hazard and not is_raised:
            is_raised = True
            data = {"from": Severity.NORMAL, "to": Severity.SAFETY}
            yield journal.entry(follow_up, Event.SEVERITY_RAISED, now, data=data)


def _point(response_id: int, want: Wanted, route: routing.Route) -> Point:
    return Point(
        response_id=response_id,
        key=want.key,
        about_person=want.about_person,
        rule=route.rule,
        routed_by=route.by,
        opened_at=want.opened_at,
    )


def _said(version: published.PublishedVersion, one: Sequence[Any]) -> Any:
    answer_id, question_id, negative, chosen, answered_at = one
    return said(version, answer_id, question_id, negative, chosen, datetime.fromisoformat(answered_at))


def _department(one: Sequence[Any]) -> Department:
    pk, is_fallback, retired_at, *people = one
    department = Department(pk=pk, is_fallback=is_fallback, retired_at=retired_at)
    department.owner, department.deputy, department.head = map(_person, people[0::2], people[1::2])
    return department


def _person(pk: int | None, is_active: bool | None) -> Any:
    return User.from_db(connection.alias, ("id", "is_active"), (pk, is_active)) if pk else None


def _rule(one: Sequence[Any], departments: Mapping[int, Department]) -> RoutingRule:
    pk, reason, about_person, case_department_id, product, channel, department_id = one
    return RoutingRule(
        pk=pk,
        reason=reason,
        about_person=about_person,
        case_department_id=case_department_id,
        product=product,
        channel=channel,
        department=departments[department_id],
    )
