"""Managers keep the house in order at the desk: departments, staff, names, the pause, messages in doubt."""

import pytest

from feedback import clock
from feedback.models import (
    Department,
    DepartmentAlias,
    Membership,
    Message,
    Pause,
    RoleGrant,
    StaffIdentity,
    User,
)
from feedback.models.messages import State
from feedback.models.staff import Role
from tests import factories
from tests.desk import Desk, complaint, text

pytestmark = pytest.mark.django_db

ADMIN = "/admin/feedback/"


@pytest.fixture
def manager():
    return Desk(factories.UserFactory(roles=[Role.MANAGER]))


def inline(prefix, initial=0, *rows):
    """The hidden fields of an inline, and its rows."""
    data = {
        f"{prefix}-TOTAL_FORMS": str(len(rows)),
        f"{prefix}-INITIAL_FORMS": str(initial),
        f"{prefix}-MIN_NUM_FORMS": "0",
        f"{prefix}-MAX_NUM_FORMS": "1000",
    }
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": str(value) for name, value in row.items()}
    return data


def department_data(who, **changed):
    return {
        "name_en": "Workshop",
        "name_zh-hans": "维修车间",
        "slug": "workshop",
        "time_zone": "Europe/Amsterdam",
        "owner": who.pk,
        **inline("memberships"),
        **changed,
    }


def test_a_department_has_a_name_in_each_language_and_members(manager):
    owner, member = factories.UserFactory(), factories.UserFactory()
    data = department_data(owner) | inline("memberships", 0, {"user": member.pk})
    answer = manager.post(ADMIN + "department/add/", data)
    assert answer.status_code == 302
    made = Department.objects.get(slug="workshop")
    assert made.name == {"en": "Workshop", "zh-hans": "维修车间"}
    assert list(made.members.all()) == [member]
    says = text(manager.get(f"{ADMIN}department/{made.pk}/change/"))
    assert 'value="维修车间"' in says
    assert "zh-hans&quot;" not in says


@pytest.mark.parametrize(
    "changed",
    [
        {"name_en": " ", "name_zh-hans": ""},
        {"slug": "front office"},
        {"time_zone": "Mars/Olympus"},
        {"owner": ""},
        {"owner": "999999"},
    ],
)
def test_a_department_with_a_fault_is_refused_with_a_word(changed, manager):
    answer = manager.post(ADMIN + "department/add/", department_data(factories.UserFactory(), **changed))
    assert answer.status_code == 200
    assert "errornote" in text(answer)
    assert not Department.objects.filter(slug="workshop").exists()


def test_only_active_people_are_offered_for_a_department(manager):
    gone = factories.UserFactory(is_active=False)
    answer = manager.post(ADMIN + "department/add/", department_data(gone))
    assert answer.status_code == 200
    assert not Department.objects.filter(slug="workshop").exists()


def test_the_fallback_is_handed_over_in_one_step_and_never_retired(manager):
    old = factories.fallback()
    new = factories.DepartmentFactory(slug="workshop", time_zone="UTC")
    url = f"{ADMIN}department/{new.pk}/change/"
    assert (
        manager.post(url, department_data(new.owner, feedback_department_make_fallback="1")).status_code
        == 302
    )
    assert list(Department.objects.filter(is_fallback=True)) == [new]
    manager.post(url, department_data(new.owner, feedback_department_retire="1"))
    new.refresh_from_db()
    assert new.retired_at is None
    old.refresh_from_db()
    data = department_data(old.owner, slug=old.slug, feedback_department_retire="1")
    manager.post(f"{ADMIN}department/{old.pk}/change/", data)
    old.refresh_from_db()
    assert old.retired_at is not None


def staff_data(user, **changed):
    data = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": "",
        "email": user.email,
        "phone": "",
        "language": "",
        "is_active": "on",
        **inline("role_grants"),
    }
    return {name: value for name, value in (data | changed).items() if value is not None}


def test_a_new_colleague_gets_a_password_and_a_role(manager):
    data = {
        "username": "nina",
        "usable_password": "true",
        "password1": "a long enough secret",
        "password2": "a long enough secret",
        **inline("role_grants", 0, {"role": "executive"}),
    }
    answer = manager.post(ADMIN + "user/add/", data)
    assert answer.status_code == 302
    nina = User.objects.get(username="nina")
    assert nina.check_password("a long enough secret")
    assert not nina.is_superuser
    assert [grant.role for grant in nina.role_grants.all()] == ["executive"]


def test_no_form_hands_out_djangos_own_flags(manager):
    user = factories.UserFactory()
    manager.post(f"{ADMIN}user/{user.pk}/change/", staff_data(user, is_superuser="on", is_staff="on"))
    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.is_staff


@pytest.mark.rule("R12")
def test_whoever_leaves_hands_over_in_the_same_step(manager):
    department = factories.DepartmentFactory()
    member = factories.UserFactory()
    Membership.objects.create(department=department, user=member)
    follow_up = complaint(department)
    Desk(member).do(follow_up, "take")
    answer = manager.post(f"{ADMIN}user/{member.pk}/change/", staff_data(member, is_active=None))
    assert answer.status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.assignee == department.owner


@pytest.mark.rule("R12")
def test_an_owner_hands_over_the_department_first(manager):
    department = factories.DepartmentFactory(name={"en": "Workshop"})
    answer = manager.post(
        f"{ADMIN}user/{department.owner_id}/change/", staff_data(department.owner, is_active=None)
    )
    assert answer.status_code == 200
    assert "Hand over first: Workshop." in text(answer)
    department.owner.refresh_from_db()
    assert department.owner.is_active


def test_the_last_manager_stays_one(manager):
    me = manager.user
    url = f"{ADMIN}user/{me.pk}/change/"
    assert "This is the last manager" in text(manager.post(url, staff_data(me, is_active=None)))
    grant = me.role_grants.get()
    row = {"id": grant.pk, "user": me.pk, "role": "manager", "DELETE": "on"}
    answer = manager.post(url, staff_data(me) | inline("role_grants", 1, row))
    assert answer.status_code == 200
    assert RoleGrant.objects.filter(user=me, role=Role.MANAGER).exists()


@pytest.mark.rule("R37")
def test_unknown_names_stand_first_and_are_linked(manager):
    department = factories.DepartmentFactory()
    factories.IdentityFactory(external_id="known", user=factories.UserFactory())
    unknown = factories.IdentityFactory(external_id="agent-77")
    alias = DepartmentAlias.objects.create(slug="spare-parts")
    says = text(manager.get(ADMIN + "staffidentity/?linked=no"))
    assert "agent-77" in says
    assert "known" not in says.split('id="result_list"')[1]
    assert "spare-parts" in text(manager.get(ADMIN + "departmentalias/?linked=no"))
    user = factories.UserFactory()
    manager.post(f"{ADMIN}staffidentity/{unknown.pk}/change/", {"user": user.pk, "external_id": "changed"})
    manager.post(f"{ADMIN}departmentalias/{alias.pk}/change/", {"department": department.pk})
    unknown = StaffIdentity.objects.get(pk=unknown.pk)
    assert (unknown.user, unknown.external_id) == (user, "agent-77")
    alias.refresh_from_db()
    assert alias.department == department


@pytest.mark.rule("R42")
def test_surveys_are_paused_and_let_go_by_a_button(manager):
    manager.post(ADMIN + "pause/start/", {"why": "importing 2019"})
    assert Pause.objects.get().started_by == manager.user
    manager.post(ADMIN + "pause/start/", {"why": "twice"})
    assert "importing 2019" in text(manager.get(ADMIN + "pause/"))
    manager.post(ADMIN + "pause/end/")
    manager.post(ADMIN + "pause/end/")
    assert Pause.objects.get().ended_at is not None


@pytest.mark.parametrize("why", ["", "  ", "x" * 256])
def test_a_pause_needs_a_reason(why, manager):
    assert manager.post(ADMIN + "pause/start/", {"why": why}).status_code == 302
    assert not Pause.objects.exists()


def test_only_managers_pause():
    owner = Desk(factories.DepartmentFactory().owner)
    assert owner.post(ADMIN + "pause/start/", {"why": "me"}).status_code == 403
    Pause.objects.create(why="theirs")
    assert owner.post(ADMIN + "pause/end/").status_code == 403
    assert Pause.objects.get().ended_at is None
    assert owner.get(ADMIN + "pause/start/").status_code == 405


@pytest.fixture
def message():
    customer = factories.CustomerFactory(email="")
    return Message.objects.create(
        send_key="k",
        purpose="message",
        channel="email",
        customer=customer,
        address="a@home.example",
        digest=b"x" * 32,
        language="en",
        subject="Hello",
        text="Look: %%link%%\nNo more: %%opt_out%%",
        state=State.IN_DOUBT,
        settled_at=clock.now(),
    )


@pytest.mark.rule("R29")
def test_a_message_shows_that_there_is_a_link_and_not_which(manager, message):
    says = text(manager.get(f"{ADMIN}message/{message.pk}/change/"))
    assert "[personal link]" in says
    assert "%%" not in says


@pytest.mark.rule("R31")
@pytest.mark.parametrize(("arrived", "state"), [("yes", State.ACCEPTED), ("no", State.REFUSED)])
def test_a_person_ends_a_doubt(arrived, state, manager, message):
    url = f"{ADMIN}message/{message.pk}/"
    assert "Nobody knows whether it arrived" in text(manager.get(url + "change/"))
    for _ in range(2):
        assert manager.post(url + "settle/", {"arrived": arrived}).status_code == 302
    message.refresh_from_db()
    assert message.state == state
    assert (
        Desk(factories.DepartmentFactory().owner).post(url + "settle/", {"arrived": "no"}).status_code == 404
    )


@pytest.mark.rule("R4")
def test_every_customer_who_was_not_asked_is_listed_with_the_reason(manager):
    from surveys.models import Invitation

    asked = factories.invitation(department=factories.DepartmentFactory())
    resolution = factories.ResolutionFactory(case__customer__name="Not Asked")
    Invitation.objects.create(
        resolution=resolution, customer=resolution.case.customer, state="skipped", reason="surveyed_recently"
    )
    says = text(
        manager.get(
            "/admin/surveys/invitation/", {"state__exact": "skipped", "reason__exact": "surveyed_recently"}
        )
    )
    assert "Not Asked" in says
    assert "asked only recently" in says
    assert str(asked.customer) not in says
