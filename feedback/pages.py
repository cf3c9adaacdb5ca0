"""What every page of the customer has in common: how its link opens, its language, its form token and its headers.

No page leans on middleware, and nothing needs a cookie: some mail and chat programs open pages in a browser of
their own that keeps none (docs/decisions/0010-forms-without-cookies.md).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.handlers.exception import convert_exception_to_response
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.html import escape
from django.views.decorators.csrf import csrf_exempt

from feedback import csp, links, texts
from feedback.holes import Holed, mark
from feedback.models import Link

LANGUAGE = "l"
"""The GET parameter that carries a language chosen on the page; without it the customer's own is used."""

FORM = "form"
"""The hidden field that carries the form token."""

_SIGNER = signing.TimestampSigner(salt="feedback.pages.form")
FORM_LASTS = timedelta(days=1)

HEADERS = {
    # "no-referrer" would be stricter still, but makes browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "; ".join(
        f"{name} {' '.join(sources)}" for name, sources in csp.STRICT.items()
    ),
}

NAMES = {"en": "English", "zh-hans": "中文"}
"""How each language calls itself: a reader must find theirs without reading another."""


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done; look there, by GET."""

    status_code = 303


@dataclass(frozen=True)
class Visit:
    """One request to a customer's page, its link already opened.

    Attributes:
        language: the language of the page.
        chosen: whether that language was chosen on the page, and so must be carried along.
    """

    request: HttpRequest
    link: Link
    language: str
    chosen: bool

    @property
    def here(self) -> str:
        """The page's own address with nothing but the chosen language."""
        return self.url()

    def url(self, fragment: str = "", **parameters: str) -> str:
        """Return this page's address with ``parameters``, keeping a chosen language."""
        return _address(self.request, self.language if self.chosen else "", fragment, parameters)

    @property
    def form_token(self) -> str:
        """What a form must bring back: proof that this page was shown by this link within the last day."""
        return _SIGNER.sign(str(self.link.pk))

    def pressed(self) -> bool:
        """Say whether this POST comes from a form of ours, shown by this link within the last day."""
        try:
            return _SIGNER.unsign(self.request.POST.get(FORM, ""), max_age=FORM_LASTS) == str(self.link.pk)
        except signing.BadSignature:
            return False

    def render(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        return _page(self.request, self.language, template, {"visit": self, **(context or {})}, status)

    def fill(
        self,
        kept: dict[tuple[Any, ...], Any],
        key: tuple[Any, ...],
        template: str,
        context: Callable[[], dict[str, Any]],
        values: Mapping[str, str],
    ) -> HttpResponse:
        """Return what ``render`` would, for a page that differs from visit to visit in ``values`` and addresses only.

        Args:
            kept: where the page is kept, rendered once, with holes for what differs; see ``feedback.holes``.
            key: what else the page depends on: everything in ``context``.
            template: it may print the names of ``values``, and ``visit``'s address and form token; not branch on them.
            context: makes the rest of the context, when the page is rendered for the first time.
        """
        key = (template, self.language, settings.BRAND_NAME, *key)
        page = kept.get(key)
        if page is None:
            marked = {name: mark(name) for name in ("here", "form_token", *values)}
            made = {**context(), **marked, "visit": marked}
            languages = [Switch(one.language, one.name, mark(f"to_{n}")) for n, one in self._switches()]
            page = kept[key] = Holed(_rendered(self.language, template, languages, made))
        here = {"here": self.here, "form_token": self.form_token}
        addresses = {f"to_{n}": one.url for n, one in self._switches()}
        return _answered(self.language, page.fill({**here, **addresses, **values}, escape))

    def _switches(self) -> Iterable[tuple[int, "Switch"]]:
        return enumerate(_switches(self.request, self.language))

    def see_other(self, fragment: str = "", **parameters: str) -> HttpResponse:
        return SeeOther(self.url(fragment, **parameters))


View = Callable[..., HttpResponse]

# Where personal links live, whatever comes after: an address with a letter too many is still a secret.
_PERSONAL = tuple(f"/{path}/" for path in links.PATHS.values())


_ONE_LINK = re.compile(f"/({'|'.join(links.PATHS.values())})/[^/]+")


def guard(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, outermost: puts ``HEADERS`` on what a view of ours never saw (a bad host, an error of ours)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith(_PERSONAL):
            for name, value in HEADERS.items():
                response.headers[name] = value
        return response

    return middleware


def straight(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: leads a personal link straight to its page, past everything that stands below in MIDDLEWARE.

    Sessions, sign-in, messages, the cookie of forms, the desk's content policy: a page of the customer uses none of
    them, and going through them takes longer than the page.
    """

    @convert_exception_to_response
    def page(request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # a host that is not ours is refused here too
        match = request.resolver_match = resolve(request.path_info)
        response = cast("HttpResponseBase", match.func(request, *match.args, **match.kwargs))
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if _ONE_LINK.fullmatch(request.path_info):
            return cast("HttpResponseBase", page(request))
        return get_response(request)

    return middleware


def opened_by(purpose: str) -> Callable[[View], View]:
    """Make ``view(visit)`` a page that personal links of ``purpose`` open.

    What is wrong with a link is answered here, alike for all pages: an unknown, forged, revoked or foreign one by 404,
    one that is genuine but expired by 410, too many guesses by 429 (R36). The answer carries ``HEADERS``.
    What was posted and cannot be read gets 413 or 400.
    A view may raise ``links.UnknownLink`` itself. Methods other than GET, HEAD and POST get 405.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def run(request: HttpRequest, token: str) -> HttpResponse:
            response = _answer(request, token)
            for name, value in HEADERS.items():
                response.headers[name] = value
            # Django logs the path of every 4xx; here the path is a secret that opens somebody's page.
            response._has_been_logged = True  # type: ignore[attr-defined]
            return response

        def _answer(request: HttpRequest, token: str) -> HttpResponse:
            if request.method not in ("GET", "HEAD", "POST"):
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            try:
                link = links.opened(request, purpose, token)
                _ = request.POST  # read here, where what cannot be read is still answered as a page of ours
                chosen = _chosen(request)
                visit = Visit(request, link, chosen or _language_of(request, link), bool(chosen))
                with translation.override(visit.language):
                    response = view(visit)
            except links.TooManyMisses:
                return _closed(request, "too_many", 429)
            except links.ExpiredLink:
                return _closed(request, "expired", 410)
            except links.UnknownLink:
                return _closed(request, "unknown", 404)
            except RequestDataTooBig:
                return _closed(request, "unreadable", 413)
            except (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
                return _closed(request, "unreadable", 400)
            response.headers.setdefault("Content-Language", visit.language)
            return response

        return run

    return decorate


def _chosen(request: HttpRequest) -> str:
    language = request.GET.get(LANGUAGE, "")
    return language if language in dict(settings.LANGUAGES) else ""


def _language_of(request: HttpRequest, link: Link | None = None) -> str:
    if link is not None and link.customer.language:
        return texts.known_language(link.customer.language)
    return translation.get_language_from_request(request)


def _address(request: HttpRequest, language: str, fragment: str, parameters: dict[str, str]) -> str:
    query = urlencode({**parameters, **({LANGUAGE: language} if language else {})})
    return (
        escape_uri_path(request.path) + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    )


def _closed(request: HttpRequest, kind: str, status: int) -> HttpResponse:
    """Answer a link that opens nothing. Nothing on the page depends on the link, so that nothing can be learned."""
    language = _chosen(request) or _language_of(request)
    with translation.override(language):
        return _page(request, language, f"feedback/customer/{kind}.html", {}, status)


@dataclass(frozen=True)
class Switch:
    """The way to the same page in another language."""

    language: str
    name: str
    url: str


def _page(
    request: HttpRequest, language: str, template: str, context: dict[str, Any], status: int
) -> HttpResponse:
    return _answered(language, _rendered(language, template, _switches(request, language), context), status)


def _rendered(language: str, template: str, switches: list[Switch], context: dict[str, Any]) -> str:
    shared = {"language": language, "brand": settings.BRAND_NAME, "switches": switches}
    return render_to_string(template, {**shared, **context})


def _answered(language: str, page: str, status: int = 200) -> HttpResponse:
    return HttpResponse(page, status=status, headers={"Content-Language": language})


def _switches(request: HttpRequest, language: str) -> list[Switch]:
    kept = {name: request.GET.get(name, "") for name in request.GET if name != LANGUAGE}
    return [
        Switch(code, NAMES.get(code, str(name)), _address(request, code, "", kept))
        for code, name in settings.LANGUAGES
        if code != language
    ]


@dataclass(frozen=True)
class Problem:
    """One line of the error summary above a form: what is wrong, and the id of the field that it leads to."""

    text: str
    field: str = ""
