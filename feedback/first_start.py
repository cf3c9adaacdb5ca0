"""What an empty installation needs before it can work: a manager, the fallback department, and what others register."""

import secrets
import sys
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from knox.models import AuthToken

from feedback.models import Department, RoleGrant, User
from feedback.models.staff import Role

FirstRows = Callable[[], object]
_first_rows: list[FirstRows] = []


def register(make: FirstRows) -> None:
    """Let a package above make its own first rows; ``make`` must be harmless when called again."""
    _first_rows.append(make)


def ensure() -> None:
    """Make the first rows where there are none, and print the first manager's password and token, once."""
    with transaction.atomic():
        fresh = not Department.objects.filter(is_fallback=True).exists()
        if fresh:
            manager, password = _first_manager()
            Department.objects.create(
                slug="front-office",
                name={"en": "Front office", "zh-hans": "前台"},
                owner=manager,
                time_zone=settings.TIME_ZONE,
                is_fallback=True,
            )
        for make in _first_rows:
            make()
    if fresh:
        _, token = AuthToken.objects.create(user=manager, expiry=timedelta(days=settings.TOKEN_DAYS))
        sys.stdout.write(
            "First start: a manager, the fallback department and the default survey were made.\n"
            f"  sign in at {settings.BASE_URL}/admin/ as {manager.username} with the password {password}\n"
            f"  the API takes  Authorization: Bearer {token}  for {settings.TOKEN_DAYS} days\n"
            "Both are shown this once. Change the password at the desk; `manage.py token` makes another token.\n"
        )
        sys.stdout.flush()


def _first_manager() -> tuple[User, str]:
    password = secrets.token_urlsafe(12)
    name = "manager"
    while User.objects.filter(username=name).exists():
        name = f"manager-{secrets.token_hex(2)}"
    manager = User(username=name, is_staff=True)
    manager.set_password(password)
    manager.save()
    RoleGrant.objects.create(user=manager, role=Role.MANAGER)
    return manager, password
