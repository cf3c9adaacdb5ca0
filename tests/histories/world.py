"""A small company, its post and its time: what a history is played in. Everything is undone when it is over."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import time_machine
from django.db import transaction
from django.test import override_settings

from feedback import outbox, pause, signals
from feedback.channels.base import Channel, Outcome, Outcomes, Outgoing, accepted, deferred, in_doubt, refused
from feedback.models import Department, Membership, Message, StaffIdentity, User
from feedback.models.staff import Role
from feedback.outbox import sending
from followups import silence
from followups import sweep as followups_sweep
from followups.models import RoutingRule
from surveys import default_survey
from surveys import sweep as surveys_sweep
from surveys.models import Invitation
from surveys.signals import response_recorded
from tests import factories

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DOORBELLS = (signals.case_changed, signals.message_changed, response_recorded)
ASKING = ("survey", "reminder")


@dataclass(frozen=True)
class Attempt:
    """One message that a channel was given, what it answered, and what spoke against it at that very moment."""

    message_id: int
    channel: str
    result: str
    objections: tuple[str, ...] = ()


class Died(BaseException):
    """The worker's process is gone in the middle of a call: nothing after it is run."""


class Post(Channel):
    """Both channels: takes everything, unless ``troubles`` says what becomes of the next ones."""

    name = "post"
    attempts: ClassVar[list[Attempt]] = []
    troubles: ClassVar[deque[str]] = deque()

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        for one in messages:
            trouble = self.troubles.popleft() if self.troubles else "accepted"
            row = Message.objects.get(pk=one.id)
            said = "in_doubt" if trouble in ("broken", "dies") else trouble
            self.attempts.append(Attempt(one.id, row.channel, said, tuple(_objections(row))))
            if trouble == "broken":
                raise RuntimeError("the line went dead")
            if trouble == "dies":
                raise Died
            yield one, _outcome(trouble, one)


class PostInBatches(Post):
    step = 25


def _outcome(trouble: str, one: Outgoing) -> Outcome:
    return {
        "accepted": lambda: accepted(f"post-{one.reference}"),
        "refused": lambda: refused("no such address"),
        "deferred": lambda: deferred("busy"),
        "deferred for all": lambda: deferred("nobody there", stop=True),
        "in_doubt": lambda: in_doubt("timed out"),
    }[trouble]()


def _objections(row: Message) -> Iterator[str]:
    """Why this message should not be on its way, whoever let it go (R2, R30, R42)."""
    if row.state != "calling":
        yield f"it is {row.state}, not marked as calling"
    if row.purpose not in ASKING:
        return
    asked = Invitation.objects.select_related("resolution").filter(message=row).first()
    if pause.is_paused():
        yield "surveys are paused"
    if asked is not None and asked.resolution.reopened_at is not None:
        yield "the case was reopened"
    if asked is not None and asked.state != "asked":
        yield f"its invitation is {asked.state}"


class World:
    """The company, and the moment at which its history stands. ``end()`` undoes everything."""

    def __init__(self) -> None:
        self.undo = ExitStack()
        self.undo.enter_context(
            override_settings(
                CHANNELS={
                    "email": "tests.histories.world.PostInBatches",
                    "sms": "tests.histories.world.Post",
                },
                QUIET_HOURS=(20, 9),
            )
        )
        self.undo.enter_context(_rolled_back())
        self.time = self.undo.enter_context(time_machine.travel(START, tick=False))
        Post.attempts, Post.troubles = [], deque()
        self._people()
        self.reports = 0
        self.done: Counter[tuple[str, str]] = Counter()

    def end(self) -> None:
        self.undo.close()

    def _people(self) -> None:
        def person(name: str, *roles: str) -> User:
            made: User = factories.UserFactory(first_name=name, roles=list(roles))
            return made

        self.anna, self.bo, self.carl, self.dora, self.eve = map(
            person, ("Anna", "Bo", "Carl", "Dora", "Eve")
        )
        self.manager = person("Max", Role.MANAGER, Role.SAFETY_OWNER)
        self.leader = person("Lea", Role.MANAGER)
        self.staff = [self.anna, self.bo, self.carl, self.dora, self.eve]
        self.front: Department = factories.fallback(owner=self.anna, head=self.bo)
        self.billing = factories.DepartmentFactory(
            slug="billing", owner=self.carl, deputy=self.anna, head=self.bo
        )
        self.workshop = factories.DepartmentFactory(slug="workshop", owner=self.dora, deputy=self.carl)
        self.stores = factories.DepartmentFactory(slug="stores", owner=self.eve, head=self.dora)
        Membership.objects.create(department=self.workshop, user=self.eve)
        Membership.objects.create(department=self.workshop, user=self.bo)
        self.departments = [self.front, self.billing, self.workshop, self.stores]
        StaffIdentity.objects.create(source="desk", external_id="dora-at-the-desk", user=self.dora)
        StaffIdentity.objects.create(source="desk", external_id="eve-at-the-desk", user=self.eve)
        RoutingRule.objects.create(position=1, about_person=True, department=self.front)
        default_survey.ensure({"charge": self.billing, "unsafe": self.workshop, "product_fault": self.stores})

    # -- machines

    def beat(self) -> None:
        """What beat and the worker do within half a minute: twice, because the one makes work for the other."""
        for _ in range(2):
            self.sweeps()
            outbox.rescue()
            outbox.send_due()

    def sweeps(self) -> None:
        surveys_sweep.run()
        followups_sweep.run()
        silence.close_silent()

    def pass_time(self, by: timedelta) -> None:
        self.time.shift(by)
        self.beat()

    def die(self, channel: str, *, calling: bool) -> None:
        """A worker dies: over what it has claimed, or while the channel takes a message from it."""
        if not calling:
            sending.claim(channel, 2)
            return
        Post.troubles.appendleft("dies")
        with suppress(Died):
            outbox.send_due()
        if "dies" in Post.troubles:  # there was nothing to send
            Post.troubles.remove("dies")

    @contextmanager
    def doorbells(self, heard: bool) -> Iterator[None]:
        """Unless ``heard``, no doorbell reaches anybody, and the sweeps have to make good for it."""
        if heard:
            yield
            return
        kept = [(bell, bell.receivers) for bell in DOORBELLS]
        try:
            for bell in DOORBELLS:
                bell.receivers = []
            yield
        finally:
            for bell, receivers in kept:
                bell.receivers = receivers
        self.sweeps()

    def reported(self, message: Any, kind: str) -> None:
        self.reports += 1
        outbox.apply_delivery(
            outbox.Report("post", event_id=f"e{self.reports}", kind=kind, message_id=message.pk)
        )


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
