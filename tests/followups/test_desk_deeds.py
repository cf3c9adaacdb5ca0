"""What can be done from a follow-up's page, end to end, with bad input too. What was typed is never lost."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback import clock
from feedback.models import Membership, Message
from feedback.models.staff import Role
from followups import promises, replies
from followups.models import FollowUp, Promise, Reply
from followups.replies import Part
from followups.states import PointStatus, PromiseState, Severity, Status
from tests import factories
from tests.desk import LIST, Desk, complaint, do, page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return factories.DepartmentFactory(slug="workshop", time_zone="Europe/Amsterdam")


@pytest.fixture
def follow_up(department):
    return complaint(department, outcome="no", reasons=["too_slow", "not_fixed"])


@pytest.fixture
def desk(department):
    return Desk(department.owner)


def reply_data(follow_up, seen=0, **changed):
    data = {"seen": str(seen)}
    for point in follow_up.points.filter(status=PointStatus.OPEN):
        for part in ("found", "did", "changes"):
            data[f"point-{point.pk}-{part}"] = f"{part} about {point.key}"
    return {**data, **changed}


def offered(answer):
    """The names of the deeds that the page offers."""
    deeds = [deed.kind.name for deed in answer.context["deeds"]]
    return deeds + (["take"] if answer.context["take"] else [])


def test_taking_makes_it_theirs_and_begins_the_work(follow_up, department):
    member = factories.UserFactory()
    Membership.objects.create(department=department, user=member)
    answer = Desk(member).do(follow_up, "take")
    assert answer["Location"] == page(follow_up)
    follow_up.refresh_from_db()
    assert (follow_up.assignee, follow_up.status) == (member, Status.WORKING)
    assert "take" not in offered(Desk(member).get(page(follow_up)))


def test_a_note_is_for_colleagues(follow_up, desk):
    desk.do(follow_up, "note", text="The bearing is worn.")
    answer = desk.get(page(follow_up))
    assert "The bearing is worn." in text(answer)
    assert "note, for colleagues only" in text(answer)
    assert not Message.objects.exists()


def test_what_is_written_goes_to_the_customer(follow_up, desk):
    answer = desk.do(follow_up, "write", text="Which floor do you live on?")
    assert answer.status_code == 302
    assert "Which floor do you live on?" in Message.objects.get().text
    assert "is on its way" in text(desk.get(page(follow_up)))


def test_a_promise_has_a_time_by_the_clock_of_the_department(follow_up, desk, time_machine):
    time_machine.move_to("2026-11-18T09:00:00Z", tick=False)
    point = follow_up.points.first()
    desk.do(follow_up, "promise", text="We call you.", due_at="2026-11-19T15:20", kind="call", point=point.pk)
    made = Promise.objects.get()
    assert made.due_at == datetime(2026, 11, 19, 14, 20, tzinfo=UTC)
    assert (made.kind, made.point) == ("call", point)
    says = text(desk.get(page(follow_up)))
    assert "We call you." in says
    assert "due tomorrow 15:20" in says


def test_it_is_given_to_a_colleague(follow_up, desk, department):
    member = factories.UserFactory(first_name="Tom")
    Membership.objects.create(department=department, user=member)
    assert "Tom" in text(desk.get(page(follow_up)))
    desk.do(follow_up, "assign", to=member.pk)
    follow_up.refresh_from_db()
    assert follow_up.assignee == member
    assert "Assigned to Tom" in text(desk.get(page(follow_up)))


def test_points_are_handed_over_to_the_department_that_can_mend_them(follow_up, desk):
    billing = factories.DepartmentFactory(slug="billing")
    point = follow_up.points.get(key="too_slow")
    answer = desk.do(follow_up, "transfer", department=billing.pk, points=[point.pk])
    assert answer["Location"] == page(follow_up)
    point.refresh_from_db()
    assert point.follow_up.department == billing
    says = text(desk.get(page(follow_up)))
    assert "Other departments on the same answer" in says
    assert "Billing" in says


def test_handing_over_everything_leads_to_what_one_may_still_see(follow_up, desk):
    billing = factories.DepartmentFactory(slug="billing")
    ids = list(follow_up.points.values_list("pk", flat=True))
    answer = desk.do(follow_up, "transfer", department=billing.pk, points=ids)
    assert desk.get(answer["Location"]).status_code == 200
    follow_up.refresh_from_db()
    assert follow_up.status == Status.WITHDRAWN
    assert offered(desk.get(page(follow_up))) == ["note"]


def test_a_point_is_split_line_by_line(follow_up, desk):
    point = follow_up.points.get(key="too_slow")
    desk.do(follow_up, "split", point=point.pk, titles="Nobody called\r\n\r\n  The part was late \n")
    titles = set(follow_up.points.exclude(title="").values_list("title", flat=True))
    assert titles == {"Nobody called", "The part was late"}


@pytest.mark.rule("R23")
def test_a_reply_says_for_every_point_what_was_found_done_and_changes(follow_up, desk):
    answer = desk.post(do(follow_up, "reply"), reply_data(follow_up))
    assert answer["Location"] == page(follow_up)
    reply = Reply.objects.get()
    assert reply.parts.count() == 2
    assert reply.message is not None
    says = text(desk.get(page(follow_up)))
    assert "found about too_slow" in says
    assert "changes about not_fixed" in says


@pytest.mark.rule("R23")
@pytest.mark.parametrize("missing", ["found", "did", "changes"])
@pytest.mark.parametrize("value", ["", "   \n"])
def test_a_reply_with_a_gap_is_refused_beside_the_gap_and_keeps_what_was_typed(
    missing, value, follow_up, desk
):
    point = follow_up.points.first()
    name = f"point-{point.pk}-{missing}"
    answer = desk.post(do(follow_up, "reply"), reply_data(follow_up, **{name: value}))
    assert answer.status_code == 422
    form = answer.context["deeds"][0].form
    assert set(form.errors) == {name}
    says = text(answer)
    assert "the customer reads this for every point" in says
    assert "found about not_fixed" in says
    assert 'id="deed-reply" open' in says
    assert not Reply.objects.exists()


@pytest.mark.rule("R19")
@pytest.mark.rule("R23")
def test_a_reply_waits_until_every_open_promise_is_ticked_as_kept(follow_up, desk, department):
    made = promises.promise(follow_up.pk, department.owner, "A new seal", clock.now() + timedelta(days=1))
    refused = desk.post(do(follow_up, "reply"), reply_data(follow_up))
    assert refused.status_code == 422
    assert "Keep this promise first" in text(refused)
    assert (
        desk.post(do(follow_up, "reply"), reply_data(follow_up, **{f"promise-{made.pk}": "on"})).status_code
        == 302
    )
    made.refresh_from_db()
    assert made.state == PromiseState.KEPT


@pytest.mark.rule("R23")
def test_a_preview_shows_it_in_the_customers_language_and_sends_nothing(department):
    anna = factories.CustomerFactory(language="zh-hans")
    asked = factories.invitation(case=factories.CaseFactory(customer=anna), department=department)
    response = factories.answer(asked, outcome="no", reasons=["too_slow"])
    response.language = "zh-hans"
    response.save()
    follow_up = response.follow_ups.get()
    desk = Desk(department.owner)
    answer = desk.post(do(follow_up, "reply"), reply_data(follow_up, preview="1"))
    assert answer.status_code == 200
    preview = text(answer).split('class="desk-preview"', 1)[1].split("</section>", 1)[0]
    assert "拖得太久" in preview
    assert "found about too_slow" in preview
    assert 'lang="zh-hans"' in preview
    assert not Reply.objects.exists()


def test_the_same_reply_pressed_twice_is_one(follow_up, desk):
    data = reply_data(follow_up)
    for _ in range(2):
        assert desk.post(do(follow_up, "reply"), data).status_code == 302
    assert Reply.objects.count() == 1


def test_a_reply_written_beside_a_colleagues_is_not_sent_unread(follow_up, desk, department):
    member = factories.UserFactory()
    Membership.objects.create(department=department, user=member)
    parts = {point.pk: Part("x", "y", "z") for point in follow_up.points.all()}
    replies.reply(follow_up.pk, member, parts)
    answer = desk.post(do(follow_up, "reply"), reply_data(follow_up))
    assert answer.status_code == 422
    assert "Somebody replied meanwhile" in text(answer)
    assert "found about too_slow" in text(answer)
    assert Reply.objects.count() == 1


def test_a_call_is_logged_and_tells_what_was_replied(follow_up, desk):
    desk.post(do(follow_up, "reply"), reply_data(follow_up))
    desk.do(follow_up, "call", text="She was glad.")
    follow_up.refresh_from_db()
    assert follow_up.status == Status.TOLD
    names = offered(desk.get(page(follow_up)))
    assert "reply" not in names
    assert "promise" not in names
    assert "write" in names


def test_only_managers_withdraw(follow_up, desk):
    assert "withdraw" not in offered(desk.get(page(follow_up)))
    refused = desk.do(follow_up, "withdraw", reason="wrong_person", text="Another Anna.")
    assert refused.status_code == 302
    assert "Only a manager" in text(desk.get(refused["Location"]))
    manager = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    assert "withdraw" in offered(manager.get(page(follow_up)))
    manager.do(follow_up, "withdraw", reason="wrong_person", text="Another Anna.")
    follow_up.refresh_from_db()
    assert follow_up.status == Status.WITHDRAWN


@pytest.mark.rule("R14")
def test_what_is_about_safety_is_withdrawn_by_the_safety_owner_only(follow_up):
    FollowUp.objects.filter(pk=follow_up.pk).update(severity=Severity.SAFETY)
    manager = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    assert "withdraw" not in offered(manager.get(page(follow_up)))
    assert "withdraw" in offered(Desk(factories.UserFactory(roles=[Role.SAFETY_OWNER])).get(page(follow_up)))


LONG = "x" * 10_001


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("note", {"text": ""}, "text"),
        ("note", {"text": " \u202e "}, "text"),
        ("note", {"text": LONG}, "text"),
        ("write", {}, "text"),
        ("promise", {"text": "x", "due_at": "tomorrow", "kind": "call"}, "due_at"),
        ("promise", {"text": "x", "due_at": "2001-01-01T10:00", "kind": "call"}, "due_at"),
        ("promise", {"text": "x", "due_at": "2027-03-28T02:30", "kind": "call"}, "due_at"),
        ("promise", {"text": "", "due_at": "2099-01-01T10:00", "kind": "call"}, "text"),
        ("promise", {"text": "x", "due_at": "2099-01-01T10:00", "kind": "party"}, "kind"),
        ("promise", {"text": "x", "due_at": "2099-01-01T10:00", "kind": "call", "point": "999999"}, "point"),
        ("assign", {"to": ""}, "to"),
        ("assign", {"to": "999999"}, "to"),
        ("assign", {"to": "x"}, "to"),
        ("transfer", {"department": "", "points": []}, "department"),
        ("transfer", {"department": "x", "points": ["x"]}, "points"),
        ("split", {"point": "", "titles": "a\nb"}, "point"),
        ("split", {"titles": "only one"}, "titles"),
        ("call", {"text": ""}, "text"),
        ("reply", {"seen": "x"}, "seen"),
        ("reply", {}, "seen"),
    ],
)
def test_bad_input_is_said_beside_its_field(name, data, field, follow_up, desk):
    if name == "split" and "point" not in data:
        data = {**data, "point": str(follow_up.points.first().pk)}
    before = follow_up.journal.count()
    answer = desk.do(follow_up, name, **data)
    assert answer.status_code == 422
    deed = next(one for one in answer.context["deeds"] if one.kind.name == name)
    assert field in deed.form.errors
    assert deed.is_open
    assert follow_up.journal.count() == before


def test_somebody_who_served_cannot_be_chosen(department):
    served = factories.UserFactory(first_name="Sam")
    Membership.objects.create(department=department, user=served)
    follow_up = complaint(department, served_by=factories.IdentityFactory(user=served))
    answer = Desk(department.owner).do(follow_up, "assign", to=served.pk)
    assert answer.status_code == 422
    follow_up.refresh_from_db()
    assert follow_up.assignee != served


def test_a_deed_is_posted_and_known(follow_up, desk):
    assert desk.get(do(follow_up, "take")).status_code == 405
    assert desk.post(do(follow_up, "explode")).status_code == 404


def test_the_state_is_edited_by_nobody(follow_up, desk):
    desk.post(page(follow_up), {"status": "confirmed", "_save": "1"})
    follow_up.refresh_from_db()
    assert follow_up.status == Status.OPEN


def test_without_a_token_nothing_is_done(follow_up, department):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(department.owner)
    assert client.post(do(follow_up, "take")).status_code == 403
    assert client.get(LIST).status_code == 200
