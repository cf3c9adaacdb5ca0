"""Who may enter the desk, in which language it speaks, and that nothing in it depends on Django's own flags."""

import pytest
from django.test import Client

from feedback.models import Membership
from feedback.models.staff import Role
from tests import factories
from tests.desk import Desk, text

pytestmark = pytest.mark.django_db


def with_password(**kwargs):
    user = factories.UserFactory(**kwargs)
    user.set_password("a long enough secret")
    user.save()
    return user


def sign_in(user):
    return Client().post("/admin/login/", {"username": user.username, "password": "a long enough secret"})


@pytest.mark.parametrize(
    "place", ["owner", "deputy", "head", "member", "manager", "executive", "safety_owner"]
)
def test_whoever_has_a_place_or_a_role_enters(place):
    user = with_password(roles=[place] if place in Role.values else [])
    if place in ("owner", "deputy", "head"):
        factories.DepartmentFactory(**{place: user})
    elif place == "member":
        Membership.objects.create(department=factories.DepartmentFactory(), user=user)
    answer = sign_in(user)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.rule("R13")
@pytest.mark.parametrize("flags", [{}, {"is_staff": True, "is_superuser": True}])
def test_without_a_place_or_a_role_nobody_enters_superuser_or_not(flags):
    user = with_password(**flags)
    answer = sign_in(user)
    assert answer.status_code == 200
    assert "Ask a manager" in text(answer)
    desk = Desk(user)
    assert desk.get("/admin/").status_code == 302
    assert desk.get("/admin/followups/followup/").status_code == 302


def test_an_integration_does_not_enter():
    assert Desk(factories.UserFactory(roles=[Role.INTEGRATION])).get("/admin/").status_code == 302


def test_somebody_who_left_does_not_enter():
    user = with_password(roles=[Role.MANAGER])
    user.is_active = False
    user.save()
    assert sign_in(user).status_code == 200
    assert Client().get("/admin/").status_code == 302


def test_the_desk_speaks_the_language_that_the_person_chose():
    desk = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    assert 'lang="en"' in text(desk.get("/admin/"))
    answer = desk.post("/admin/language/", {"language": "zh-hans", "next": "/admin/followups/followup/"})
    assert answer["Location"] == "/admin/followups/followup/"
    assert 'lang="zh-hans"' in text(desk.get("/admin/"))
    desk.user.refresh_from_db()
    assert desk.user.language == "zh-hans"


@pytest.mark.parametrize("language", ["", "xx", "zh-hans\x00", "en" * 100])
def test_an_unknown_language_changes_nothing(language):
    desk = Desk(factories.UserFactory(roles=[Role.MANAGER], language="en"))
    assert (
        desk.post("/admin/language/", {"language": language, "next": "//elsewhere.example/"})["Location"]
        == "/admin/"
    )
    desk.user.refresh_from_db()
    assert desk.user.language == "en"


def test_a_language_is_not_changed_by_a_get():
    assert Desk(factories.UserFactory(roles=[Role.MANAGER])).get("/admin/language/").status_code == 405


def test_the_pages_of_the_packages_lead_to_the_first_page():
    desk = Desk(factories.UserFactory(roles=[Role.MANAGER]))
    assert desk.get("/admin/feedback/")["Location"] == "/admin/"


def test_the_language_is_chosen_before_signing_in_too():
    visitor = Client()
    assert "用户名" not in text(visitor.get("/admin/login/"))
    answer = visitor.post("/admin/language/", {"language": "zh-hans", "next": "/admin/login/"})
    assert answer["Location"] == "/admin/login/"
    assert "欢迎回到" in text(visitor.get("/admin/login/"))
