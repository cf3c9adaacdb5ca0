"""``Idempotency-Key``: repeating a POST repeats the answer."""

from datetime import timedelta

import pytest

from feedback import clock, idempotency
from feedback.models import CaseEvent, IdempotencyKey
from tests.clients import integration, said
from tests.factories import fallback

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R37")]
CASES = "/api/v1/cases/"
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def client():
    fallback()
    return integration()


def test_a_replay_is_the_stored_answer(client):
    first = client.post(CASES, said(), headers=KEY)
    assert idempotency.REPLAYED not in first.headers
    client.post(CASES, said(status="open"))
    again = client.post(CASES, said(), headers=KEY)
    assert again.headers[idempotency.REPLAYED] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert CaseEvent.objects.count() == 2


def test_an_error_of_the_client_is_replayed_too(client):
    first = client.post(CASES, said(status="gone"), headers=KEY)
    again = client.post(CASES, said(status="gone"), headers=KEY)
    assert (first.status_code, again.status_code, again.json()) == (400, 400, first.json())
    assert again.headers[idempotency.REPLAYED] == "true"


@pytest.mark.parametrize("url", [CASES, "/api/v1/cases/bulk/"])
def test_another_body_or_address_under_the_same_key_is_422(client, url):
    client.post(CASES, said(), headers=KEY)
    response = client.post(url, said(subject="another"), headers=KEY)
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "other_body"


def test_a_key_belongs_to_its_user(client):
    client.post(CASES, said(), headers=KEY)
    assert integration().post(CASES, said(subject="another"), headers=KEY).status_code == 200


def in_flight(client) -> IdempotencyKey:
    client.post(CASES, said(), headers=KEY)
    IdempotencyKey.objects.update(answered_at=None, answer=None, status=None)
    return IdempotencyKey.objects.get()


def test_in_flight_is_409(client):
    in_flight(client)
    assert client.post(CASES, said(), headers=KEY).status_code == 409


def test_what_has_been_in_flight_for_a_minute_is_taken_over(client):
    row = in_flight(client)
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(seconds=61))
    assert client.post(CASES, said(), headers=KEY).status_code == 200
    row.refresh_from_db()
    assert (row.status, CaseEvent.objects.count()) == (200, 1)


def test_our_own_failure_is_not_stored(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("feedback.intake.api.take_in", fail)
        assert client.post(CASES, said(), headers=KEY).status_code == 500
    assert client.post(CASES, said(), headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused(client, key):
    response = client.post(CASES, said(), HTTP_IDEMPOTENCY_KEY=key)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "Idempotency-Key"


def test_keys_are_forgotten_after_two_days(client):
    client.post(CASES, said(), headers=KEY)
    assert idempotency.purge() == 0
    assert idempotency.purge(clock.now() + timedelta(hours=49)) == 1
