"""While the database is away nothing is lost: every door says 503, and when to come again (R42)."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from feedback import links
from feedback.intake import services
from surveys import first_answers
from tests import factories
from tests.clients import integration, said
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R42")]


@pytest.mark.parametrize("error", [OperationalError("the disk is full"), InterfaceError("connection closed")])
def test_the_api(monkeypatch, error):
    client = integration()
    client.raise_request_exception = False

    def away(*args, **kwargs):
        raise error

    monkeypatch.setattr(services._Batch, "run", away)
    answer = client.post("/api/v1/cases/", said())
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["type"] == "server_error"
    assert answer.json()["errors"][0]["code"] == "unavailable"
    monkeypatch.undo()
    assert client.post("/api/v1/cases/", said()).status_code == 201


def test_the_customers_page(monkeypatch):
    visitor = Visitor().open(factories.invitation().link)
    visitor.client.raise_request_exception = False

    def away(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(first_answers, "keep", away)
    question = next(name for name in visitor.forms()[0].values if name.startswith("q"))
    visitor.press(**{question: "no"})
    assert (visitor.status, visitor.page["Retry-After"]) == (503, "10")
    assert "Nothing you sent before is lost" in visitor.text
    assert visitor.page["Cache-Control"] == "no-store"


def test_the_desk(monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("too many connections")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    assert client.get("/admin/").status_code == 503


def test_a_fault_of_ours_is_still_a_500(monkeypatch):
    address = links.url(factories.invitation().link, "email")
    monkeypatch.setattr(links, "opened", lambda *args: 1 / 0)
    client = Client(raise_request_exception=False)
    assert client.get(address.removeprefix("http://localhost:8000")).status_code == 500
