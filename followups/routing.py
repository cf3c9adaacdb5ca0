"""Whose a point is: ordered rules, first match; else the reason's department, the case's, the fallback (R12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.models import Department, Resolution
from followups.models import RoutingRule

BY_RULE = "rule"
BY_REASON = "reason"
BY_CASE = "case"
BY_FALLBACK = "fallback"


@dataclass(frozen=True)
class Route:
    """The department, and what led there: the rule, or the name of the default that applied."""

    department: Department
    by: str
    rule: RoutingRule | None = None


def rules_in_force() -> list[RoutingRule]:
    return list(
        RoutingRule.objects.filter(department__retired_at=None)
        .select_related("department")
        .order_by("position")
    )


def route(
    key: str,
    about_person: bool,
    resolution: Resolution,
    reason_department: Department | None,
    rules: Sequence[RoutingRule],
) -> Route:
    """Return whose a point is.

    Args:
        key: the point's reason.
        about_person: whether it is about the person who served.
        resolution: the snapshot of department, product and channel that the customer was asked about.
        reason_department: the department that the survey names for this reason, if any.
        rules: in order; the first whose given fields all match decides.

    Raises:
        Department.DoesNotExist: there is no fallback department.
    """
    for rule in rules:
        if _matches(rule, key, about_person, resolution):
            return Route(rule.department, BY_RULE, rule)
    if reason_department is not None and reason_department.retired_at is None:
        return Route(reason_department, BY_REASON)
    if resolution.department is not None and resolution.department.retired_at is None:
        return Route(resolution.department, BY_CASE)
    return Route(Department.objects.get(is_fallback=True), BY_FALLBACK)


def _matches(rule: RoutingRule, key: str, about_person: bool, resolution: Resolution) -> bool:
    return (
        (not rule.reason or rule.reason == key)
        and (rule.about_person is None or rule.about_person == about_person)
        and (rule.case_department_id is None or rule.case_department_id == resolution.department_id)
        and (not rule.product or rule.product == resolution.product)
        and (not rule.channel or rule.channel == resolution.channel)
    )
