"""A customer whose browser runs no script and keeps no cookie: opens addresses, fills in forms, presses buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from feedback import links
from feedback.models import Link


@dataclass
class Form:
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, text

    def offers(self, name: str) -> bool:
        return name in self.values


class _Forms(HTMLParser):
    """Reads forms as a browser would submit them, controls that name their form from elsewhere included."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.later: list[tuple[str, dict[str, str]]] = []
        self.inside: Form | None = None
        self.reading: tuple[Form, str] | None = None
        self.text: list[str] = []
        self.button: dict[str, str] | None = None
        self.choosing: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = Form(given.get("action", ""))
            self.forms.append(self.inside)
            self.by_id[given.get("id", f"form {len(self.forms)}")] = self.inside
        elif tag == "input":
            self.later.append((given["form"], given)) if "form" in given else self._input(self.inside, given)
        elif tag == "textarea" and self.inside:
            self.reading, self.text = (self.inside, given["name"]), []
        elif tag == "select" and self.inside:
            self.choosing = self.inside.values.setdefault(given["name"], [])
        elif tag == "option" and self.choosing is not None:
            if "selected" in given or not self.choosing:
                self.choosing[:] = [given.get("value", "")]
        elif tag == "button":
            self.button, self.text = given, []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.choosing = None
        elif tag == "textarea" and self.reading:
            form, name = self.reading
            form.values[name] = ["".join(self.text).removeprefix("\n")]
            self.reading = None
        elif tag == "button" and self.button is not None:
            one = (self.button.get("name", ""), self.button.get("value", ""), "".join(self.text).strip())
            if "form" in self.button:
                self.by_id[self.button["form"]].buttons.append(one)
            elif self.inside:
                self.inside.buttons.append(one)
            self.button = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def close(self) -> None:
        super().close()
        for form_id, given in self.later:
            self._input(self.by_id[form_id], given)

    def _input(self, form: Form | None, given: dict[str, str]) -> None:
        assert form is not None, f"an input outside of every form: {given}"
        values = form.values.setdefault(given["name"], [])
        if given.get("type") not in ("radio", "checkbox") or "checked" in given:
            values.append(given.get("value", "on"))


class Visitor:
    """One customer at one page. ``page`` is the last answer, redirects followed; ``way`` is how it was reached."""

    def __init__(self, **headers: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, headers=headers)
        self.page: Any = None
        self.way: list[tuple[str, int]] = []
        self.at = ""

    def open(self, address: Any) -> "Visitor":
        """Open an address, or the page that a ``Link`` leads to."""
        if isinstance(address, Link):
            address = links.url(address, "email")
        return self._arrive(address, self.client.get(_local(address)))

    def press(self, button: Any = "", **fields: Any) -> "Visitor":
        """Fill in ``fields`` of the form that has the button (by value, else by text), and press it."""
        form, name, value = self._form(button)
        unknown = set(fields) - set(form.values)
        assert not unknown, f"the form has no {unknown}, only {sorted(form.values)}"
        data = {**form.values, **{n: v if isinstance(v, list) else [v] for n, v in fields.items()}}
        if name:
            data[name] = [value]
        self.client.cookies.clear()
        return self._arrive(form.action, self.client.post(form.action, data))

    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        reader.close()
        return reader.forms

    @property
    def text(self) -> str:
        return str(self.page.content.decode())

    @property
    def status(self) -> int:
        return int(self.page.status_code)

    def _form(self, button: str) -> tuple[Form, str, str]:
        for form in self.forms():
            for name, value, text in form.buttons:
                if not button or button in (value, text):
                    return form, name, value
        raise AssertionError(f"no button {button!r} on this page")

    def _arrive(self, address: str, answer: Any) -> "Visitor":
        self.way = [(address, answer.status_code)]
        while answer.status_code in (301, 302, 303, 307):
            address = answer["Location"]
            answer = self.client.get(_local(address))
            self.way.append((address, answer.status_code))
        self.page, self.at = answer, address
        return self


def _local(address: str) -> str:
    parts = urlsplit(address.removeprefix(settings.BASE_URL))
    return parts.path + (f"?{parts.query}" if parts.query else "")
