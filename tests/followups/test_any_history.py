"""Whatever happens to a complaint, in whatever order, the invariants hold (DESIGN 9).

Cases come and reopen, customers answer and press buttons, staff work, messages fail, time passes; after each step
nobody saw an error that they should not see, and ``audit`` finds nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from feedback import access, audit, clock, outbox, suppression
from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Department, Membership, Message, StaffIdentity, Suppression
from feedback.models.staff import Role
from followups import customer, promises, replies, services, silence
from followups import sweep as followups_sweep
from followups.models import FollowUp, Point, Promise, ReplyPart
from followups.page import page_of
from followups.states import LIVE, OWED, PointStatus
from surveys import default_survey, responses
from surveys import sweep as surveys_sweep
from surveys.models import Invitation, Response
from tests import factories

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REASONS = ["not_fixed", "too_slow", "charge", "unsafe"]
PART = replies.Part("Found.", "Done.", "Changed.")
which = st.integers(0, 5)


class AnyHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.time = time_machine.travel(START, tick=False)
        self.traveller = self.time.start()
        people = [factories.UserFactory() for _ in range(4)]
        self.manager = factories.UserFactory(roles=[Role.MANAGER, Role.SAFETY_OWNER])
        self.departments: list[Department] = [
            factories.fallback(owner=people[0], head=people[1]),
            factories.DepartmentFactory(slug="billing", owner=people[2], deputy=people[0], head=people[1]),
            factories.DepartmentFactory(slug="workshop", owner=people[3], deputy=people[2]),
        ]
        Membership.objects.create(department=self.departments[2], user=people[1])
        self.people = [*people, self.manager]
        StaffIdentity.objects.create(source="desk", external_id="agent", user=people[3])
        default_survey.ensure({"charge": self.departments[1], "unsafe": self.departments[2]})
        self.cases = 2
        for number, said in ((1, {"outcome": "no"}), (2, {"ease": 1, "reasons": ["charge", "too_slow"]})):
            self.say_case(number, "resolved", "", "workshop")
            asked = Invitation.objects.get(resolution__case__external_id=f"T{number}")
            responses.record(asked, factories.given(asked, **said), "en")

    def teardown(self) -> None:
        self.time.stop()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # -- who is there

    def pick(self, rows, index):
        rows = list(rows)
        return rows[index % len(rows)] if rows else None

    def response(self, index):
        return self.pick(Response.objects.order_by("pk"), index)

    def follow_up(self, index):
        # Those on which something can still be done come first.
        rows = sorted(FollowUp.objects.all(), key=lambda row: (row.status not in LIVE, row.pk))
        return self.pick(rows[:3], index)

    def at_desk(self, index: int, deed: Callable[..., object]) -> None:
        """Do something as the assignee: it may be refused with an error that says why, never break."""
        follow_up = self.follow_up(index)
        if follow_up is None or follow_up.assignee is None:
            return
        assert access.visible(follow_up.assignee, FollowUp).filter(pk=follow_up.pk).exists() or (
            follow_up.status not in LIVE
        )
        with suppress(ValidationError, PermissionDenied, ObjectDoesNotExist), transaction.atomic():
            deed(follow_up, follow_up.assignee)

    # -- cases

    @rule(served=st.sampled_from(["", "agent", "stranger"]), department=st.sampled_from(["", "workshop"]))
    @precondition(lambda self: self.cases < 3)
    def a_case_is_resolved(self, served, department):
        self.cases += 1
        self.say_case(self.cases, "resolved", served, department)

    @rule(index=which, status=st.sampled_from(["open", "resolved"]), served=st.sampled_from(["", "agent"]))
    def more_is_said_of_a_case(self, index, status, served):
        if self.cases:
            self.say_case(index % self.cases + 1, status, served, "")

    def say_case(self, number, status, served, department):
        person = {"external_id": f"c{number}", "email": f"c{number}@home.example", "language": "en"}
        if number == 2:
            person["phone"] = "+491701234567"
        said = {"served_by": served} if served else {}
        said |= {"department": department} if department else {}
        body = {"source": "desk", "external_id": f"T{number}", "status": status, "customer": person, **said}
        take_in([read(body)])

    # -- the customer

    @rule(
        index=which,
        outcome=st.sampled_from(["", "yes", "partly", "no"]),
        ease=st.sampled_from([0, 1, 3, 7]),
        reasons=st.none() | st.lists(st.sampled_from(REASONS), max_size=2, unique=True),
        person=st.sampled_from([0, 0, 1, 5]),
        words=st.sampled_from(["", "", "It smells.", "The plug caught fire"]),
    )
    def answers(self, index, outcome, ease, reasons, person, words):
        asked = self.pick(Invitation.objects.filter(version__isnull=False).order_by("pk"), index)
        if asked is None:
            return
        said = {"outcome": outcome, "ease": ease, "person": person, "words": words}
        said = {kind: value for kind, value in said.items() if value}
        if reasons is not None:
            said["reasons"] = reasons
        with suppress(ValidationError), transaction.atomic():
            responses.record(asked, factories.given(asked, **said), "en")

    def by_customer(self, index: int, deed: Callable[..., object]) -> None:
        response = self.response(index)
        if response is not None:
            with suppress(ValidationError), transaction.atomic():
                deed(response)

    @rule(index=which, words=st.lists(st.sampled_from(["fixed", "not_fixed", ""]), min_size=3, max_size=3))
    def judges_what_the_page_asks(self, index, words):
        """Whatever the page offers to judge can be judged."""
        response = self.response(index)
        if response is None:
            return
        offered = [
            point for point in page_of(response).points if point.may_be_judged or point.may_be_judged_anew
        ]
        said = {one.reply.part_id: word for one, word in zip(offered, words, strict=False) if word}
        if said:
            customer.say(response, said, "")

    @rule(
        index=which,
        part=which,
        word=st.sampled_from(["fixed", "not_fixed"]),
        text=st.sampled_from(["", "No."]),
    )
    def judges_on_an_old_page(self, index, part, word, text):
        def say(response):
            old = self.pick(ReplyPart.objects.filter(point__response=response).order_by("pk"), part)
            if old:
                customer.say(response, {old.pk: word}, text)

        self.by_customer(index, say)

    @rule(index=which)
    def writes(self, index):
        self.by_customer(index, lambda response: customer.write_back(response, "Hello?"))

    @rule(index=which)
    def asks_for_a_call(self, index):
        def ask(response):
            promised = customer.ask_for_call(response)
            assert promised.follow_up.status in OWED and promised.assignee == promised.follow_up.assignee

        self.by_customer(index, ask)

    @rule(index=which, point=which)
    def withdraws_a_point(self, index, point):
        def withdraw(response):
            one = self.pick(response.points.order_by("pk"), point)
            if one:
                customer.withdraw_point(response, one.pk)

        self.by_customer(index, withdraw)

    @rule(index=which, promise=which)
    def releases_a_promise(self, index, promise):
        def release(response):
            one = self.pick(Promise.objects.filter(follow_up__response=response).order_by("pk"), promise)
            if one:
                customer.release_promise(response, one.pk)

        self.by_customer(index, release)

    @rule(index=which)
    def blocks_an_address(self, index):
        one = self.pick(Message.objects.filter(customer__isnull=False).order_by("pk"), index)
        if one:
            suppression.suppress(bytes(one.digest), "all", "complaint")

    @rule()
    def addresses_work_again(self):
        Suppression.objects.all().delete()

    # -- the desk

    @rule(index=which, kept=st.booleans())
    def replies(self, index, kept):
        def reply(follow_up, staff):
            points = follow_up.points.filter(status=PointStatus.OPEN).values_list("pk", flat=True)
            ticked = follow_up.promises.filter(state="open").values_list("pk", flat=True) if kept else []
            replies.reply(follow_up.pk, staff, dict.fromkeys(points, PART), ticked)

        self.at_desk(index, reply)

    @rule(
        index=which, deed=st.sampled_from(["take", "note", "write", "promise", "call", "assign"]), whom=which
    )
    def works(self, index, deed, whom):
        def work(follow_up, staff):
            point = self.pick(follow_up.points.order_by("pk"), whom)
            {
                "take": lambda: services.take(follow_up.pk, self.pick(self.people, whom)),
                "note": lambda: services.note(follow_up.pk, staff, "x"),
                "write": lambda: services.write(follow_up.pk, staff, "x"),
                "promise": lambda: promises.promise(
                    follow_up.pk, staff, "x", clock.now() + timedelta(days=1), point_id=point and point.pk
                ),
                "call": lambda: replies.log_call(follow_up.pk, staff, "x"),
                "assign": lambda: services.assign(follow_up.pk, staff, self.pick(self.people, whom)),
            }[deed]()

        self.at_desk(index, work)

    @rule(index=which, department=which, points=st.lists(which, min_size=1, max_size=3))
    def transfers(self, index, department, points):
        def transfer(follow_up, staff):
            here = list(follow_up.points.filter(status=PointStatus.OPEN))
            chosen = {self.pick(here, one).pk for one in points if here}
            services.transfer(follow_up.pk, staff, self.pick(self.departments, department), chosen)

        self.at_desk(index, transfer)

    @rule(index=which, point=which)
    def splits(self, index, point):
        def split(follow_up, staff):
            one = self.pick(follow_up.points.filter(status=PointStatus.OPEN), point)
            if one and follow_up.points.count() < 6:
                services.split(follow_up.pk, staff, one.pk, ["one", "two"])

        self.at_desk(index, split)

    @rule(index=which)
    def a_manager_withdraws(self, index):
        self.at_desk(
            index, lambda row, _: services.withdraw(row.pk, self.manager, "customers_wish", "They called.")
        )

    @rule(index=st.integers(0, 3), active=st.booleans())
    def somebody_leaves_or_returns(self, index, active):
        person = self.people[index]
        person.refresh_from_db()
        person.is_active = active
        person.save()

    @rule(person=st.integers(0, 3))
    def a_staff_name_is_linked(self, person):
        for stranger in StaffIdentity.objects.filter(external_id="stranger"):
            stranger.user = self.people[person]
            stranger.save()

    # -- time and machines

    @rule(hours=st.sampled_from([0.1, 3, 30, 24 * 8, 24 * 20]))
    def time_passes(self, hours):
        self.traveller.shift(timedelta(hours=hours))
        self.messages_leave()

    @rule()
    def messages_leave(self):
        outbox.send_due()

    @rule()
    def sweeps_run(self):
        surveys_sweep.run()
        followups_sweep.run()
        silence.close_silent()

    # -- what always holds

    @invariant()
    def audit_finds_nothing(self):
        # Owners may leave here without being replaced; messages may wait for the next step.
        excused = {"F04", "F06"}
        assert not {
            (one.invariant.id, one.invariant.says, one.violations)
            for one in audit.run()
            if one.violations and one.invariant.id not in excused
        }

    @invariant()
    def what_is_owed_is_due_and_what_was_said_is_somewhere(self):
        assert not FollowUp.objects.filter(status__in=OWED, next_due_at=None).exists()
        assert not Promise.objects.filter(state="open", follow_up__status="told", kind="call").exists()
        for response in Response.objects.all():
            page_of(response)
        open_points = Point.objects.filter(status=PointStatus.OPEN, follow_up__status="withdrawn")
        assert not open_points.exclude(follow_up__withdrawn_reason="customers_wish").exists()


@pytest.mark.django_db
@pytest.mark.rule("R24")
def test_the_invariants_hold_in_any_history():
    run_state_machine_as_test(
        AnyHistory,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
