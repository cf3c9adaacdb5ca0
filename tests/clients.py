"""Callers of the API, each with a token of their own."""

from typing import Any

from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.factories import UserFactory


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user)[1]}")
    return client


def manager(**of_user: Any) -> APIClient:
    return client_of(UserFactory(roles=["manager"], **of_user))


def integration() -> APIClient:
    return client_of(UserFactory(roles=["integration"]))


def said(**fields: Any) -> dict[str, Any]:
    """One case as a source would send it."""
    return {"source": "desk", "external_id": "T-1", "status": "resolved", **fields}
