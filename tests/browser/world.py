"""The company whose pages are looked at: its departments, its people, one customer in each language, and the hour."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.signals import request_finished, request_started
from pytest_django.live_server_helper import LiveServer

from feedback import clock, links
from feedback.models import Department, Membership, User
from feedback.models.staff import Role
from followups import promises, replies, services
from followups.models import FollowUp, Promise, Reply
from followups.states import PointStatus, PromiseState
from surveys import default_survey, responses
from surveys.models import Invitation, Response
from tests import factories
from tests.journeys.people import time_passes

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

CASES = {
    "en": {"customer": "Mei Lin", "subject": "Washing machine leaks", "resolution": "Door seal replaced."},
    "zh-hans": {"customer": "林美", "subject": "洗衣机漏水", "resolution": "已更换门封。"},
}
WORDS = {
    "en": "It still leaks after every wash, and nobody called me back.",
    "zh-hans": "每次洗完还是漏水，也没有人给我回电话。",
}
SAID = {
    "en": replies.Part(
        "The hose behind the machine was loose; the seal was never the cause.",
        "Karl fitted a new hose and ran two full washes. Not a drop.",
        "It stays dry. If it leaks again within a year, we come within a day, free of charge.",
    ),
    "zh-hans": replies.Part(
        "漏水的是机器后面松动的进水管，不是门封。",
        "师傅换了新的进水管，并完整试洗了两遍，没有再漏。",
        "一年内如果再漏水，我们一天之内免费上门。",
    ),
}


class World:
    """Two departments of a company that repairs washing machines. ``url`` is where its server answers."""

    def __init__(
        self, request: pytest.FixtureRequest, server: LiveServer, settings: Any, folder: Path
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.request = request
        self.url = settings.BASE_URL = server.url
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        self.now = MONDAY
        monkeypatch.setattr(clock, "now", lambda: self.now)
        self.karl = self._staff("karl", "Karl", "Jensen")
        self.workshop = self._department("workshop", "Workshop", "维修车间", self.karl)
        self.billing = self._department("billing", "Billing", "账务", self._staff("hugo", "Hugo", "Martin"))
        care = self._staff("clara", "Clara", "Hughes")
        self.care = self._department("customer-care", "Customer care", "客户服务", care, is_fallback=True)
        self.manager = self._staff("maya", "Maya", "Fischer", roles=[Role.MANAGER])
        default_survey.ensure({"charge": self.billing})

    def _staff(self, username: str, first: str, last: str, **more: Any) -> User:
        return factories.UserFactory(
            username=username, first_name=first, last_name=last, is_staff=True, **more
        )

    def _department(self, slug: str, english: str, chinese: str, owner: User, **more: Any) -> Department:
        department = factories.DepartmentFactory(
            slug=slug, name={"en": english, "zh-hans": chinese}, owner=owner, **more
        )
        Membership.objects.create(
            department=department, user=self._staff(f"{slug}-helper", "Rosa", english.split()[0])
        )
        return department

    def serve_anew(self) -> None:
        """Let a server of this test's own answer from here on, by the settings as they are now."""
        server = LiveServer("localhost")
        self.request.addfinalizer(server.stop)
        self.url = self.settings.BASE_URL = server.url

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Know which requests the server is at."""
        under_way: list[int] = []
        self.under_way = under_way

        def begins(**_: object) -> None:
            under_way.append(threading.get_ident())

        def ends(**_: object) -> None:
            if threading.get_ident() in under_way:
                under_way.remove(threading.get_ident())

        request_started.connect(begins)
        request_finished.connect(ends)
        try:
            yield
        finally:
            request_started.disconnect(begins)
            request_finished.disconnect(ends)

    def falls_silent(self) -> None:
        """Wait until nothing is answered any more: whoever empties the tables meanwhile would stand in its way."""
        deadline = time.monotonic() + 20
        while self.under_way and time.monotonic() < deadline:
            time.sleep(0.01)

    def passes(self, **by: float) -> None:
        """Let time pass, and what is due in it happen."""
        self.now += timedelta(**by)
        time_passes()

    # -- Asking and answering

    def asked(self, language: str = "en", **of_case: Any) -> Invitation:
        """A customer of this language who was asked about the workshop's repair."""
        known = CASES[language]
        customer = of_case.pop("customer", None) or factories.CustomerFactory(
            name=known["customer"], language=language, time_zone="Europe/London"
        )
        case = factories.CaseFactory(
            customer=customer,
            subject=of_case.pop("subject", known["subject"]),
            department=of_case.get("department", self.workshop),
        )
        fields = {
            "department": self.workshop,
            "product": "WM-7",
            "order_ref": "88-20417",
            "channel": "phone",
            "resolution_text": known["resolution"],
            "resolved_at": self.now - timedelta(minutes=20),
        }
        return factories.invitation(case=case, **(fields | of_case))

    def complaint(self, language: str = "en", *, asked: Invitation | None = None, **answers: Any) -> FollowUp:
        """The workshop's follow-up of a negative answer, given now."""
        asked = asked or self.asked(language)
        said = answers or {"outcome": "no", "ease": 2, "reasons": ["not_fixed"], "words": WORDS[language]}
        response = self.answers(asked, **said)
        return response.follow_ups.order_by("pk").get(department=asked.resolution.department)

    def answers(self, asked: Invitation, **said: Any) -> Response:
        """The customer's answers, given now in their own language; see ``factories.given``."""
        given = factories.given(asked, **said)
        recorded = responses.record(asked, given, asked.customer.language, self.now)
        time_passes()
        return recorded.response

    # -- Working, by the services behind the desk's forms

    def takes(self, follow_up: FollowUp) -> FollowUp:
        services.take(follow_up.pk, follow_up.assignee)
        return self.fresh(follow_up)

    def writes(self, follow_up: FollowUp, text: str) -> None:
        services.write(follow_up.pk, follow_up.assignee, text)

    def notes(self, follow_up: FollowUp, text: str) -> None:
        services.note(follow_up.pk, follow_up.assignee, text)

    def promises(self, follow_up: FollowUp, text: str, *, call: bool = False, **due_in: float) -> Promise:
        kind = Promise.Kind.CALL if call else Promise.Kind.OTHER
        due_at = self.now + timedelta(**due_in)
        return promises.promise(follow_up.pk, follow_up.assignee, text, due_at, kind=kind)

    def replies(self, follow_up: FollowUp, language: str = "en") -> Reply:
        """Report back on every open point, keep every promise by it, and let the message leave."""
        follow_up = self.fresh(follow_up)
        parts = {point.pk: SAID[language] for point in follow_up.points.filter(status=PointStatus.OPEN)}
        kept = follow_up.promises.filter(state=PromiseState.OPEN).values_list("pk", flat=True)
        written = replies.reply(follow_up.pk, follow_up.assignee, parts, kept=list(kept))
        time_passes()
        return written

    def fresh(self, follow_up: FollowUp) -> FollowUp:
        return FollowUp.objects.select_related("assignee", "response__link").get(pk=follow_up.pk)

    # -- Where things are

    def user(self, username: str) -> User:
        return User.objects.get(username=username)

    def survey(self, asked: Invitation) -> str:
        return links.url(asked.link, "email")

    def page(self, follow_up: FollowUp) -> str:
        return links.url(follow_up.response.link, "email")

    def desk(self, follow_up: FollowUp) -> str:
        return f"/admin/followups/followup/{follow_up.pk}/change/"

    def letters(self, address: str = "") -> list[str]:
        return [str(one.body) for one in mail.outbox if not address or one.to == [address]]
