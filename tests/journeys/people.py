"""The people of a story. Each acts only through their own door: API, message and page, desk."""

import re
from typing import Any

from django.core import mail
from django.urls import reverse

from feedback import outbox
from feedback.models import Department, Membership, Message, StaffIdentity, User
from feedback.models.staff import Role
from followups import silence
from followups import sweep as followups_sweep
from followups.models import FollowUp
from surveys import default_survey, published
from surveys import sweep as surveys_sweep
from tests.clients import client_of
from tests.factories import UserFactory
from tests.visitor import Visitor


def time_passes() -> None:
    """What beat and the worker do within half a minute."""
    for _ in range(2):
        surveys_sweep.run()
        followups_sweep.run()
        silence.close_silent()
        outbox.rescue()
        outbox.send_due()


class HelpDesk:
    """The system that says which cases are resolved, with a token of its own."""

    def __init__(self) -> None:
        self.client = client_of(UserFactory(roles=[Role.INTEGRATION]))

    def says(self, expected: int = 201, **fields: Any) -> dict[str, Any]:
        body = {"source": "helpdesk", "external_id": "A-1", "subject": "Washing machine leaks", **fields}
        answer = self.client.post("/api/v1/cases/", body, format="json")
        assert answer.status_code == expected, answer.content.decode()
        time_passes()
        return dict(answer.json())

    def resolves(self, email: str, **fields: Any) -> dict[str, Any]:
        customer = {"external_id": email, "name": "Mei Lin", "language": "en", "email": email}
        return self.says(status="resolved", customer={**customer, **fields.pop("customer", {})}, **fields)


class CustomerOnPhone(Visitor):
    """Reads what arrives and taps the links in it."""

    def __init__(self, address: str = "mei@home.example") -> None:
        super().__init__()
        self.address = address

    def letters(self) -> list[str]:
        return [str(one.body) for one in mail.outbox if one.to == [self.address]]

    def texts(self) -> list[str]:
        rows = Message.objects.filter(address=self.address, channel="sms", state="accepted").order_by("pk")
        return [outbox.rendered(row).text for row in rows]

    def tap(self, way: str, *, having: str = "") -> "CustomerOnPhone":
        """Open the newest link of one kind (``/s/``, ``/f/``) that holds ``having``."""
        for words in reversed(self.letters() + self.texts()):
            for address in re.findall(r"https?://\S+", words):
                if way in address and having in address:
                    self.open(address.rstrip(".)>"))
                    assert self.status == 200, (self.status, address)
                    return self
        raise AssertionError(f"no link {way}…{having} has arrived")

    def answer(self, first: str, **rest: Any) -> "CustomerOnPhone":
        """One tap and one press, then whatever else is said on the second page."""
        self.tap("/s/", having=f"a={first}" if self.letters() else "")
        self.press(**({} if self.letters() else {_field("outcome"): first}))
        return self.adds(**rest) if rest else self

    def adds(self, **rest: Any) -> "CustomerOnPhone":
        """Say the rest on the second page, by the kind of question."""
        self.press(**{_field(kind): value for kind, value in rest.items()})
        return self

    def says(self, word: str, missing: str = "") -> "CustomerOnPhone":
        """Give the same verdict on every point that waits for one."""
        names = [name for form in self.forms() for name in form.values if name.startswith("point-")]
        said: dict[str, str | list[str]] = dict.fromkeys(names, word)
        self.press("verdict", **said, **({"missing": missing} if missing else {}))
        return self

    def my_page(self) -> "CustomerOnPhone":
        """Open the page of one's response from wherever a link to it was shown last."""
        found = re.findall(r'href="([^"]*/f/[^"?#]+)', self.text)
        if not found:
            return self.tap("/f/")
        self.open(found[-1])
        return self


def _field(kind: str) -> str:
    question = next(q for q in published.version(default_survey.ensure().pk).questions if q.kind == kind)
    return f"q{question.id}"


class Employee(Visitor):
    """Somebody at the desk, signed in: keeps the session that a customer's browser may not have."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user
        self.client.force_login(user)

    def press(self, button: str = "", **fields: str | list[str]) -> "Employee":
        form, name, value = self._form(button)
        unknown = set(fields) - set(form.values)
        assert not unknown, f"the form has no {unknown}, only {sorted(form.values)}"
        data = {**form.values, **{n: v if isinstance(v, list) else [v] for n, v in fields.items()}}
        if name:
            data[name] = [value]
        self._arrive(form.action, self.client.post(form.action.partition("#")[0], data))
        assert self.status in (200, 400, 422), " ".join(self.text.split())[:2000]
        return self

    def list(self) -> "Employee":
        self.open(reverse("admin:followups_followup_changelist"))
        return self

    def look_at(self, follow_up: FollowUp) -> "Employee":
        self.open(reverse("admin:followups_followup_change", args=[follow_up.pk]))
        return self

    def reply(self, follow_up: FollowUp, *, keeping: bool = False) -> "Employee":
        """Report back, and let the worker come by."""
        self.report(follow_up, keeping=keeping)
        time_passes()
        return self

    def report(self, follow_up: FollowUp, *, keeping: bool = False) -> None:
        """Report back on every open point, ticking every promise as kept if ``keeping``."""
        self.look_at(follow_up)
        form, _, _ = self._form("Send to the customer")
        words = {"found": "The hose was loose.", "did": "We tightened it.", "changes": "It stays dry now."}
        said: dict[str, str | list[str]] = {
            name: words[name.rpartition("-")[2]] for name in form.values if name.startswith("point-")
        }
        if keeping:
            said |= {name: "on" for name in form.values if name.startswith("promise-")}
        self.press("Send to the customer", **said)


class Company:
    """Two departments, their people, a manager, and the help desk."""

    def __init__(self) -> None:
        self.manager = UserFactory(username="manager", roles=[Role.MANAGER])
        self.workshop = self._department("workshop", "Workshop")
        self.billing = self._department("billing", "Billing")
        self.front_office = self._department("front-office", "Front office", is_fallback=True)
        default_survey.ensure({"charge": self.billing})
        self.help_desk = HelpDesk()

    def _department(self, slug: str, name: str, **fields: Any) -> Department:
        owner = UserFactory(username=f"{slug}-owner", first_name=f"{name[0]}ora")
        department = Department.objects.create(slug=slug, name={"en": name}, owner=owner, **fields)
        Membership.objects.create(department=department, user=UserFactory(username=f"{slug}-member"))
        return department

    def served_by(self, external_id: str, user: User | None = None) -> str:
        """Make a staff name of the help desk known, linked to an account if given."""
        StaffIdentity.objects.get_or_create(
            source="helpdesk", external_id=external_id, defaults={"user": user}
        )
        return external_id

    def owner(self, department: Department) -> Employee:
        return Employee(department.owner)

    def api(self, user: User | None = None) -> Any:
        return client_of(user or self.manager)
