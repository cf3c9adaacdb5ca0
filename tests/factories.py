"""Rows for tests, each with only what it needs. Stories go through the doors instead; see tests/journeys."""

import secrets
from datetime import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from feedback import clock, links, suppression
from feedback.models import (
    Case,
    CaseEvent,
    Contact,
    Customer,
    Department,
    Resolution,
    RoleGrant,
    StaffIdentity,
    User,
)
from feedback.models.links import Purpose
from surveys import default_survey, published
from surveys.models import Invitation, QuestionKind, Response
from surveys.responses import Given, record


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff-{n}")
    first_name = factory.Sequence(lambda n: f"Staff{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@office.example")

    @factory.post_generation
    def roles(self, create: bool, roles: Any, **kwargs: Any) -> None:
        for role in roles or ():
            RoleGrant.objects.create(user=self, role=role)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    slug = factory.Sequence(lambda n: f"department-{n}")
    name = factory.LazyAttribute(lambda department: {"en": department.slug.title()})
    owner = factory.SubFactory(UserFactory)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Customer {n}")
    language = "en"

    @factory.post_generation
    def email(self, create: bool, address: Any, **kwargs: Any) -> None:
        """An email address by default; pass ``email=""`` for none."""
        if address is None:
            address = f"customer-{self.pk}@home.example"
        if address:
            contact(self, "email", address)

    @factory.post_generation
    def phone(self, create: bool, number: Any, **kwargs: Any) -> None:
        if number:
            contact(self, "sms", number)


def contact(customer: Customer, channel: str, address: str) -> Contact:
    address = suppression.normalise(channel, address)
    return Contact.objects.create(
        customer=customer, channel=channel, address=address, digest=suppression.digest(channel, address)
    )


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = Case

    source = "desk"
    external_id = factory.Sequence(lambda n: f"T-{n}")
    customer = factory.SubFactory(CustomerFactory)
    subject = "Washing machine leaks"


class ResolutionFactory(DjangoModelFactory):
    """A resolved case of a department. Nobody has decided yet whether its customer is asked."""

    class Meta:
        model = Resolution

    case = factory.SubFactory(CaseFactory)
    resolved_at = factory.LazyFunction(clock.now)
    subject = factory.SelfAttribute("case.subject")
    event = factory.LazyAttribute(
        lambda resolution: CaseEvent.objects.create(
            case=resolution.case,
            status="resolved",
            occurred_at=resolution.resolved_at,
            digest=secrets.token_bytes(32),
            payload={"status": "resolved"},
        )
    )


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = StaffIdentity

    source = "desk"
    external_id = factory.Sequence(lambda n: f"agent-{n}")


def fallback(**kwargs: Any) -> Department:
    """The fallback department, made if missing."""
    return Department.objects.filter(is_fallback=True).first() or DepartmentFactory(
        slug="front-office", is_fallback=True, **kwargs
    )


def invitation(resolution: Resolution | None = None, **of_resolution: Any) -> Invitation:
    """An asked invitation to the default survey, without a message."""
    fallback()
    resolution = resolution or ResolutionFactory(**of_resolution)
    version = default_survey.ensure()
    customer = resolution.case.customer
    return Invitation.objects.create(
        resolution=resolution,
        customer=customer,
        version=version,
        state=Invitation.State.ASKED,
        link=links.issue(Purpose.SURVEY, customer),
        send_at=clock.now(),
    )


def given(asked: Invitation, **answers: Any) -> list[Given]:
    """Answers by the kind of question: ``outcome="no", ease=2, reasons=["charge"], words="…", person=5``."""
    version = published.version(asked.version_id or 0)
    made = []
    for kind, value in answers.items():
        question = version.of_kind(QuestionKind(kind))
        assert question is not None
        if kind in ("ease", "person"):
            made.append(Given(question.id, score=value))
        elif kind == "words":
            made.append(Given(question.id, words=value))
        else:
            made.append(Given(question.id, chosen=(value,) if isinstance(value, str) else tuple(value)))
    return made


def answer(asked: Invitation | None = None, *, now: datetime | None = None, **answers: Any) -> Response:
    """Answer an invitation (made if missing); ``outcome="no"`` if nothing else is said."""
    asked = asked or invitation()
    return record(asked, given(asked, **(answers or {"outcome": "no"})), "en", now).response
