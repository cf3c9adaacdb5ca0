"""Those who work at the desk: they take, promise, hand over, split, call and report back; managers withdraw."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from feedback import access, clock
from feedback.models import User
from followups import policies, promises, replies, services
from followups.models import FollowUp
from followups.moves import Stale
from tests.histories.machine import History, which

PART = replies.Part("The hose was loose.", "We tightened it.", "It stays dry now.")


class Desk(History):
    """Rules of assignees and managers."""

    def at_desk(
        self, name: str, row: Any, deed: Callable[[User], Any], must: bool | None = None, **more: Any
    ) -> Any:
        """Do something with a follow-up as its assignee, who must be allowed to, where it is live."""
        if row.assignee_id is None:
            return None
        staff = User.objects.get(pk=row.assignee_id)
        seen = access.visible(staff, FollowUp).filter(pk=row.pk).exists()
        live = row.status in ("open", "working", "told")
        assert seen or not live, f"{staff} cannot see #{row.pk}, which is theirs"
        if not seen:
            must = None
        elif not policies.may_work(staff, FollowUp.objects.get(pk=row.pk)):
            must = False
        return self.act(name, "staff", lambda: deed(staff), must=must, **more)

    def open_points(self, row: Any) -> list[Any]:
        return self.now.of("points", follow_up_id=row.pk, status="open")

    def open_promises(self, row: Any) -> list[int]:
        return [one.pk for one in self.now.of("promises", follow_up_id=row.pk, state="open")]

    # -- taking and giving

    @rule(index=which, whom=which)
    @precondition(lambda self: self.now.follow_ups)
    def takes(self, index: int, whom: int) -> None:
        row = self.follow_up(index)
        person = User.objects.get(
            pk=self.pick([*self.world.staff, self.world.manager, self.world.leader], whom).pk
        )
        may = access.visible(person, FollowUp).filter(pk=row.pk).exists()
        if self.now.served(row) == person.pk:
            assert not may
        must = may and row.status != "withdrawn" if not may or row.status == "withdrawn" else None
        self.act("takes", "staff", lambda: services.take(row.pk, person), must=must)

    @rule(index=which, whom=which)
    @precondition(lambda self: self.owed())
    def assigns(self, index: int, whom: int) -> None:
        row = self.follow_up(index)
        person = self.pick([*self.world.staff, self.world.manager], whom)
        # Whoever served is the one to whom it must not go.
        person = User.objects.get(pk=(self.now.served(row) if whom > 4 else None) or person.pk)
        unfit = not person.is_active or self.now.served(row) == person.pk or row.status == "withdrawn"
        self.at_desk(
            "assigns",
            row,
            lambda staff: services.assign(row.pk, staff, person),
            must=False if unfit else None,
        )

    @rule(index=which)
    @precondition(lambda self: self.of_somebody_who_served())
    def gives_it_to_whoever_served(self, index: int) -> None:
        row = self.pick(self.of_somebody_who_served(), index)
        served = User.objects.get(pk=self.now.served(row) or 0)
        deed = lambda staff: services.assign(row.pk, staff, served)  # noqa: E731
        self.at_desk("gives it to whoever served", row, deed, False)

    def of_somebody_who_served(self) -> list[Any]:
        """What is live, and somebody with an account served in the case."""
        live = [row for row in self.now.follow_ups.values() if row.status in ("open", "working", "told")]
        return [row for row in live if self.now.served(row) is not None]

    @rule(index=which, department=which, points=st.sets(which, min_size=1, max_size=3))
    @precondition(lambda self: self.owed())
    def transfers(self, index: int, department: int, points: set[int]) -> None:
        row = self.pick(self.owed(), index)
        here = self.open_points(row)
        chosen = {self.pick(here, one).pk for one in points}
        target = self.pick(self.world.departments, department)
        must = target.pk != row.department_id and target.retired_at is None
        self.at_desk(
            "transfers",
            row,
            lambda staff: services.transfer(row.pk, staff, target, chosen),
            must,
        )

    @rule(index=which, department=which)
    @precondition(lambda self: self.promised_points())
    def hands_over_what_was_promised(self, index: int, department: int) -> None:
        """A point with its promise goes to another department that is still in service."""
        point = self.pick(self.promised_points(), index)
        row = self.now.follow_ups[point.follow_up_id]
        others = [one for one in self.world.departments if one.pk != row.department_id]
        target = self.pick([one for one in others if one.retired_at is None], department)
        if target is not None:
            deed = lambda staff: services.transfer(row.pk, staff, target, {point.pk})  # noqa: E731
            self.at_desk("hands over what was promised", row, deed, True)

    def promised_points(self) -> list[Any]:
        promised = {one.point_id for one in self.now.of("promises", state="open")}
        return [one for row in self.owed() for one in self.open_points(row) if one.pk in promised]

    @rule(index=which, point=which)
    @precondition(lambda self: self.owed())
    def splits(self, index: int, point: int) -> None:
        row = self.pick(self.owed(), index)
        one = self.pick(self.open_points(row), point)
        if len(self.now.of("points", follow_up_id=row.pk)) < 5:
            deed = lambda staff: services.split(row.pk, staff, one.pk, ["One", "Two"])  # noqa: E731
            self.at_desk("splits", row, deed, True)

    # -- talking

    @rule(index=which)
    @precondition(lambda self: self.now.follow_ups)
    def notes(self, index: int) -> None:
        row = self.follow_up(index)
        text = f"Note no. {len(self.now.words)}"
        self.at_desk("notes", row, lambda staff: services.note(row.pk, staff, text), True, texts=[text])

    @rule(index=which)
    @precondition(lambda self: self.now.follow_ups)
    def writes(self, index: int) -> None:
        row = self.follow_up(index)
        text = f"Dear customer, no. {len(self.now.words)}"
        deed = lambda staff: services.write(row.pk, staff, text)  # noqa: E731
        self.at_desk("writes", row, deed, row.status != "withdrawn", texts=[text])

    @rule(index=which, hours=st.sampled_from([1, 30, 200, -1]), kind=st.sampled_from(["call", "other"]))
    @precondition(lambda self: self.owed())
    def promises_something(self, index: int, hours: int, kind: str) -> None:
        row = self.pick(self.owed(), index)
        due_at, text = clock.now() + timedelta(hours=hours), f"Promise no. {len(self.now.words)}"
        point = self.pick(self.open_points(row), index).pk if hours < 100 else None
        self.at_desk(
            "promises something",
            row,
            lambda staff: promises.promise(row.pk, staff, text, due_at, kind, point_id=point),
            hours > 0,
            texts=[text],
        )

    @rule(index=which, keeping=st.booleans())
    @precondition(lambda self: self.owed())
    def logs_a_call(self, index: int, keeping: bool) -> None:
        row = self.follow_up(index)
        kept = self.open_promises(row) if keeping else []
        text = f"We spoke, no. {len(self.now.words)}"
        self.at_desk(
            "logs a call",
            row,
            lambda staff: replies.log_call(row.pk, staff, text, kept),
            None if row.status == "withdrawn" else True,
            texts=[text],
            kept=set(kept),
        )

    # -- reporting back

    @rule(index=which)
    @precondition(lambda self: self.owed())
    def replies(self, index: int) -> None:
        """To every point, keeping every promise, having seen the newest reply: that must work."""
        row = self.pick(self.owed(), index)
        parts = dict.fromkeys([point.pk for point in self.open_points(row)], PART)
        kept = self.open_promises(row)
        seen = max([one.pk for one in self.now.of("replies", follow_up_id=row.pk)], default=0)
        self.at_desk(
            "replies",
            row,
            lambda staff: replies.reply(row.pk, staff, parts, kept, seen=seen),
            True,
            kept=set(kept),
        )

    @rule(index=which, fault=st.sampled_from(["a point left out", "empty", "a promise", "not the newest"]))
    @precondition(lambda self: self.owed())
    def replies_badly(self, index: int, fault: str) -> None:
        row = self.pick(self.owed(), index)
        points = [point.pk for point in self.open_points(row)]
        parts = dict.fromkeys(points, PART)
        kept = self.open_promises(row)
        seen = max([one.pk for one in self.now.of("replies", follow_up_id=row.pk)], default=0)
        if fault == "a point left out":
            parts.pop(points[index % len(points)])
        elif fault == "empty":
            parts[points[-1]] = replies.Part("\u202e ", "x", "x")
        elif fault == "a promise" and kept:
            kept.pop()
        elif fault == "not the newest" and seen:
            seen -= 1
        else:
            return
        self.at_desk(
            f"replies badly: {fault}",
            row,
            lambda staff: replies.reply(row.pk, staff, parts, kept, seen=seen),
            False,
        )
        assert fault != "not the newest" or isinstance(self.deed.error, Stale | type(None)), self.deed.error

    # -- managers

    @rule(index=which, safety_owner=st.booleans(), reason=st.sampled_from(["customers_wish", "wrong_person"]))
    @precondition(lambda self: len(self.owed()) > 1)
    def a_manager_withdraws(self, index: int, safety_owner: bool, reason: str) -> None:
        row = self.follow_up(index)
        who = User.objects.get(pk=(self.world.manager if safety_owner else self.world.leader).pk)
        may = (
            row.status != "withdrawn"
            and self.now.served(row) != who.pk
            and (safety_owner or row.severity != "safety")
        )
        deed = lambda: services.withdraw(row.pk, who, reason, "They called.")  # noqa: E731
        self.act("a manager withdraws", "manager", deed, must=may)
