"""The owner's list: what is due next stands first, counted and found without a query per row."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import clock
from feedback.models import Membership
from feedback.models.staff import Role
from followups import promises, replies, services
from followups.models import FollowUp
from followups.replies import Part
from tests import factories
from tests.desk import LIST, Desk, complaint, page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return factories.DepartmentFactory(slug="workshop")


def due_at(follow_up, **delta):
    FollowUp.objects.filter(pk=follow_up.pk).update(next_due_at=clock.now() + timedelta(**delta))
    return follow_up


def shown(answer):
    """The follow-ups of a list, in its order."""
    return [row.follow_up for row in answer.context["rows"]]


def told(follow_up, staff):
    parts = {point.pk: Part("a", "b", "c") for point in follow_up.points.all()}
    replies.reply(follow_up.pk, staff, parts)
    replies.log_call(follow_up.pk, staff, "spoke")
    return follow_up


def test_overdue_comes_first_then_what_is_due_next(department):
    later, overdue, soon = (complaint(department) for _ in range(3))
    due_at(later, days=2)
    due_at(overdue, hours=-3)
    due_at(soon, hours=1)
    answer = Desk(department.owner).get(LIST)
    assert shown(answer) == [overdue, soon, later]
    assert "overdue by 3 h" in text(answer)


def test_a_row_says_in_plain_words_what_is_due_and_why(department):
    follow_up = complaint(department, outcome="no", words="Still <b>broken</b>")
    desk = Desk(department.owner)
    assert desk.get(LIST).context["rows"][0].what == "first contact"
    services.write(follow_up.pk, department.owner, "We look into it.")
    assert desk.get(LIST).context["rows"][0].what == "tell the customer"
    promises.promise(follow_up.pk, department.owner, "A call", clock.now() + timedelta(minutes=30))
    answer = desk.get(LIST)
    assert answer.context["rows"][0].what == "promise to keep"
    assert "Still &lt;b&gt;broken&lt;/b&gt;" in text(answer)


def test_without_words_a_row_shows_the_points(department):
    complaint(department, outcome="no", reasons=["too_slow"])
    assert "It took too long" in text(Desk(department.owner).get(LIST))


def test_what_is_owed_is_shown_unless_another_tab_is_chosen(department):
    owed, waiting = complaint(department), told(complaint(department), department.owner)
    desk = Desk(department.owner)
    assert shown(desk.get(LIST)) == [owed]
    assert shown(desk.get(LIST, {"stands": "told"})) == [waiting]
    assert set(shown(desk.get(LIST, {"stands": "all"}))) == {owed, waiting}
    counts = {str(tab.label): tab.count for tab in desk.get(LIST).context["tabs"]}
    assert counts == {
        "Owed": 1,
        "Waiting for the customer": 1,
        "Closed": None,  # what is over grows without end, and is counted only where it is looked at
        "Withdrawn": None,
        "All": None,
    }
    tabs = desk.get(LIST, {"stands": "all"}).context["tabs"]
    assert {str(tab.label): tab.count for tab in tabs}["All"] == 2


def test_filters_narrow_the_list_and_its_counts(department):
    member = factories.UserFactory()
    Membership.objects.create(department=department, user=member)
    mine, unsafe = complaint(department), complaint(department, outcome="no", reasons=["unsafe"])
    services.assign(mine.pk, department.owner, member)
    desk = Desk(member)
    assert shown(desk.get(LIST, {"whose": "mine"})) == [mine]
    assert shown(desk.get(LIST, {"severity": "safety"})) == [unsafe]
    assert desk.get(LIST, {"severity": "safety"}).context["tabs"][0].count == 1
    assert shown(desk.get(LIST, {"department": department.pk, "due": "untaken"})) != []
    assert shown(desk.get(LIST, {"department": factories.DepartmentFactory().pk})) == []


def test_due_today_and_overdue_are_told_apart(department, time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    overdue, today, later = (complaint(department) for _ in range(3))
    due_at(overdue, minutes=-1)
    due_at(today, hours=5)
    due_at(later, hours=30)
    desk = Desk(department.owner)
    assert shown(desk.get(LIST, {"due": "overdue"})) == [overdue]
    assert shown(desk.get(LIST, {"due": "today"})) == [today]


@pytest.mark.parametrize("asked", ["anna", "Kowal", "T-ANNA", "drips", "A-2093", "#{pk}", "{pk}"])
def test_it_is_searched_by_customer_case_order_and_number(asked, department):
    customer = factories.CustomerFactory(name="Anna Kowalska")
    case = factories.CaseFactory(customer=customer, external_id="T-ANNA", subject="It drips")
    asked_about = factories.invitation(case=case, department=department, order_ref="A-20931")
    follow_up = factories.answer(asked_about).follow_ups.get()
    # Nothing of the other may hold the number by chance.
    other = factories.CustomerFactory(name="Somebody", email="somebody@home.example")
    other_case = factories.CaseFactory(customer=other, external_id="T-OTHER")
    factories.answer(factories.invitation(case=other_case, department=department))
    found = shown(Desk(department.owner).get(LIST, {"q": asked.format(pk=follow_up.pk)}))
    assert found == [follow_up]


def test_a_search_looks_at_closed_ones_too(department):
    waiting = told(complaint(department, name="Anna"), department.owner)
    assert shown(Desk(department.owner).get(LIST, {"q": "anna"})) == [waiting]


@pytest.mark.parametrize(
    "query",
    [
        {"stands": "x"},
        {"department": "x"},
        {"department": "9" * 40},
        {"department": "²"},
        {"severity": "huge"},
        {"due": "never"},
        {"p": "x"},
        {"p": "-3"},
        {"p": "999"},
        {"q": "\x00"},
        {"q": "%_'\"<script>"},
        {"q": "9" * 300},
        {"whose": "yours"},
    ],
)
def test_whatever_the_address_asks_there_is_a_list(query, department):
    complaint(department)
    answer = Desk(department.owner).get(LIST, query)
    assert answer.status_code == 200
    assert "<script>" not in text(answer).split("<main", 1)[1]


@pytest.mark.rule("R39")
def test_counts_and_departments_are_those_of_the_person(department):
    complaint(department)
    complaint(factories.DepartmentFactory(slug="billing"))
    answer = Desk(department.owner).get(LIST)
    assert answer.context["tabs"][0].count == 1
    assert answer.context["departments"] == [department]
    assert len(Desk(factories.UserFactory(roles=[Role.MANAGER])).get(LIST).context["departments"]) == 3


@pytest.mark.parametrize("address", [LIST, "/admin/"])
@pytest.mark.parametrize("role", ["owner", "manager"])
def test_more_rows_cost_no_more_queries(address, role, department):
    user = department.owner if role == "owner" else factories.UserFactory(roles=[Role.MANAGER])
    desk = Desk(user)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert desk.get(address).status_code == 200
        return len(found)

    for _ in range(3 if address == LIST else 12):  # the first page has two short lists, both with rows
        complaint(department)
    desk.get(address)
    few = queries()
    for _ in range(27):
        complaint(department)
    assert queries() == few
    if address == LIST:
        assert few <= 13


def test_long_lists_have_pages(department):
    for _ in range(31):
        complaint(department)
    desk = Desk(department.owner)
    assert len(shown(desk.get(LIST))) == 30
    second = desk.get(LIST, {"p": "2", "whose": ""})
    assert len(shown(second)) == 1
    assert "2 of 2" in text(second)


def test_an_empty_list_says_so_kindly(department):
    assert "No customer is waiting for you" in text(Desk(department.owner).get(LIST))


def test_the_list_leads_to_the_page(department):
    follow_up = complaint(department)
    assert f'href="{page(follow_up)}"' in text(Desk(department.owner).get(LIST))
