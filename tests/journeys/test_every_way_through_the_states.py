"""A story for each row of DESIGN 5's table that needs no delivery events, each person through their own door."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from feedback import clock, suppression
from feedback.models import Contact
from followups.models import FollowUp, Promise
from tests.journeys.people import Company, CustomerOnPhone, Employee, time_passes


@pytest.fixture(autouse=True)
def audited(company: Company):
    yield
    call_command("audit", stdout=StringIO())


@pytest.fixture
def complaint(company, customer) -> FollowUp:
    """Mei's machine still leaks; the workshop has the follow-up, open."""
    company.help_desk.resolves(customer.address, department="workshop")
    customer.answer("no", reasons=["not_fixed"], words="It still leaks.")
    time_passes()
    return FollowUp.objects.get()


@pytest.fixture
def owner(company) -> Employee:
    return company.owner(company.workshop)


def now_is(follow_up: FollowUp, status: str) -> bool:
    follow_up.refresh_from_db()
    assert follow_up.status == status, (follow_up.status, status)
    return True


def told(owner: Employee, complaint: FollowUp, customer: CustomerOnPhone) -> None:
    owner.reply(complaint)
    assert now_is(complaint, "told")
    customer.tap("/f/")


def test_open_becomes_working_by_the_assignees_first_action(owner, complaint):
    assert now_is(complaint, "open")
    owner.look_at(complaint).press("Keep the note", text="Asked the supplier.")
    assert now_is(complaint, "working")


def test_working_becomes_unreachable_where_every_address_is_blocked(owner, complaint, customer):
    contact = Contact.objects.get(customer=complaint.customer)
    suppression.suppress(bytes(contact.digest), "all", "hard_bounce")
    owner.reply(complaint)
    assert now_is(complaint, "unreachable")
    customer.my_page()
    assert "It stays dry now." in customer.text
    customer.press("write", text="My mailbox is full, please call.")
    assert now_is(complaint, "working")
    owner.reply(complaint)
    assert now_is(complaint, "unreachable")


def test_working_becomes_told_by_a_call_over_the_written_reply(owner, complaint):
    owner.report(complaint)  # and no worker has come by yet
    assert now_is(complaint, "working")
    owner.look_at(complaint).press("Log the call", text="Went through it together.")
    assert now_is(complaint, "told")


def test_told_becomes_confirmed_when_every_point_is_fixed(owner, complaint, customer):
    told(owner, complaint, customer)
    customer.says("fixed")
    assert now_is(complaint, "confirmed")


def test_told_becomes_unconfirmed_after_a_week_of_silence(owner, complaint, customer):
    told(owner, complaint, customer)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        time_passes()
    assert now_is(complaint, "unconfirmed")


@pytest.mark.rule("R17")
def test_not_fixed_returns_to_work_on_the_same_clock(owner, complaint, customer):
    start = clock.now()
    with time_machine.travel(start + timedelta(hours=100)):
        told(owner, complaint, customer)
    with time_machine.travel(start + timedelta(hours=130)):
        customer.tap("/f/").says("not_fixed", missing="Still dripping.")
        assert now_is(complaint, "working")
    left = complaint.next_due_at - (start + timedelta(hours=130))
    assert timedelta(hours=19, minutes=50) < left < timedelta(hours=20, minutes=10)
    owner.look_at(complaint)
    assert "Still dripping." in owner.text
    told(owner, complaint, customer)
    customer.says("fixed")
    assert now_is(complaint, "confirmed")


@pytest.mark.parametrize("state", ["told", "confirmed", "unconfirmed"])
@pytest.mark.parametrize("said", ["not_fixed", "message", "call", "another point"])
def test_whatever_the_customer_still_says_returns_it_to_work(owner, complaint, customer, state, said):
    told(owner, complaint, customer)
    later = clock.now() + timedelta(minutes=1)
    if state == "confirmed":
        customer.says("fixed")
    elif state == "unconfirmed":
        later += timedelta(days=7)
        with time_machine.travel(later):
            time_passes()
    assert now_is(complaint, state)
    with time_machine.travel(later + timedelta(days=1)):
        customer.tap("/f/")
        if said == "not_fixed":
            customer.says("not_fixed")
        elif said == "message":
            customer.press("write", text="One more thing.")
        elif said == "call":
            customer.press("call")
        else:
            customer.answer("partly", reasons=["not_fixed", "too_slow"])
        assert now_is(complaint, "working")


@pytest.mark.parametrize("state", ["unconfirmed", "unreachable"])
def test_a_late_fixed_confirms(owner, complaint, customer, state):
    if state == "unreachable":
        contact = Contact.objects.get(customer=complaint.customer)
        suppression.suppress(bytes(contact.digest), "all", "complaint")
        owner.reply(complaint)
        customer.my_page()
    else:
        told(owner, complaint, customer)
        with time_machine.travel(clock.now() + timedelta(days=8)):
            time_passes()
    assert now_is(complaint, state)
    customer.says("fixed")
    assert now_is(complaint, "confirmed")


@pytest.mark.rule("R19")
def test_a_call_asked_for_is_promised_and_kept_by_the_call(owner, complaint, customer):
    customer.my_page().press("call")
    made = Promise.objects.get()
    assert made.assignee == owner.user and made.kind == "call"
    owner.look_at(complaint)
    owner.press("Log the call", text="Spoke with Mei.", **{f"promise-{made.pk}": "on"})
    made.refresh_from_db()
    assert made.state == "kept"


def test_a_manager_withdraws_with_a_reason_and_nobody_else(company, owner, complaint):
    owner.look_at(complaint)
    assert "Withdraw for good" not in owner.text
    manager = Employee(company.manager).look_at(complaint)
    manager.press("Withdraw for good", reason="wrong_person", text="Another Mei Lin.")
    assert now_is(complaint, "withdrawn") and complaint.withdrawn_reason == "wrong_person"


def test_the_customer_withdraws_the_last_point(complaint, customer):
    customer.my_page()
    point = complaint.points.get()
    customer.open(f"{customer.at.partition('?')[0]}?withdraw={point.pk}").press("withdraw")
    assert now_is(complaint, "withdrawn") and complaint.withdrawn_reason == "customer_withdrew"


def test_handed_over_whole_it_is_merged_into_the_other_departments(company, owner, complaint):
    point = complaint.points.get()
    owner.look_at(complaint)
    owner.press("Hand over", department=str(company.billing.pk), points=[str(point.pk)])
    assert now_is(complaint, "withdrawn") and complaint.withdrawn_reason == "merged"
    assert complaint.merged_into.department == company.billing
    company.owner(company.billing).look_at(complaint.merged_into)


def test_two_departments_one_page_one_told_and_one_still_open(company, customer):
    company.help_desk.resolves(customer.address, department="workshop")
    customer.answer("no", reasons=["not_fixed", "charge"], words="It leaks and I paid twice.")
    time_passes()
    workshop, billing = (FollowUp.objects.get(department=d) for d in (company.workshop, company.billing))
    company.owner(company.workshop).reply(workshop)
    assert now_is(workshop, "told") and now_is(billing, "open")
    customer.tap("/f/")
    assert "It stays dry now." in customer.text
    assert "Workshop" in customer.text and "Billing" in customer.text
    customer.says("fixed")
    assert now_is(workshop, "confirmed") and now_is(billing, "open")


def test_what_is_fixed_stays_fixed_when_the_customer_writes_about_the_rest(company, customer):
    company.help_desk.resolves(customer.address, department="workshop")
    customer.answer("no", reasons=["not_fixed", "charge"])
    time_passes()
    workshop, billing = (FollowUp.objects.get(department=d) for d in (company.workshop, company.billing))
    told(company.owner(company.workshop), workshop, customer)
    customer.says("fixed")
    assert now_is(workshop, "confirmed")
    customer.press("call")
    assert now_is(workshop, "confirmed") and now_is(billing, "open")
    assert Promise.objects.get().follow_up == billing
