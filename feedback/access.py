"""Who may see what: ONE policy behind API, desk, search and export (R13, R39).

A package registers, in its ``AppConfig.ready()``, for each of its models the function that returns the rows a user may
see. Whoever shows rows asks ``visible``. ``is_superuser`` is not looked at anywhere: a role is a row.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from feedback.models import Department, User
from feedback.models.staff import Role

Policy = Callable[[User], "models.QuerySet[Any]"]
_policies: dict[type[models.Model], Policy] = {}


def register(model: type[models.Model], policy: Policy) -> None:
    """Make ``policy(user)`` the one answer to which rows of ``model`` a user may see."""
    _policies[model] = policy


def visible(user: User | AnonymousUser, model: type[models.Model]) -> "models.QuerySet[Any]":
    """Return the rows of ``model`` that ``user`` may see; none for anonymous or inactive users.

    Raises:
        LookupError: no policy is registered for ``model``; a forgotten policy must never mean "everybody".
    """
    if model not in _policies:
        raise LookupError(f"no access policy is registered for {model._meta.label}")
    if not isinstance(user, User) or not user.is_active:
        return model._default_manager.none()
    return _policies[model](user)


def roles(user: User | AnonymousUser) -> frozenset[str]:
    """Return the roles granted to ``user``, read once per user object."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    held: frozenset[str] | None = getattr(user, "_roles", None)
    if held is None:
        held = frozenset(user.role_grants.values_list("role", flat=True))
        user._roles = held  # type: ignore[attr-defined]
    return held


def is_manager(user: User | AnonymousUser) -> bool:
    return Role.MANAGER in roles(user)


def departments_of(user: User) -> "models.QuerySet[Department]":
    """Return the departments that ``user`` owns, deputises for, heads or is a member of."""
    return Department.objects.filter(
        models.Q(owner=user) | models.Q(deputy=user) | models.Q(head=user) | models.Q(memberships__user=user)
    ).distinct()


def names_of(user: User) -> list[int]:
    """Return the ids of the names by which source systems know ``user`` as one who serves; most people have none.

    Read at once rather than inside of each query: with none at hand the database has nothing to leave out, and with few
    it can go by its indexes. Read anew each time, so that a name linked later protects at once (R13).
    """
    return list(user.identities.values_list("pk", flat=True))


def works_at_the_desk(user: User | AnonymousUser) -> bool:
    """Say whether ``user`` has any business at the desk: a role that reads, or a place in a department."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return bool(roles(user) - {Role.INTEGRATION}) or departments_of(user).exists()


def managers_only(model: type[models.Model]) -> Policy:
    """Return a policy that shows all rows of ``model`` to managers and none to anybody else."""
    return lambda user: model._default_manager.all() if is_manager(user) else model._default_manager.none()
