"""Whatever is sent to the API, by whomever: no error of ours, and no answer that its description does not name."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import strategies
from knox.models import AuthToken
from schemathesis import checks as general
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi

from feedback.wsgi import application
from tests.house import planted

pytestmark = [pytest.mark.django_db, pytest.mark.schemathesis, pytest.mark.rule("R42")]

EXAMPLES = 100
"""An operation and role. Derandomised: every run makes the same requests, and needs no seed to be told."""

ROLES = ("manager", "owner", "other_owner", "safety_owner", "executive", "integration", "nobody", "stranger")
CHECKS = [
    general.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
IN_BULK = "POST /api/v1/cases/bulk/"
BEYOND_A_SCHEMA = ("POST /api/v1/cases/", IN_BULK)
"""What an address, a telephone number or a time zone is, no schema can say: here what it allows may be refused."""


def the_bad_ones_are_refused(_context: Any, answer: Any, case: Any) -> None:
    """In bulk each case has its own answer: what one of them breaks is not the fault of all."""
    if answer.status_code == 200 and case.meta.generation.mode is GenerationMode.NEGATIVE:
        assert any(one["status"] == 400 for one in answer.json()["results"]), answer.text


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests come in by the real door, which gives a connection back; the test's own has to stay."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("role", ROLES)
def test_the_api_does_what_its_description_says(role, subtests):
    world = planted.plant()
    token = "0" * 64 if role == "stranger" else AuthToken.objects.create(world.people[role])[1]
    ids = [one.pk for one in world.follow_ups().values()]
    # The token is the role's, and no part of what is made up.
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, config=config)
    for found in schema.get_all_operations():
        operation = found.ok()
        with subtests.test(operation.label):
            fuzz(operation, token, ids)


def fuzz(operation: Any, token: str, ids: list[int]) -> None:
    checks = [
        *CHECKS,
        the_bad_ones_are_refused if operation.label == IN_BULK else openapi.negative_data_rejection,
    ]
    if operation.label not in BEYOND_A_SCHEMA:
        checks.append(openapi.positive_data_acceptance)
    each = [operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    if "{id}" in operation.path:  # a row that is there is not found by chance
        each += [operation.as_strategy(GenerationMode.POSITIVE, path_parameters={"id": pk}) for pk in ids]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        # What was found is told as it was found: making it smaller takes longer than reading it.
        phases=[hypothesis.Phase.generate],
        report_multiple_bugs=False,
    )
    @hypothesis.given(case=strategies.one_of(each))
    def run(case: Any) -> None:
        # What has no place in an address is not sent, and then the request is not what it was made to be.
        hypothesis.assume(not any(value in ([], {}, None) for value in (case.query or {}).values()))
        # Not an atomic block: what must be durable refuses to be inside of one.
        before = transaction.savepoint()
        try:
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=checks)
        finally:
            transaction.savepoint_rollback(before)

    run()
