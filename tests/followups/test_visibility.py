"""Owners see only their departments, everywhere; roles see what DESIGN 9 gives them (R39)."""

import pytest
from django.core.exceptions import PermissionDenied

from feedback import access
from feedback.models import Membership
from feedback.models.staff import Role
from followups import services
from followups.models import FollowUp
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R39")]


def complaint(department, **answers) -> FollowUp:
    asked = factories.invitation(department=department)
    return factories.answer(asked, **(answers or {"outcome": "no"})).follow_ups.get()


@pytest.mark.parametrize("place", ["owner", "deputy", "head", "member"])
def test_everybody_of_a_department_sees_its_follow_ups_and_no_others(place):
    user = factories.UserFactory()
    department = factories.DepartmentFactory(**({} if place == "member" else {place: user}))
    if place == "member":
        Membership.objects.create(department=department, user=user)
    own = complaint(department)
    complaint(factories.DepartmentFactory())
    assert list(access.visible(user, FollowUp)) == [own]


def test_a_manager_sees_all():
    complaint(factories.DepartmentFactory())
    complaint(factories.DepartmentFactory())
    assert access.visible(factories.UserFactory(roles=[Role.MANAGER]), FollowUp).count() == 2


def test_a_safety_owner_sees_what_is_about_safety():
    complaint(factories.DepartmentFactory())
    unsafe = complaint(factories.DepartmentFactory(), outcome="no", reasons=["unsafe"])
    assert list(access.visible(factories.UserFactory(roles=[Role.SAFETY_OWNER]), FollowUp)) == [unsafe]


@pytest.mark.parametrize("role", [Role.INTEGRATION, Role.EXECUTIVE, None])
def test_other_roles_see_none_of_their_own_accord(role):
    complaint(factories.DepartmentFactory())
    assert not access.visible(factories.UserFactory(roles=[role] if role else []), FollowUp).exists()


def test_an_inactive_account_sees_nothing():
    user = factories.UserFactory(roles=[Role.MANAGER], is_active=False)
    complaint(factories.DepartmentFactory())
    assert not access.visible(user, FollowUp).exists()


def test_a_model_without_a_policy_is_an_error_and_never_open_to_all():
    from django.contrib.sessions.models import Session

    with pytest.raises(LookupError):
        access.visible(factories.UserFactory(), Session)


def test_working_anothers_follow_up_is_as_if_it_were_not_there():
    follow_up = complaint(factories.DepartmentFactory())
    with pytest.raises(FollowUp.DoesNotExist):
        services.note(follow_up.pk, factories.DepartmentFactory().owner, "x")


def test_an_assignee_who_lost_their_department_can_still_finish_their_own():
    follow_up = complaint(factories.DepartmentFactory())
    guest = factories.UserFactory(roles=[Role.EXECUTIVE])
    services.assign(follow_up.pk, follow_up.assignee, guest)
    services.note(follow_up.pk, guest, "x")


def test_reading_is_not_working(monkeypatch):
    from followups import policies

    follow_up = complaint(factories.DepartmentFactory())
    reader = factories.UserFactory(roles=[Role.EXECUTIVE])
    monkeypatch.setattr(policies, "follow_ups", lambda user: FollowUp.objects.all())
    with pytest.raises(PermissionDenied):
        services.note(follow_up.pk, reader, "x")
