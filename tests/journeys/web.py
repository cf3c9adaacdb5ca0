"""People with a browser before a running Answerback, as the web server in front of it passes them on."""

import httpx

from feedback.demo.browser import Browser, Page, Values
from tests.processes import PATIENCE

WORDS = {"found": "The seal was torn.", "did": "We put in a new one.", "changes": "It stays dry now."}


class Proxy(httpx.HTTPTransport):
    """Takes requests by HTTPS, and passes them on by HTTP to a port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        passed_on = httpx.Request(
            request.method,
            request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port),
            headers=[
                *request.headers.raw,
                (b"X-Forwarded-For", b"203.0.113.7"),
                (b"X-Forwarded-Proto", request.url.scheme.encode()),
            ],
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(passed_on)


class Person(Browser):
    """Somebody at the address ``origin``, behind which a web server listens at a port."""

    def __init__(self, origin: str, port: int) -> None:
        self.base = origin
        self.client = httpx.Client(
            follow_redirects=True,
            timeout=PATIENCE,
            transport=Proxy(port),
            headers={"Accept-Encoding": "gzip"},
        )

    def get(self, path: str) -> httpx.Response:
        return self.client.get(self.base + path)

    def press(self, page: Page, name: str, value: str = "", **fields: str) -> Page:
        """Fill in and send the form that has a control ``name`` (with ``value``), pressing its first button."""
        form = next(one for one in page.forms if one.named(name) and (not value or one.offers(name, value)))
        values: Values = form.values() | {key: [said] for key, said in fields.items()}
        buttons = [one for one in form.of_kind("submit") if not value or one.value == value]
        return self.send(page, form, values, buttons[0] if buttons else None)

    # -- The customer

    def answers_no(self, link: str) -> Page:
        """One tap on "No" in the message, one press on the page."""
        return self.press(self.open(f"{link}?a=no"), "step", "first")

    def says_fixed(self, link: str) -> Page:
        page = self.open(link)
        form = page.form_with("do", "verdict")
        assert form is not None, page.html
        points = {one.name: "fixed" for one in form.of_kind("radio")}
        assert points
        return self.press(page, "do", "verdict", **points)

    # -- Somebody at the desk

    def signs_in(self, username: str, password: str) -> Page:
        page = self.open("/admin/login/?next=/admin/")
        page = self.press(page, "username", username=username, password=password)
        assert "/login/" not in page.url, page.html
        return page

    def takes_and_replies(self, follow_up: int) -> None:
        address = f"/admin/followups/followup/{follow_up}/change/"
        page = self.open(address)
        take = page.form_to("/do/take/")
        assert take is not None
        self.send(page, take, take.values())
        page = self.open(address)
        form = page.form_to("/do/reply/")
        assert form is not None
        values = form.values()
        for one in form.fields:
            if one.name.startswith("point-"):
                values[one.name] = [WORDS[one.name.rpartition("-")[2]]]
        self.send(page, form, values)
