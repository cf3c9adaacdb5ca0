"""Whose a point is: ordered rules, first match; else the reason's department, the case's, the fallback (R12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from feedback.models import Department, Resolution
from followups.models import RoutingRule
from surveys.models import Response
from surveys.published import PublishedVersion
from surveys.published import version as version_of

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


@dataclass(frozen=True)
class Router:
    """Says whose each point of one response is.

    Attributes:
        resolution: the snapshot of department, product and channel that the customer was asked about.
        rules: in order; the first whose given fields all match decides.
        version: what was asked: it may name a department for a reason.
        departments: by id: at least those that ``version`` names, and the fallback.
    """

    resolution: Resolution
    rules: Sequence[RoutingRule]
    version: PublishedVersion
    departments: Mapping[int, Department]

    def route(self, key: str, about_person: bool) -> Route:
        """Return whose a point is.

        Args:
            key: the point's reason.
            about_person: whether it is about the person who served.

        Raises:
            Department.DoesNotExist: there is no fallback department.
        """
        for rule in self.rules:
            if _matches(rule, key, about_person, self.resolution):
                return Route(rule.department, BY_RULE, rule)
        named = self.departments.get(self.version.departments.get(key, 0))
        for department, by in ((named, BY_REASON), (self.resolution.department, BY_CASE)):
            if department is not None and department.retired_at is None:
                return Route(department, by)
        fallback = next((one for one in self.departments.values() if one.is_fallback), None)
        if fallback is None:
            raise Department.DoesNotExist("there is no fallback department")
        return Route(fallback, BY_FALLBACK)


def router(response: Response) -> Router:
    """Return the router of a response, from what is in force now."""
    version = version_of(response.version_id)
    named = Department.objects.filter(Q(pk__in=set(version.departments.values())) | Q(is_fallback=True))
    return Router(response.invitation.resolution, rules_in_force(), version, {one.pk: one for one in named})


def _matches(rule: RoutingRule, key: str, about_person: bool, resolution: Resolution) -> bool:
    return (
        (not rule.reason or rule.reason == key)
        and (rule.about_person is None or rule.about_person == about_person)
        and (rule.case_department_id is None or rule.case_department_id == resolution.department_id)
        and (not rule.product or rule.product == resolution.product)
        and (not rule.channel or rule.channel == resolution.channel)
    )
