"""What following up adds to the demo: rules that send points to who can mend them, and whom to look at."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from feedback.demo import registry
from feedback.models import Department
from followups.models import FollowUp, RoutingRule
from followups.states import OWED, PointStatus, Status

# position, reason, department of the case, department that can mend it
RULES = (
    (10, "charge", None, "billing"),
    (20, "product_fault", "dining-room", "kitchen"),
    (30, "product_fault", "car-hire", "workshop"),
)


def rules(departments: dict[str, Department]) -> None:
    for position, reason, case_department, department in RULES:
        RoutingRule.objects.get_or_create(
            position=position,
            defaults={
                "reason": reason,
                "case_department": departments[case_department] if case_department else None,
                "department": departments[department],
            },
        )


def told(limit: int) -> Iterable[int]:
    """Customers who were told what became of a point and have not said whether it is fixed."""
    rows = FollowUp.objects.filter(status=Status.TOLD, points__status=PointStatus.TOLD).order_by(
        "-told_at", "-id"
    )
    return list(dict.fromkeys(rows.values_list("customer_id", flat=True)))[:limit]


def worked_on(limit: int) -> Iterable[int]:
    """Customers whose complaint somebody has, and has not answered yet."""
    rows = FollowUp.objects.filter(status__in=OWED).order_by("-opened_at", "-id")
    return list(dict.fromkeys(rows.values_list("customer_id", flat=True)[: limit * 2]))[:limit]


def confirmed(limit: int) -> Iterable[int]:
    rows = FollowUp.objects.filter(status=Status.CONFIRMED).order_by("-told_at", "-id")
    return list(dict.fromkeys(rows.values_list("customer_id", flat=True)[: limit * 2]))[:limit]


def register() -> None:
    registry.rows(rules)
    registry.group(20, "told", _("Told, and asked: is it fixed?"), told)
    registry.group(30, "owed", _("Waiting to hear from us"), worked_on)
    registry.group(40, "confirmed", _("Fixed, they say"), confirmed)
