"""What the tests of the desk share: a person signed in, a complaint to work on, and where its page is."""

from typing import Any

from django.test import Client
from django.urls import reverse

from feedback.models import Department, User
from followups.models import FollowUp
from tests import factories

LIST = "/admin/followups/followup/"


class Desk:
    """One person at the desk."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user)

    def get(self, address: str, data: Any = None) -> Any:
        return self.client.get(address, data)

    def post(self, address: str, data: Any = None) -> Any:
        return self.client.post(address, data)

    def do(self, follow_up: FollowUp, name: str, **data: Any) -> Any:
        """Post one deed on a follow-up's page."""
        return self.post(do(follow_up, name), data)


def page(follow_up: FollowUp) -> str:
    return reverse("admin:followups_followup_change", args=[follow_up.pk])


def do(follow_up: FollowUp, name: str) -> str:
    return reverse("admin:followups_followup_do", args=[follow_up.pk, name])


def complaint(department: Department, *, served_by: Any = None, name: str = "", **answers: Any) -> FollowUp:
    """A follow-up of ``department``, opened by a customer's negative answers."""
    customer = factories.CustomerFactory(**({"name": name} if name else {}))
    case = factories.CaseFactory(customer=customer, department=department)
    asked = factories.invitation(case=case, department=department, served_by=served_by)
    said = answers or {"outcome": "no", "reasons": ["too_slow"], "words": "Nobody called me back."}
    return factories.answer(asked, **said).follow_ups.get(department=department)


def text(answer: Any) -> str:
    return str(answer.content.decode())
