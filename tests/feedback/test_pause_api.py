"""The pause of all surveys, by the API."""

import pytest

from feedback import pause
from tests.clients import integration, manager

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R42")]
URL = "/api/v1/pause/"


def test_a_manager_pauses_and_ends_it():
    client = manager(username="zhao")
    assert client.get(URL).json() == {"paused": False, "why": None, "since": None, "by": None}
    begun = client.post(URL, {"why": "first import"})
    assert (begun.status_code, begun.json()["by"], begun.json()["why"]) == (201, "zhao", "first import")
    assert pause.is_paused()
    assert client.get(URL).json()["paused"] is True
    assert client.post(URL, {"why": "again"}).status_code == 409
    assert client.post(f"{URL}end/").json()["paused"] is False
    assert client.post(f"{URL}end/").status_code == 409


@pytest.mark.parametrize(
    "body",
    [{}, {"why": ""}, {"why": " "}, {"why": 0}, {"why": True}, {"why": "x" * 256}, {"why": "\x00"}, [], "x"],
)
def test_a_pause_needs_a_reason(body):
    assert manager().post(URL, body).status_code == 400
    assert not pause.is_paused()


def test_an_unknown_field_is_named():
    answer = manager().post(URL, {"why": "import", "until": "tomorrow"})
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [("until", "unknown_field")]
    assert not pause.is_paused()


def test_nobody_else_pauses():
    assert integration().post(URL, {"why": "x"}).status_code == 403
