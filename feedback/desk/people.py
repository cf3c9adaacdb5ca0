"""What the desk knows of the person at it, asked once a request."""

from typing import cast

from django.http import HttpRequest

from feedback import access
from feedback.models import User


def person(request: HttpRequest) -> User:
    """Return the signed-in person. Only for views behind ``DeskSite.has_permission``."""
    return cast("User", request.user)


def at_the_desk(request: HttpRequest) -> bool:
    """Say whether the request comes from an active person who has business at the desk."""
    known: bool | None = getattr(request, "_at_the_desk", None)
    if known is None:
        known = access.works_at_the_desk(request.user)
        request._at_the_desk = known  # type: ignore[attr-defined]
    return known


def is_manager(request: HttpRequest) -> bool:
    return access.is_manager(request.user)
