"""A token belongs to a user, is shown once, expires, and carries no more than the user may."""

from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from knox.models import AuthToken
from rest_framework.test import APIClient

from feedback.tasks import clean
from tests.clients import client_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/pause/"


def made(*args: Any) -> str:
    out = StringIO()
    call_command("token", *args, stdout=out)
    return out.getvalue().strip()


def status(authorization: str) -> int:
    return APIClient().get(URL, HTTP_AUTHORIZATION=authorization).status_code


def test_the_command_prints_a_token_that_works_and_is_kept_only_as_a_digest():
    user = UserFactory(roles=["manager"])
    token = made(user.username)
    assert status(f"Bearer {token}") == 200
    assert token not in str(AuthToken.objects.values().get())


def test_a_token_expires():
    user = UserFactory(roles=["manager"])
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        token = made(user.username, "--days", "2")
    with time_machine.travel("2026-01-02T00:00:00Z", tick=False):
        assert status(f"Bearer {token}") == 200
    with time_machine.travel("2026-01-04T00:00:00Z", tick=False):
        assert status(f"Bearer {token}") == 401


def test_tokens_that_are_over_are_removed():
    user = UserFactory()
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        made(user.username, "--days", "2")
        made(user.username, "--days", "20")
    with time_machine.travel("2026-01-04T00:00:00Z", tick=False):
        clean()
    assert AuthToken.objects.count() == 1


def test_nobody_who_is_inactive_or_unknown_gets_one():
    with pytest.raises(CommandError, match="not active"):
        made(UserFactory(is_active=False).username)
    with pytest.raises(CommandError, match="nobody"):
        made("ghost")
    with pytest.raises(CommandError, match="--days"):
        made(UserFactory().username, "--days", "0")


def test_the_tokens_of_a_user_made_inactive_stop_working():
    user: Any = UserFactory(roles=["manager"])
    client = client_of(user)
    assert client.get(URL).status_code == 200
    user.is_active = False
    user.save()
    assert client.get(URL).status_code == 401


def test_a_superuser_without_a_role_may_do_nothing():
    assert client_of(UserFactory(is_superuser=True, is_staff=True)).get(URL).status_code == 403


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", "Bearer a b", "Bearer \xff\xfe", "Basic eDp4", "x" * 5000]
)
def test_what_is_no_token_is_401(authorization):
    assert status(authorization) == 401
