"""Every address × every role: nobody reads a byte of another department's, whoever served nothing at all (R13, R39).

The addresses come from the resolver, who may what from the table in ``routes.py``, and the words that are looked for
were planted by ``planted.py``.
"""

from dataclasses import replace

import django_filters
import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model

from feedback.models import Customer
from tests.house import planted
from tests.house.routes import DESK, EVERYBODY, ROUTES
from tests.house.walker import Walker, everything_stored, link, patterns, plain

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R39"), pytest.mark.rule("R13")]

VISITORS = [
    *((name, False) for name in sorted(EVERYBODY)),
    *((name, True) for name in sorted(EVERYBODY - {"anonymous"})),
]
# Each takes ten seconds: those who see most and those who must see least go every time, all of them in .ci/run.
ALWAYS = {("owner", False), ("other_owner", False), ("manager", True)}
EVERY_VISITOR = pytest.mark.parametrize(
    ("name", "served"),
    [
        pytest.param(
            *visitor,
            id=f"{visitor[0]}{' who served' if visitor[1] else ''}",
            marks=() if visitor in ALWAYS else pytest.mark.slow,
        )
        for visitor in VISITORS
    ],
)
WALKED = {pattern: route for pattern, route in ROUTES.items() if route.door != "link"}
LISTS = {pattern: route for pattern, route in ROUTES.items() if route.is_list}


@pytest.fixture
def world() -> planted.World:
    return planted.plant()


def test_every_address_has_an_entry_and_every_entry_an_address():
    known = set(patterns())
    assert known - set(ROUTES) == set(), "say in tests/house/routes.py who may go there"
    assert set(ROUTES) - known == set(), "these are no addresses any more"


@EVERY_VISITOR
def test_nobody_reads_or_changes_what_is_not_theirs(name, served, world):
    walker = Walker(world, name, served=served)
    reads(walker)
    before = everything_stored()
    searches(walker)
    writes(walker)
    after = everything_stored()
    assert {table for table in before if before[table] != after[table]} == set()


def reads(walker: Walker) -> None:
    for pattern, route in WALKED.items():
        places = walker.places(pattern, route)
        if (
            walker.name not in route.who
        ):  # refused whatever the row: one that is there, and one that never was
            places = places[:1] + places[1:][-1:]
        # What is hidden looks exactly like what never was.
        absent = [plain(walker.send("get", one.address, route), one.address) for one in places if one.never]
        for place in places:
            answer = walker.look("get", place.address, route)
            if answer.status_code != walker.expected(route, place):
                walker.object("get", place.address, answer.status_code)
            elif route.door == "desk" and walker.name not in DESK:
                if not answer["Location"].startswith("/admin/"):
                    walker.object("get", place.address, answer["Location"])
            elif not place.there and plain(answer, place.address) not in absent:
                walker.object("get", place.address, "tells what is hidden from what never was")
            if route.door == "api" or (walker.name in route.who and not place.there):
                walker.look("head", place.address, route)
                walker.look("options", place.address, route)
    walker.content()
    missed = walker.must_find() - walker.found
    assert not missed, f"they should find these somewhere: {missed}"


def searches(walker: Walker) -> None:
    """A search for what is hidden answers as one for what never was; so does every filter, and every order."""
    for pattern, route in LISTS.items():
        if walker.name not in route.who:
            continue
        address = f"/{pattern}"
        for parameter in parameters(pattern):
            nothing = walker.send("get", address, route, data={parameter: "xqnothing"})
            for word in walker.hidden_words(route):
                answer = walker.look("get", address, route, word, data={parameter: word})
                if plain(answer, word) != plain(nothing, "xqnothing"):
                    walker.object("get", f"{address}?{parameter}={word}", "finds something")
        for query in ORDERS if route.door == "desk" else api_orders(pattern):
            walker.look("get", address, route, data=query)
    if walker.name in DESK:
        route = ROUTES["admin/autocomplete/"]
        for query, model in autocompletes():
            asked = replace(route, customers=model is Customer)
            for term in ("", *walker.hidden_words(asked)[:1]):
                walker.look("get", "/admin/autocomplete/", asked, term, data={**query, "term": term})
        for word in walker.hidden_words(route):
            walker.look("get", "/admin/search/", route, word, data={"s": word, "extended": "1"})
    walker.content()


def writes(walker: Walker) -> None:
    for pattern, route in WALKED.items():
        places = walker.places(pattern, route)
        # Who is refused whatever the row is tries one of them.
        for place in places if walker.name in route.who else places[:1]:
            may = walker.name in route.post and place.there
            if route.door == "api":
                methods = ["put", "patch", "delete"] + ([] if may else ["post"])
            else:  # the desk takes any other method for a GET
                methods = [] if may else ["post", "delete"]
            for method in methods:
                answer = walker.look(method, place.address, route, data="{}", content_type="application/json")
                outside = route.door in ("desk", "sign-in") and walker.name not in DESK
                if answer.status_code not in ((302, 405) if outside else (401, 403, 404, 405)):
                    walker.object(method, place.address, answer.status_code)
    walker.content()


ORDERS = [{"o": "1.2.3.4.5.6.7.8"}, {"o": "-8.-7.-6.-5.-4.-3.-2.-1"}, {"stands": "all", "due": "overdue"}]
"""By every column there is, both ways."""


def parameters(pattern: str) -> list[str]:
    """What a list can be asked for in words."""
    if pattern.startswith("admin/"):
        return ["q"]
    filters = patterns()[pattern].view_class.filterset_class.base_filters
    return [name for name, one in filters.items() if type(one) is django_filters.CharFilter]


def api_orders(pattern: str) -> list[dict[str, str]]:
    fields = patterns()[pattern].view_class.ordering_fields
    return [{"ordering": sign + name, "page_size": "2"} for name in fields for sign in ("", "-")]


def autocompletes() -> list[tuple[dict[str, str], type[Model]]]:
    """Every field that points at rows of the desk, with their model: Django's autocompletion may be asked for any."""
    return [
        (
            {
                "app_label": model._meta.app_label,
                "model_name": str(model._meta.model_name),
                "field_name": one.name,
            },
            one.remote_field.model,
        )
        for model in apps.get_models()
        for one in model._meta.get_fields()
        if one.is_relation and getattr(one.remote_field, "model", None) in admin.site._registry
    ]


@pytest.mark.parametrize("name", ["anonymous", "manager", "owner"])
def test_a_customers_page_opens_to_its_link_and_shows_only_its_own(name, world, settings):
    settings.LINK_MISSES = 10_000  # somebody who tries as many as this would be stopped
    walker = Walker(world, name)
    inside = {
        kind: {word for story in world.stories.values() for word in story.secrets(kind)} for kind in INSIDE
    }
    for pattern, route in ROUTES.items():
        if route.door != "link":
            continue
        for story in world.stories.values():
            tokens = {kind: link(story, kind) for kind in ("survey", "page", "opt_out")}
            own = set(story.words.values())
            walker.foreign = (world.secrets - own) | set().union(*inside.values())
            for kind, token in tokens.items():
                address = "/" + pattern.replace("<str:token>", token)
                for method in ("get", "head"):
                    answer = walker.look(method, address, route)
                    if answer.status_code != (200 if kind == route.rows else 404):
                        walker.object(method, address, answer.status_code)
                for method in ("put", "patch", "delete", "options"):
                    if walker.look(method, address, route).status_code != 405:
                        walker.object(method, address, "is answered")
    walker.content()
    told = {
        word for story in world.stories.values() for word in story.secrets("wrote", "written", "found", "did")
    }
    assert told <= walker.found


INSIDE = ("note", "call")
"""What no customer reads, not even of their own complaint."""


@pytest.mark.parametrize("address", ["/api/v1/cases/", "/api/v1/follow-ups/", "/api/v1/pause/"])
def test_the_desk_opens_no_api_and_a_token_no_desk(address, world):
    walker = Walker(world, "manager")
    assert walker.client.get(address).status_code == 401
    walker.client.logout()
    assert walker.client.get("/admin/", headers=walker.headers).status_code == 302
    assert walker.client.get(address, headers=walker.headers).status_code == 200
