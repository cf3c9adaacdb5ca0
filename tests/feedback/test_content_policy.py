"""What a browser may do on our pages: nothing but show them. Only the desk and the API's docs may run scripts.

The desk's theme evaluates expressions in attributes (``'unsafe-eval'``) and sets styles from script; Swagger's page
starts itself by an inline script. Customers never get either.
"""

import pytest
from django.test import Client

from feedback import csp
from tests.house import planted
from tests.house.routes import ROUTES
from tests.house.walker import Walker, link

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R8")]

HEADER = "Content-Security-Policy"
SOURCES = {"'self'", "'none'", "data:"}
STRICT = {
    "default-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
}


def policy(answer) -> dict[str, set[str]]:
    """The answer's policy by directive, with what a browser falls back to for scripts and plugins."""
    found = {}
    for directive in answer.headers[HEADER].split(";"):
        name, *sources = directive.split()
        assert name not in found, f"{name} is said twice: a browser takes the first"
        found[name] = set(sources)
    return {"script-src": found["default-src"], "object-src": found["default-src"], **found}


def is_strict(answer, where: str) -> None:
    said = policy(answer)
    for name, sources in STRICT.items():
        assert said[name] == sources, f"{where}: {name} {said[name]}"
    assert said["script-src"] == said["object-src"] == {"'none'"}, where
    assert set().union(*said.values()) <= SOURCES, f"{where}: {answer.headers[HEADER]}"


@pytest.mark.parametrize("name", ["anonymous", "manager"])
def test_every_address_but_the_desk_and_the_docs_is_strict(name):
    world = planted.plant()
    walker = Walker(world, name)
    story = world.stories["alpha"]
    for pattern, route in ROUTES.items():
        if route.door == "link":
            tokens = [link(story, kind) for kind in ("survey", "page", "opt_out")]
            addresses = ["/" + pattern.replace("<str:token>", token) for token in (*tokens, "1-a-b", "x/y")]
        else:
            addresses = [place.address for place in walker.places(pattern, route)[:1]]
        for address in addresses:
            if address.startswith(("/admin/", "/api/docs/")):
                continue
            for method in ("get", "post", "put", "head"):
                is_strict(walker.send(method, address, route), f"{method} {address}")


@pytest.mark.parametrize(
    "address", ["/nothing", "/admin", "/adminx/", "/api/docsx/", "/api/docs", "//admin/", "/s/"]
)
def test_what_is_no_address_of_the_desk_is_strict(client, address):
    is_strict(client.get(address), address)


def test_so_is_an_answer_to_a_host_that_is_not_ours():
    is_strict(Client(headers={"Host": "evil.example"}).get("/health/live"), "400")


def test_so_is_an_error_of_ours(monkeypatch):
    monkeypatch.setattr("feedback.health.JsonResponse", None)
    answer = Client(raise_request_exception=False).get("/health/live")
    assert answer.status_code == 500
    is_strict(answer, "500")


@pytest.mark.parametrize(
    ("address", "scripts"),
    [
        ("/admin/", {"'self'", "'unsafe-eval'"}),
        ("/admin/followups/followup/", {"'self'", "'unsafe-eval'"}),
        ("/admin/nothing/", {"'self'", "'unsafe-eval'"}),
        ("/api/docs/", {"'self'", "'unsafe-inline'"}),
    ],
)
def test_the_desk_and_the_docs_are_relaxed_as_far_as_they_need_and_no_further(address, scripts):
    walker = Walker(planted.plant(), "manager")
    said = policy(walker.client.get(address))
    assert said["script-src"] == scripts
    assert said["style-src"] == {"'self'", "'unsafe-inline'"}
    assert said["object-src"] == {"'none'"}
    for name, sources in STRICT.items():
        assert said[name] == sources
    assert set().union(*said.values()) <= SOURCES | scripts | {"'unsafe-inline'", "blob:"}


def test_nothing_else_is_relaxed():
    assert set(csp.RELAXED) == {"/admin/", "/api/docs/"}
