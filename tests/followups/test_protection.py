"""The person who served cannot be assigned, see, be told of or work the complaint, whatever their role (R13)."""

import pytest
from django.core.exceptions import ValidationError

from feedback import access, outbox
from feedback.models import Message
from feedback.models.staff import Role
from followups import notices, promises, replies, services
from followups.models import FollowUp
from surveys.models import Answer, Invitation, Response
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R13")]


@pytest.fixture
def server():
    return factories.UserFactory(roles=[Role.MANAGER, Role.SAFETY_OWNER, Role.EXECUTIVE], is_superuser=True)


@pytest.fixture
def identity(server):
    return factories.IdentityFactory(user=server)


def complaint(identity, **of_department) -> FollowUp:
    department = factories.DepartmentFactory(**of_department)
    asked = factories.invitation(department=department, served_by=identity)
    return factories.answer(asked, outcome="no", reasons=["unsafe"], person=1).follow_ups.get()


def test_who_served_is_passed_over_in_the_whole_chain(server, identity):
    deputy = factories.UserFactory()
    assert complaint(identity, owner=server, head=server, deputy=deputy).assignee == deputy


def test_who_served_sees_nothing_of_it_whatever_their_role(server, identity):
    follow_up = complaint(identity, owner=server)
    for model in (FollowUp, Invitation, Response, Answer):
        assert not access.visible(server, model).exists(), model
    manager = factories.UserFactory(roles=[Role.MANAGER])
    assert access.visible(manager, FollowUp).get() == follow_up


def test_who_served_can_work_nothing_of_it(server, identity):
    follow_up = complaint(identity, owner=server)
    for act in (
        lambda: services.take(follow_up.pk, server),
        lambda: services.note(follow_up.pk, server, "x"),
        lambda: services.write(follow_up.pk, server, "x"),
        lambda: services.withdraw(follow_up.pk, server, "customers_wish", "x"),
        lambda: replies.log_call(follow_up.pk, server, "x"),
        lambda: replies.reply(follow_up.pk, server, {}),
        lambda: promises.promise(follow_up.pk, server, "x", follow_up.opened_at),
    ):
        with pytest.raises(FollowUp.DoesNotExist):
            act()


def test_who_served_cannot_be_given_it(server, identity):
    follow_up = complaint(identity)
    with pytest.raises(ValidationError):
        services.assign(follow_up.pk, follow_up.assignee, server)


def test_who_served_is_not_notified(server, identity):
    complaint(identity, owner=server, deputy=factories.UserFactory())
    notices.send_due()
    outbox.send_due()
    assert Message.objects.filter(purpose="notice").exists()
    assert not Message.objects.filter(staff=server).exists()


def test_a_staff_name_linked_late_protects_at_once(server):
    unknown = factories.IdentityFactory()
    deputy = factories.UserFactory()
    follow_up = complaint(unknown, owner=server, head=server, deputy=deputy)
    assert follow_up.assignee == server
    unknown.user = server
    unknown.save()
    follow_up.refresh_from_db()
    assert follow_up.assignee == deputy and not access.visible(server, FollowUp).exists()


def test_is_superuser_alone_opens_nothing():
    complaint(factories.IdentityFactory())
    nobody = factories.UserFactory(is_superuser=True, is_staff=True)
    assert not access.visible(nobody, FollowUp).exists()
