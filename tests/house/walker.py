"""Somebody who tries every address, and looks at every byte that comes back."""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from knox.models import AuthToken

from feedback import links
from feedback.models import Message
from followups.models import FollowUp
from tests.house import planted
from tests.house.routes import CASES, DESK, FOLLOW_UPS, MANAGERS, Route

NEVER = 987654321
"""The id of a row that never was."""

SECRET = re.compile(r"xq[0-9a-z]+|1212\d{7}")
"""What planted words look like."""
SEARCHED = ("name", "email", "case", "subject", "order", "product", "said")
PLACEHOLDER = re.compile(r"<[^>]+>")
EXAMPLES = {
    "^api/v1/": "/api/v1/nothing/",
    "admin/(?P<url>.*)$": "/admin/nothing/",
    "admin/^(?P<app_label>feedback|surveys|followups)/$": "/admin/followups/",
}


def patterns() -> dict[str, Any]:
    """Every address that the resolver knows, as it is written there, with its view."""
    return dict(_patterns(get_resolver(), ""))


def _patterns(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, each.callback
        else:
            yield from _patterns(each, route)


@dataclass(frozen=True)
class Place:
    """One address to try. ``there``: whether its row is one that this visitor should find."""

    address: str
    there: bool = True
    never: bool = False


class Walker:
    """One visitor, signed in at the desk and with a token for the API, as far as they can be.

    Args:
        served: whether they are the person who served in the story ``served``.
    """

    def __init__(self, world: planted.World, name: str, *, served: bool = False) -> None:
        self.world, self.name, self.served = world, name, served
        self.user = world.people.get(name)
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if self.user is not None:
            self.headers = {"Authorization": f"Bearer {AuthToken.objects.create(self.user)[1]}"}
            self.client.force_login(self.user)
        if served:
            world.name.user = self.user
            world.name.save()
        self.foreign = world.secrets - self.may_read()
        self.foreign_but_customers = world.secrets - self.may_read(customers=True)
        self.found: set[str] = set()
        self.problems: list[str] = []

    # -- What they should find

    def _mine(self, table: dict[str, frozenset[str]]) -> set[str]:
        return {
            key for key in table.get(self.name, ()) if not (self.served and key.partition("/")[0] == "served")
        }

    def may_read(self, *, customers: bool = False) -> set[str]:
        """Every planted word that may reach this visitor; with ``customers`` those of pages about customers too."""
        stories, words = self.world.stories, set()
        for key in self._mine(CASES):
            words |= stories[key].secrets(*planted.CUSTOMER, *planted.CASE, *planted.SAID)
        for key in self._mine(FOLLOW_UPS):
            story, _, department = key.partition("/")
            kinds = (*planted.CUSTOMER, *planted.CASE, *planted.SAID, *planted.SHARED)
            words |= stories[story].secrets(*kinds) | stories[story].work(department)
        if customers and self.name in MANAGERS:
            words |= {word for story in stories.values() for word in story.secrets(*planted.CUSTOMER)}
        return words

    def must_find(self) -> set[str]:
        """What they have to find somewhere, or this walk leads past what it should look at."""
        contacts = {
            word
            for story in self.world.stories.values()
            for word in story.secrets("email", "phone", "person")
        }
        return self.may_read() - (set() if self.name in MANAGERS else contacts)

    def hidden_words(self, route: Route) -> list[str]:
        """Words to search for that must find nothing: of every kind, of a story that they may not see."""
        hidden = self.world.secrets - self.may_read(customers=route.customers)
        for name in ("served", "beta", "alpha"):
            words = self.world.stories[name].words
            if found := [words[kind] for kind in SEARCHED if words[kind] in hidden]:
                return found
        return []

    # -- Where they go

    def places(self, pattern: str, route: Route) -> list[Place]:
        """Every address that ``pattern`` stands for, with the planted rows in it."""
        if pattern in EXAMPLES:
            return [Place(EXAMPLES[pattern])]
        if not route.rows:
            assert not PLACEHOLDER.search(pattern), f"{pattern} needs rows"
            return [Place(f"/{pattern}")]
        pattern = pattern.replace("<slug:name>", "note")
        pattern = pattern.replace(
            "<path:content_type_id>", str(ContentType.objects.get_for_model(FollowUp).pk)
        )
        assert len(PLACEHOLDER.findall(pattern)) == 1, pattern
        return [
            Place("/" + PLACEHOLDER.sub(str(pk), pattern), there, pk == NEVER)
            for pk, there in self._rows(route.rows)
        ]

    def _rows(self, kind: str) -> Iterator[tuple[int, bool]]:
        if kind.startswith("any "):
            found = list(self._rows(kind.removeprefix("any ")))
            yield from ((pk, True) for pk, _there in (found[0], found[-1]))
            return
        yield from self._planted(kind)
        yield NEVER, False

    def _planted(self, kind: str) -> Iterator[tuple[int, bool]]:
        stories, mine = self.world.stories, self._mine(CASES)
        if kind == "follow_up":
            there = self._mine(FOLLOW_UPS)
            yield from ((one.pk, key in there) for key, one in self.world.follow_ups().items())
        elif kind in ("case", "resolution", "invitation", "response"):
            yield from ((_row(story, kind).pk, name in mine) for name, story in stories.items())
        elif kind == "message":
            theirs = {stories[name].customer.pk for name in mine}
            # One a customer, and one notice a colleague: whose they are is all that counts.
            for message in Message.objects.order_by("customer", "staff", "pk").distinct("customer", "staff"):
                # A notice does not say whose complaint it is about: who ever served reads only their own.
                notice = message.staff_id is not None and (not self.served or message.staff == self.user)
                yield message.pk, message.customer_id in theirs or notice
        elif kind == "customer":
            yield from ((story.customer.pk, True) for story in stories.values())
        else:
            yield self.world.rows[kind].pk, True

    def expected(self, route: Route, place: Place) -> int:
        """What GET has to answer there."""
        if route.door == "sign-in":
            return 302 if self.name in DESK else 200
        if route.door == "public":
            return route.get
        if route.door == "desk" and self.name not in DESK:
            return 302
        if route.door == "api" and self.name in ("anonymous", "left"):
            return 401
        if self.name not in route.who:
            return 403
        # Where only a POST does anything, GET is told so before anybody looks for a row.
        return route.get if place.there or route.get == 405 else 404

    # -- What they see

    def send(self, method: str, address: str, route: Route, **more: Any) -> Any:
        headers = self.headers if route.door == "api" else {}
        return getattr(self.client, method)(address, headers=headers, **more)

    def look(self, method: str, address: str, route: Route, asked: str = "", **more: Any) -> Any:
        """Go there, and search what comes back; a foreign word in it is a problem, but for one that was asked for."""
        answer = self.send(method, address, route, **more)
        text = every_form(answer)
        if asked:
            text = text.replace(asked, "")
        found = set(SECRET.findall(text))
        foreign = self.foreign_but_customers if route.customers else self.foreign
        # Letters that follow a word without a space stick to it.
        if leaked := {word for word in foreign if any(one.startswith(word) for one in found)}:
            self.object(method, address, f"{answer.status_code} shows {', '.join(sorted(leaked))}")
        if answer.status_code >= 500 and answer.status_code != route.get:
            self.object(method, address, f"{answer.status_code} for {more}")
        self.found |= found
        return answer

    def object(self, method: str, address: str, problem: object) -> None:
        """Note a problem; they are looked at together in the end."""
        self.problems.append(f"{method.upper()} {address}: {problem}")

    def content(self) -> None:
        """Fail if anything was noted."""
        assert not self.problems, f"{self.name}:\n" + "\n".join(self.problems)


def every_form(answer: Any) -> str:
    """All that an answer says, headers too, in lower case: as it is, and with every escaping undone."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    text += "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    forms = [text]
    if "&#" in text:  # no letter and no digit has a name
        forms.append(html.unescape(text))
    if re.search("%[3-7]", text):
        forms.append(unquote(text))
    if "\\u" in text:
        forms.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text))
    cursors = re.findall(r"cursor=([\w%-]+)", text)
    forms += [base64.urlsafe_b64decode(unquote(one) + "==").decode("utf-8", "replace") for one in cursors]
    return "\n".join(forms).lower()


def plain(answer: Any, *without: str) -> str:
    """An answer's body without what differs from one request to the next, and without the given words."""
    text = answer.content.decode()
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken&quot;: &quot;|csrfToken[^\w]+)"?\w+', "", text)
    for word in without:
        text = text.replace(word, "")
    return text


def everything_stored() -> dict[str, str]:
    """A digest of every table, but of sessions."""
    stored = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != "django_session":
                cursor.execute(
                    f'SELECT md5(coalesce(string_agg(t::text, $$|$$ ORDER BY t::text), $$$$)) FROM "{table}" t'
                )
                stored[table] = cursor.fetchone()[0]
    return stored


def link(story: planted.Story, kind: str) -> str:
    """The token of one of a story's links."""
    if kind == "survey":
        row = story.response.invitation.link
    elif kind == "page":
        row = story.response.link
    else:
        row = next(iter(links.opt_outs(story.customer.contacts.all()[:1]).values()))
    assert row is not None
    return links.token(row, strong=True)


def _row(story: planted.Story, kind: str) -> Any:
    response = story.response
    match kind:
        case "response":
            return response
        case "invitation":
            return response.invitation
        case "resolution":
            return response.invitation.resolution
    return response.invitation.resolution.case
