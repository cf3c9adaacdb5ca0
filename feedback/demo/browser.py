"""A very small browser: fetches a page, reads its forms and links, fills a form in, and sends it as a person would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings

Values = dict[str, list[str]]


@dataclass
class Field:
    """One control of a form. `options` of a select, `value` of the others."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    options: list[str] = field(default_factory=list)
    legend: str = ""  # of the fieldset it stands in


@dataclass
class Form:
    action: str
    method: str = "get"
    fields: list[Field] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Field]:
        return [control for control in self.fields if control.kind in kinds]

    def named(self, name: str) -> list[Field]:
        return [control for control in self.fields if control.name == name]

    def offers(self, name: str, value: str) -> bool:
        """Whether the control of that name can take the value."""
        return any(value == control.value or value in control.options for control in self.named(name))

    def values(self) -> Values:
        """What the form would send as it stands, without any of its buttons."""
        found: Values = {}
        for control in self.fields:
            if control.kind in ("submit", "button", "image") or not control.name:
                continue
            if control.kind in ("radio", "checkbox") and not control.checked:
                continue
            found.setdefault(control.name, []).append(control.value)
        return found


class _Reader(HTMLParser):
    """Collects forms with their controls, and links. A control may name its form (`form=`) from anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._apart: list[tuple[str, Field]] = []
        self._form: Form | None = None
        self._legend: str | None = None
        self._in_legend = False
        self._select: Field | None = None
        self._text: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "fieldset":
            self._legend = ""
        elif tag == "legend":
            self._in_legend = True
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
            if given.get("id"):
                self._by_id[given["id"]] = self._form
        elif tag in ("input", "button") and "disabled" not in given:
            kind = given.get("type", "text" if tag == "input" else "submit").lower()
            default = "on" if kind in ("radio", "checkbox") else ""
            self._keep(
                Field(given.get("name", ""), kind, given.get("value", default), "checked" in given), given
            )
        elif tag == "select":
            self._select = Field(given.get("name", ""), "select")
            self._keep(self._select, given)
        elif tag == "option" and self._select:
            self._select.options.append(given.get("value", ""))
            if "selected" in given or len(self._select.options) == 1:
                self._select.value = given.get("value", "")
        elif tag == "textarea":
            self._text = Field(given.get("name", ""), "textarea")
            self._keep(self._text, given)

    def _keep(self, control: Field, given: dict[str, str]) -> None:
        control.legend = " ".join((self._legend or "").split())
        if given.get("form"):
            self._apart.append((given["form"], control))
        elif self._form is not None:
            self._form.fields.append(control)

    def close(self) -> None:
        super().close()
        for name, control in self._apart:
            if name in self._by_id:
                self._by_id[name].fields.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "fieldset":
            self._legend = None
        elif tag == "legend":
            self._in_legend = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text.value += data
        elif self._in_legend and self._legend is not None:
            self._legend += data


@dataclass
class Page:
    """What came back, read."""

    url: str
    status: int
    html: str
    forms: list[Form]
    links: list[str]

    @classmethod
    def read(cls, response: httpx.Response) -> Self:
        reader = _Reader()
        if "html" in response.headers.get("content-type", ""):
            reader.feed(response.text)
            reader.close()
        return cls(str(response.url), response.status_code, response.text, reader.forms, reader.links)

    def link(self, part: str) -> str | None:
        """The first link whose address contains `part`."""
        return next((link for link in self.links if part in link), None)

    def form_with(self, name: str, value: str) -> Form | None:
        """The first form that has such a button or control."""
        return next((form for form in self.forms if form.offers(name, value)), None)

    def form_to(self, ending: str) -> Form | None:
        """The first form that is sent to an address of this ending."""
        return next((form for form in self.forms if urlsplit(form.action).path.endswith(ending)), None)


class Refused(Exception):
    """The server did not take what was sent; the text says where and how."""


class Browser:
    """One person's browser, with cookies. It talks to our own web only, whatever name the addresses bear."""

    def __init__(self, language: str = "en") -> None:
        host = "127.0.0.1" if settings.BIND in ("0.0.0.0", "::") else settings.BIND  # noqa: S104
        self.base = f"http://[{host}]:{settings.PORT}" if ":" in host else f"http://{host}:{settings.PORT}"
        self.client = httpx.Client(
            follow_redirects=True,
            timeout=20,
            headers={"Accept-Language": language, "User-Agent": "Answerback demo customer"},
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def _local(self, url: str) -> str:
        parts = urlsplit(url)
        return self.base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def open(self, url: str) -> Page:
        """GET. Raises Refused for an answer of 400 and above."""
        return self._answer(self.client.get(self._local(url)))

    def send(self, page: Page, form: Form, values: Values, button: Field | None = None) -> Page:
        """Press a form's button. Raises Refused for an answer of 400 and above."""
        data: Mapping[str, list[str]] = values | (
            {button.name: [button.value]} if button and button.name else {}
        )
        url = self._local(urljoin(page.url, form.action or page.url))
        if form.method == "get":
            return self._answer(self.client.get(url, params=dict(data)))
        return self._answer(
            self.client.post(url, data=dict(data), headers={"Referer": self._local(page.url)})
        )

    def _answer(self, response: httpx.Response) -> Page:
        if response.status_code >= 400:
            raise Refused(f"{response.request.method} {response.url.path}: {response.status_code}")
        return Page.read(response)
