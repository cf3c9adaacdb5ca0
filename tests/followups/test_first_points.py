"""The first points, opened all at once, are those that the plain way opens one by one."""

from typing import Any

import pytest

from feedback import clock
from feedback.models import Department
from followups import opening, points
from followups.models import Evidence, FollowUp, Point, RoutingRule
from surveys import default_survey
from surveys.models import Response
from tests import factories

pytestmark = pytest.mark.django_db

SAID: list[dict[str, Any]] = [
    {"outcome": "no"},
    {"outcome": "partly", "ease": 7},
    {"outcome": "yes", "ease": 2},
    {"outcome": "no", "ease": 1, "reasons": ["charge", "too_slow", "unsafe"]},
    {"outcome": "no", "reasons": ["other"], "words": "It caught fire."},
    {"outcome": "yes", "words": "It caught fire."},
    {"outcome": "no", "person": 1, "reasons": ["wrong_information"]},
    {"outcome": "yes", "person": 2},
    {"outcome": "no", "reasons": ["charge", "had_to_repeat", "product_fault"], "ease": 3, "person": 1},
]


@pytest.fixture
def billing():
    return factories.DepartmentFactory(
        slug="billing", deputy=factories.UserFactory(), head=factories.UserFactory()
    )


def _nothing(world):
    pass


def _rules(world):
    RoutingRule.objects.create(position=1, reason="charge", department=world["billing"])
    RoutingRule.objects.create(position=2, about_person=True, department=world["billing"])
    RoutingRule.objects.create(position=3, product="K2", department=world["retired"])
    RoutingRule.objects.create(
        position=4, channel="phone", case_department=world["case"], department=world["billing"]
    )


def _retired_department(world):
    world["case"].retired_at = clock.now()
    world["case"].save()


def _owner_left(world):
    for department in (world["case"], world["billing"]):
        department.owner.is_active = False
        department.owner.save()


def _fallback_served(world):
    world["case"].retired_at = clock.now()
    world["case"].save()
    Department.objects.filter(is_fallback=True).update(owner=world["billing"].owner)


WORLDS = [_nothing, _rules, _retired_department, _owner_left, _fallback_served]


def rows_of(response: Response) -> dict[str, Any]:
    """What was opened, without ids and without the order in which sister follow-ups were."""
    found = {}
    for row in FollowUp.objects.filter(response=response):
        found[row.department.slug] = {
            **{
                f.attname: getattr(row, f.attname)
                for f in FollowUp._meta.concrete_fields
                if f.name not in IDS
            },
            "points": [
                {f.attname: getattr(one, f.attname) for f in Point._meta.concrete_fields if f.name not in IDS}
                | {"evidence": sorted(behind(one))}
                for one in row.points.order_by("pk")
            ],
            "journal": [
                (entry.kind, entry.at, entry.by, entry.point and entry.point.key, entry.data)
                for entry in row.journal.order_by("pk")
            ],
        }
    return found


IDS = ("id", "response", "customer", "follow_up")


def behind(point: Point) -> list[tuple[str, str]]:
    rows = Evidence.objects.filter(point=point)
    return list(rows.values_list("answer__question__kind", "reason"))


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("said", SAID, ids=lambda said: "-".join(said))
def test_the_rows_are_those_of_the_plain_way(time_machine, monkeypatch, billing, world, said):
    time_machine.move_to("2026-05-04T09:00:00Z", tick=False)
    factories.fallback()
    served = factories.IdentityFactory(user=billing.owner)
    case = factories.DepartmentFactory(slug="case")
    retired = factories.DepartmentFactory(slug="retired", retired_at=clock.now())
    world({"billing": billing, "case": case, "retired": retired})
    default_survey.ensure()
    made = []
    for way in (lambda response_id, now: False, opening.open_first):
        monkeypatch.setattr(points.opening, "open_first", way)
        resolution = factories.ResolutionFactory(
            department=Department.objects.get(slug="case"), served_by=served, product="K2", channel="phone"
        )
        made.append(rows_of(factories.answer(factories.invitation(resolution), **said)))
    plain, ours = made
    assert ours
    if (
        "person" in said
    ):  # step by step somebody is chosen before the word about a person, and another after it
        for one in (*plain.values(), *ours.values()):
            one["journal"] = [entry for entry in one["journal"] if entry[0] not in ("assigned", "opened")]
            one["notice_at"] = None
    assert ours == plain


def test_a_response_that_has_points_is_left_to_the_plain_way():
    response = factories.answer(outcome="no")
    before = rows_of(response)
    assert not opening.open_first(response.pk, clock.now())
    assert rows_of(response) == before


def test_a_response_with_nothing_negative_asks_for_nothing():
    response = factories.answer(outcome="yes")
    assert opening.open_first(response.pk, clock.now())
    assert not rows_of(response)


def test_the_first_negative_answer_takes_few_statements(django_assert_max_num_queries):
    asked = factories.invitation()
    factories.answer(factories.invitation(), outcome="no")
    with django_assert_max_num_queries(
        11
    ):  # BEGIN and COMMIT, a savepoint and its end, answer, lock, one read, four writes
        factories.answer(asked, outcome="no", reasons=["charge", "too_slow"])
