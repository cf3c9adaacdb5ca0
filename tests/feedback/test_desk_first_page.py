"""The first page: what is due for this person; for managers also how the loop and its machinery stand."""

from datetime import timedelta

import pytest

from feedback import clock, loop, outbox
from feedback.models import DepartmentAlias, Heartbeat, Message, Pause
from feedback.models.messages import State
from feedback.models.staff import Role
from followups import customer
from followups.models import FollowUp
from tests import factories
from tests.desk import Desk, complaint, text
from tests.followups.stories import reply, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return Desk(factories.UserFactory(roles=[Role.MANAGER]))


def tiles(answer):
    block = next(block for block in answer.context["blocks"] if "today" in block["template"])
    return {tile["key"]: (tile["count"], tile["mine"]) for tile in block["context"]["tiles"]}


def queued(**changed):
    contact = factories.contact(factories.CustomerFactory(email=""), "email", "a@home.example")
    message = outbox.enqueue(
        send_key="k",
        purpose="message",
        channel="email",
        language="en",
        subject="s",
        text="t",
        html="<p>t</p>",
        contact=contact,
    )
    Message.objects.filter(pk=message.pk).update(**changed)
    return message


def test_each_tile_counts_what_the_person_sees_and_what_is_theirs():
    department = factories.DepartmentFactory()
    overdue, other = complaint(department), complaint(department)
    complaint(factories.DepartmentFactory())
    FollowUp.objects.filter(pk=overdue.pk).update(next_due_at=clock.now() - timedelta(hours=1))
    FollowUp.objects.filter(pk=other.pk).update(assignee=factories.UserFactory())
    found = tiles(Desk(department.owner).get("/admin/"))
    assert found["overdue"] == (1, 1)
    assert found["untaken"] == (2, 1)
    assert found["told"] == (0, 0)


def told_and_confirmed(follow_up):
    written = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(written, "fixed"))


def test_the_loop_and_the_machinery_are_for_managers(manager):
    department = factories.DepartmentFactory()
    complaint(department)
    assert "The loop in the last 30 days" in text(manager.get("/admin/"))
    says = text(Desk(department.owner).get("/admin/"))
    assert "The loop in the last 30 days" not in says
    assert "heartbeat" not in says


def test_the_loop_counts_from_case_to_confirmation(manager):
    complaint(factories.DepartmentFactory())
    keys = [count.key for count in loop.counts()]
    assert keys[0] == "resolutions"
    assert keys.index("asked") < keys.index("answered") < keys.index("confirmed")
    assert {count.key: count.value for count in loop.counts()}["resolutions"] == 1
    assert 'data-count="resolutions"' in text(manager.get("/admin/"))


def test_the_first_page_counts_the_last_30_days_but_all_that_is_being_worked_on(manager, time_machine):
    department = factories.DepartmentFactory()
    time_machine.move_to("2026-01-10T10:00:00Z", tick=False)
    old, _left = complaint(department), complaint(department)
    told_and_confirmed(old)
    time_machine.move_to("2026-03-10T10:00:00Z", tick=False)
    complaint(department)
    new = complaint(department)
    told_and_confirmed(new)
    block = next(one for one in manager.get("/admin/").context["blocks"] if "loop" in one["template"])
    assert {count.key: count.value for count in block["context"]["counts"]} == {
        "resolutions": 2,
        "asked": 2,
        "sent": 0,
        "answered": 2,
        "negative": 2,
        "owed": 2,
        "told": 1,
        "confirmed": 1,
    }
    assert {count.key: count.value for count in loop.counts()} == {
        "resolutions": 4,
        "asked": 4,
        "sent": 0,
        "answered": 4,
        "negative": 4,
        "owed": 2,
        "told": 2,
        "confirmed": 2,
    }


def test_a_silent_worker_is_told(manager):
    assert "No worker has answered yet" in text(manager.get("/admin/"))
    beat = Heartbeat.objects.create(name="worker", sent_at=clock.now(), ran_at=clock.now())
    assert "Workers are working" in text(manager.get("/admin/"))
    Heartbeat.objects.filter(pk=beat.pk).update(ran_at=clock.now() - timedelta(minutes=10))
    assert "No worker answers" in text(manager.get("/admin/"))


def test_what_wants_a_person_is_told(manager):
    factories.IdentityFactory()
    DepartmentAlias.objects.create(slug="spare-parts")
    queued(state=State.IN_DOUBT)
    Pause.objects.create(why="importing 2019")
    says = text(manager.get("/admin/"))
    for line in (
        "1 message is in doubt",
        "1 staff name is not linked",
        "1 department name is not linked",
        "importing 2019",
    ):
        assert line in says


def test_a_late_message_is_told(manager):
    queued(due_at=clock.now() - timedelta(hours=1))
    assert "1 message is late" in text(manager.get("/admin/"))


@pytest.mark.rule("R13")
def test_it_counts_and_shows_nothing_of_what_the_reader_served(manager):
    department = factories.DepartmentFactory()
    complaint(department, served_by=factories.IdentityFactory(user=manager.user), name="Anna Secret")
    answer = manager.get("/admin/")
    assert tiles(answer)["untaken"] == (0, 0)
    assert "Anna Secret" not in text(answer)
