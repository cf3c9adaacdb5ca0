"""Two departments with a secret word in every text of every complaint, and people of every role who look for them.

The words are letters and digits only, so that no escaping (HTML, JSON, addresses) changes them.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from feedback import clock, outbox
from feedback.models import (
    Customer,
    Department,
    DepartmentAlias,
    Membership,
    Pause,
    StaffIdentity,
    Suppression,
    User,
)
from feedback.models.staff import Role
from followups import customer as customers_side
from followups import notices, promises, replies, services
from followups.models import FollowUp, RoutingRule
from surveys import default_survey
from surveys.models import Exclusion, Response
from tests import factories

STORIES = ("alpha", "beta", "again", "both", "safety", "served", "escalated")
"""``again`` is a second complaint of alpha's customer, in beta. ``both`` has a point in each department. In ``served``
the visitor may be the person who served; it is alpha's, and about safety. ``escalated`` is beta's, an executive's."""

CUSTOMER = ("name", "email", "phone", "person")
CASE = ("subject", "case", "order", "product", "resolution")
SAID = ("said", "wrote")
WORK = ("note", "call", "promise", "found", "did", "changes")
SHARED = ("written", "title")
"""What a department writes that the whole response shares: the customer's thread, and the titles of points."""


@dataclass
class Story:
    """One complaint; ``words`` are its secrets by what they are, those of a department's own work as ``note@alpha``."""

    name: str
    customer: Customer
    response: Response
    words: dict[str, str]
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)

    def secrets(self, *kinds: str) -> set[str]:
        return {word for kind, word in self.words.items() if kind.partition("@")[0] in kinds}

    def work(self, department: str) -> set[str]:
        return {word for kind, word in self.words.items() if kind.endswith(f"@{department}")}


@dataclass
class World:
    """All that was planted. ``people`` are the visitors by name; ``name`` is whom the stories' source says served."""

    people: dict[str, User]
    stories: dict[str, Story]
    name: StaffIdentity
    rows: dict[str, Any]

    @property
    def secrets(self) -> set[str]:
        return {word for story in self.stories.values() for word in story.words.values()}

    def follow_ups(self) -> dict[str, FollowUp]:
        """Every follow-up by ``story/department``."""
        return {
            f"{story.name}/{department}": follow_up
            for story in self.stories.values()
            for department, follow_up in story.follow_ups.items()
        }


def people() -> dict[str, User]:
    """One person of every kind that DESIGN 9 names, and of the kinds that have no say."""
    made: dict[str, tuple[list[Role], dict[str, bool]]] = {
        "manager": ([Role.MANAGER], {}),
        # Every role, every flag, and a place in both departments: minus R13 all the same.
        "everything": (list(Role), {"is_superuser": True, "is_staff": True}),
        "superuser": ([], {"is_superuser": True, "is_staff": True}),
        "safety_owner": ([Role.SAFETY_OWNER], {}),
        "executive": ([Role.EXECUTIVE], {}),
        "integration": ([Role.INTEGRATION], {}),
        "nobody": ([], {}),
        "left": ([Role.MANAGER], {"is_active": False}),
        **{name: ([], {}) for name in ("owner", "deputy", "head", "member", "other_owner", "colleague")},
    }
    return {
        name: factories.UserFactory(username=f"visitor-{name}", roles=roles, **flags)
        for name, (roles, flags) in made.items()
    }


def plant() -> World:
    """Make two departments, their people, and a complaint of every kind."""
    who = people()
    alpha = factories.DepartmentFactory(
        slug="alpha", owner=who["owner"], deputy=who["deputy"], head=who["head"]
    )
    beta = factories.DepartmentFactory(slug="beta", owner=who["other_owner"])
    Membership.objects.create(department=alpha, user=who["member"])
    # Who works what nobody else may: so that protecting somebody never leaves a follow-up without an assignee.
    for department in (alpha, beta):
        Membership.objects.create(department=department, user=who["colleague"])
        Membership.objects.create(department=department, user=who["everything"])
    factories.fallback(owner=who["colleague"])
    default_survey.ensure({"charge": beta})
    name = factories.IdentityFactory(external_id="served-here")
    stories: dict[str, Story] = {}
    for each in STORIES:
        home = alpha if each in ("alpha", "both", "served") else beta
        reasons = {"both": ["too_slow", "charge"], "safety": ["unsafe"], "served": ["unsafe"]}.get(each, [])
        known = stories["alpha"] if each == "again" else None
        stories[each] = _story(each, home, reasons or ["too_slow"], name if each == "served" else None, known)
    escalated = stories["escalated"].follow_ups["beta"]
    services.assign(escalated.pk, who["other_owner"], who["executive"])
    notices.send_due(clock.now() + timedelta(hours=1))
    outbox.send_due()
    version = default_survey.ensure()
    rows = {
        "department": alpha,
        "name": name,
        "user": who["colleague"],
        "survey": version.survey,
        "version": version,
        "alias": DepartmentAlias.objects.create(slug="workshop-2"),
        "exclusion": Exclusion.objects.create(field="source", value="nowhere", why="a test"),
        "rule": RoutingRule.objects.create(position=99, product="nothing", department=beta),
        "pause": Pause.objects.create(why="a test", ended_at=clock.now()),
        "suppression": Suppression.objects.create(digest=b"x" * 32, scope="surveys", cause="opt_out"),
    }
    return World(who, stories, name, rows)


def _story(
    name: str, home: Department, reasons: list[str], served_by: StaffIdentity | None, known: Story | None
) -> Story:
    words = {kind: _secret(name, kind) for kind in (*CUSTOMER, *CASE, *SAID)}
    if known:
        words |= {kind: known.words[kind] for kind in CUSTOMER}
        customer = known.customer
    else:
        words["phone"] = f"1212{secrets.randbelow(800) + 200}{secrets.randbelow(9000) + 1000}"
        customer = factories.CustomerFactory(
            name=words["name"],
            source="desk",
            external_id=words["person"],
            email=f"{words['email']}@home.example",
            phone=f"+{words['phone']}",
        )
    snapshot = {
        "department": home,
        "department_slug": home.slug,
        "served_by": served_by,
        "product": words["product"],
        "order_ref": words["order"],
        "subject": words["subject"],
        "resolution_text": words["resolution"],
    }
    case = factories.CaseFactory(customer=customer, external_id=words["case"], **snapshot)
    asked = factories.invitation(case=case, **snapshot)
    response = factories.answer(asked, outcome="no", reasons=reasons, words=words["said"])
    story = Story(name, customer, response, words)
    for follow_up in response.follow_ups.select_related("department"):
        slug = follow_up.department.slug
        story.follow_ups[slug] = follow_up
        words |= {f"{kind}@{slug}": _secret(name, kind + slug) for kind in (*WORK, *SHARED)}
        _work(follow_up, {kind: words[f"{kind}@{slug}"] for kind in (*WORK, *SHARED)})
    customers_side.write_back(response, words["wrote"])
    return story


def _work(follow_up: FollowUp, words: dict[str, str]) -> None:
    """Everything that a colleague can put into words."""
    staff = User.objects.get(username="visitor-colleague")
    services.take(follow_up.pk, staff)
    services.note(follow_up.pk, staff, words["note"])
    services.write(follow_up.pk, staff, words["written"])
    made = promises.promise(follow_up.pk, staff, words["promise"], clock.now() + timedelta(days=1))
    replies.log_call(follow_up.pk, staff, words["call"])
    [point] = follow_up.points.all()
    services.split(follow_up.pk, staff, point.pk, [words["title"], "the rest"])
    parts = {
        one.pk: replies.Part(words["found"], words["did"], words["changes"]) for one in follow_up.points.all()
    }
    replies.reply(follow_up.pk, staff, parts, kept=[made.pk])


def _secret(story: str, kind: str) -> str:
    return f"xq{story}{kind}{secrets.token_hex(4)}"
