"""A name of a field that holds what cannot be encoded, stored or shown is refused, and repeated without it (R42)."""

import json

import pytest

from tests.clients import integration, said

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R42")]
CASES, BULK = "/api/v1/cases/", "/api/v1/cases/bulk/"
NAMES = ["fo\x00o", "\ud800", "a\u202eb", "a\r\nb"]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k-1"}])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("url", "known"), [(CASES, said()), (BULK, {"cases": []})])
def test_in_a_body(url, known, name, headers):
    body = json.dumps({**known, name: 1})
    answer = integration().post(url, body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["code"] == "unknown_field"
    assert error["attr"].isprintable()


def test_in_an_address():
    answer = integration().post(f"{CASES}?%00=1", said())
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "\N{REPLACEMENT CHARACTER}"
