"""What is no address of the API says so in the API's own shape (DESIGN 9)."""

import pytest
from rest_framework.test import APIClient

from feedback.models import Case
from tests.clients import integration, manager, said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options"])
@pytest.mark.parametrize("path", ["nothing/", "follow-ups/null,null/", "follow-ups/-1/journal/", ""])
def test_an_address_that_does_not_exist(method, path):
    answer = getattr(manager(), method)(f"/api/v1/{path}")
    assert answer.status_code == 404
    if method != "head":
        assert answer.json() == {
            "type": "client_error",
            "errors": [{"code": "not_found", "detail": "Not found.", "attr": None}],
        }


def test_a_case_posted_without_the_slash_is_not_lost_in_a_redirect():
    """Most clients follow a redirect of a POST by GET, and take the list that they get for success."""
    answer = integration().post("/api/v1/cases", said())
    assert answer.status_code == 404
    assert "slash" in answer.json()["errors"][0]["detail"]
    assert not Case.objects.exists()


@pytest.mark.parametrize("path", ["cases", "nothing/"])
def test_without_a_token_not_even_that(path):
    assert APIClient().get(f"/api/v1/{path}").status_code == 401
