"""One follow-up on one screen: what the customer said, what is due, what was tried, and who may look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import clock
from feedback.models.staff import Role
from followups import customer, promises, replies, services
from followups.replies import Part
from tests import factories
from tests.desk import Desk, complaint, do, page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return factories.DepartmentFactory(slug="workshop", time_zone="Europe/Amsterdam")


@pytest.mark.rule("R15")
def test_everything_that_is_known_stands_on_one_page(department):
    served_by = factories.IdentityFactory(user=factories.UserFactory(first_name="Sam", last_name="Served"))
    anna = factories.CustomerFactory(name="Anna")
    case = factories.CaseFactory(customer=anna, external_id="T-99", department=department)
    asked = factories.invitation(
        case=case,
        department=department,
        served_by=served_by,
        product="WM-700",
        order_ref="A-1",
        channel="phone",
        resolution_text="Replaced the seal.",
    )
    follow_up = factories.answer(
        asked, outcome="no", ease=2, reasons=["too_slow"], words="It leaks!"
    ).follow_ups.get()
    says = text(Desk(department.owner).get(page(follow_up)))
    for fact in (
        "It leaks!",
        "2 of 7",
        "It took too long",
        "T-99",
        "WM-700",
        "A-1",
        "phone",
        "Replaced the seal.",
    ):
        assert fact in says
    assert "Sam Served" in says
    assert says.index("It leaks!") < says.index("What there is to mend")


@pytest.mark.rule("R15")
def test_an_earlier_answer_is_shown_beside_the_present_one(department):
    asked = factories.invitation(department=department)
    factories.answer(asked, outcome="no")
    response = factories.answer(asked, outcome="partly")
    assert "before: No" in text(Desk(department.owner).get(page(response.follow_ups.get())))


@pytest.mark.rule("R39")
def test_of_sister_follow_ups_only_department_points_and_state_are_shown(department):
    billing = factories.DepartmentFactory(slug="billing")
    follow_up = complaint(department, outcome="no", reasons=["too_slow", "charge"], words="Both!")
    sister = services.transfer(
        follow_up.pk, department.owner, billing, [follow_up.points.get(key="charge").pk]
    )
    services.note(sister.pk, billing.owner, "an inner secret of billing")
    replies.reply(
        sister.pk, billing.owner, {sister.points.get().pk: Part("found it", "did it", "changed it")}
    )
    says = text(Desk(department.owner).get(page(follow_up)))
    assert "Billing" in says
    assert "The price or a charge" in says
    assert "inner secret" not in says
    assert "found it" not in says
    assert page(sister) not in says


def test_what_the_customer_writes_is_read_by_every_department_of_the_response(department):
    billing = factories.DepartmentFactory(slug="billing")
    follow_up = complaint(department, outcome="no", reasons=["too_slow", "charge"])
    sister = services.transfer(
        follow_up.pk, department.owner, billing, [follow_up.points.get(key="charge").pk]
    )
    customer.write_back(follow_up.response, "Hello? Anybody there?")
    for who, what in ((department.owner, follow_up), (billing.owner, sister)):
        assert text(Desk(who).get(page(what))).count("Hello? Anybody there?") == 1


@pytest.mark.rule("R40")
def test_whatever_was_typed_is_shown_as_text(department):
    nasty = "<script>alert(1)</script>{{ 7|add:7 }}\"'"
    follow_up = complaint(department, name=nasty, outcome="no", words=nasty)
    staff = department.owner
    services.note(follow_up.pk, staff, nasty)
    services.split(follow_up.pk, staff, follow_up.points.get().pk, [nasty, "two"])
    promises.promise(follow_up.pk, staff, nasty, clock.now() + timedelta(days=1))
    desk = Desk(staff)
    for address in (page(follow_up), "/admin/", "/admin/followups/followup/", "/admin/surveys/response/"):
        says = text(desk.get(address))
        assert "<script>alert(1)" not in says
        assert "&lt;script&gt;alert(1)" in says
        assert "14" not in says.split("alert(1)", 1)[1][:60]


def test_the_clock_speaks_in_plain_words(department, time_machine):
    time_machine.move_to("2026-11-18T09:00:00Z", tick=False)
    follow_up = complaint(department)
    desk = Desk(department.owner)
    assert "First contact: due tomorrow 10:00" in text(desk.get(page(follow_up)))  # by the clock of Amsterdam
    time_machine.move_to("2026-11-19T12:30:00Z", tick=False)
    assert "First contact: overdue by 3 h" in text(desk.get(page(follow_up)))


def test_it_says_when_the_customer_has_the_last_word(department):
    follow_up = complaint(department)
    parts = {point.pk: Part("a", "b", "c") for point in follow_up.points.all()}
    replies.reply(follow_up.pk, department.owner, parts)
    replies.log_call(follow_up.pk, department.owner, "we spoke")
    says = text(Desk(department.owner).get(page(follow_up)))
    assert "Waiting for the customer" in says
    assert "What changes for you" in says


def test_more_of_everything_costs_no_more_queries(department):
    follow_up = complaint(department, outcome="no", reasons=["too_slow"])
    staff = department.owner
    desk = Desk(staff)

    def more():
        services.note(follow_up.pk, staff, "a note")
        services.write(follow_up.pk, staff, "a message")
        customer.write_back(follow_up.response, "an answer")
        promises.promise(follow_up.pk, staff, "a promise", clock.now() + timedelta(days=1))
        services.split(follow_up.pk, staff, follow_up.points.first().pk, ["this", "and that"])

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert desk.get(page(follow_up)).status_code == 200
        return len(found)

    more()
    desk.get(page(follow_up))
    few = queries()
    for _ in range(5):
        more()
    assert queries() == few


@pytest.mark.rule("R29")
def test_no_page_shows_a_personal_link(department):
    follow_up = complaint(department)
    services.write(follow_up.pk, department.owner, "a message")
    from feedback import links, outbox
    from feedback.models import Message

    message = Message.objects.get()
    secret = links.token(follow_up.response.link, strong=True)
    assert secret in outbox.rendered(message).text
    manager = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    invitation = follow_up.response.invitation
    for address in (
        page(follow_up),
        f"/admin/feedback/message/{message.pk}/change/",
        "/admin/feedback/message/",
        f"/admin/surveys/invitation/{invitation.pk}/change/",
        f"/admin/surveys/response/{follow_up.response_id}/change/",
        f"/admin/feedback/customer/{follow_up.customer_id}/change/",
    ):
        says = text(manager.get(address))
        assert secret not in says
        assert links.token(invitation.link, strong=True) not in says
        assert "/f/" not in says
        assert "/s/" not in says.replace("/static/", "")


@pytest.mark.rule("R13")
@pytest.mark.rule("R39")
@pytest.mark.parametrize("who", ["outsider", "served"])
def test_for_others_the_page_its_history_and_every_deed_are_404(who, department):
    served = factories.UserFactory(roles=[Role.MANAGER])
    department.head = served
    department.save()
    follow_up = complaint(department, served_by=factories.IdentityFactory(user=served))
    desk = Desk(served if who == "served" else factories.DepartmentFactory().owner)
    assert desk.get(page(follow_up)).status_code == 404
    assert desk.get(page(follow_up).replace("change", "history")).status_code == 404
    for name in (
        "take",
        "note",
        "write",
        "promise",
        "assign",
        "transfer",
        "split",
        "reply",
        "call",
        "withdraw",
    ):
        assert desk.post(do(follow_up, name), {"text": "x"}).status_code == 404
    follow_up.refresh_from_db()
    assert follow_up.status == "open"
    assert not follow_up.journal.filter(by="staff").exists()


def test_an_executive_reads_and_is_offered_nothing(department):
    follow_up = complaint(department)
    executive = factories.UserFactory(roles=[Role.EXECUTIVE])
    assert Desk(executive).get(page(follow_up)).status_code == 404
    services.assign(follow_up.pk, department.owner, executive)
    assert Desk(executive).get(page(follow_up)).status_code == 200


def test_its_history_is_the_journal_on_the_page(department):
    follow_up = complaint(department)
    answer = Desk(department.owner).get(page(follow_up).replace("change", "history"))
    assert answer["Location"] == page(follow_up) + "#talk"
