"""The API's description says what is refused (R37): a program that follows it is not surprised."""

import pytest
from rest_framework.test import APIClient

from tests.clients import integration, said

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R37")]


@pytest.fixture
def described():
    return APIClient().get("/api/schema/", {"format": "json"}).json()


def parameter(described, path, method, name):
    found = described["paths"][path][method]["parameters"]
    return next(one["schema"] for one in found if one["name"] == name)


@pytest.mark.parametrize("body", ["CaseInRequest", "CustomerInRequest", "CasesInRequest", "PauseInRequest"])
def test_unknown_fields_are_refused(described, body):
    assert described["components"]["schemas"][body]["additionalProperties"] is False


def test_how_large_a_page_may_be(described):
    schema = parameter(described, "/api/v1/cases/", "get", "page_size")
    assert (schema["minimum"], schema["maximum"]) == (1, 200)


def test_what_a_key_may_be(described):
    assert parameter(described, "/api/v1/cases/", "post", "Idempotency-Key")["pattern"] == "^[!-~]{1,255}$"


@pytest.mark.parametrize("url", ["/api/v1/cases/", "/api/v1/cases/bulk/"])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_a_wrong_key_is_refused_in_a_dry_run_too(url, query):
    answer = integration().post(url + query, said(), headers={"Idempotency-Key": "two words"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"


def test_that_a_period_is_given_in_times_or_dates(described):
    for name in ("from", "to"):
        schema = parameter(described, "/api/v1/cases/", "get", name)
        assert {one["format"] for one in schema["anyOf"]} == {"date-time", "date"}


def test_that_an_id_is_a_whole_number(described):
    assert parameter(described, "/api/v1/cases/", "get", "customer")["type"] == "integer"
