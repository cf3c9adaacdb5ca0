"""The help desk that says what became of cases, and the office where people come, go and change places."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from feedback import clock, pause
from feedback.intake.fields import read
from feedback.intake.names import link_department
from feedback.intake.services import take_in
from feedback.models import Department, DepartmentAlias, Membership, StaffIdentity
from tests.histories.machine import History, which

SERVED = st.sampled_from(["", "dora-at-the-desk", "dora-at-the-desk", "eve-at-the-desk", "stranger"])
DEPARTMENT = st.sampled_from(["workshop", "workshop", "billing", "stores", "front-office", "a-new-one", ""])
MOST_CASES = 6


class Office(History):
    """Rules of the help desk and of the office."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self.numbers: dict[str, list[int]] = {}

    # -- cases

    @initialize(served=SERVED, department=DEPARTMENT, phone=st.booleans())
    def it_begins(self, served: str, department: str, phone: bool) -> None:
        for number, (who, where) in enumerate(((served, department), ("", "workshop")), start=1):
            self._say(f"T{number}", 10, "resolved", self._person(number, phone), who, where)
        self.act("a case is resolved", "help desk", self.world.beat)

    def _person(self, number: int, phone: bool) -> dict[str, str]:
        person = {"external_id": f"c{number}", "email": f"c{number}@home.example", "language": "en"}
        return person | ({"phone": f"+49170123456{number}"} if phone else {})

    def _say(
        self, case: str, sequence: int, status: str, person: dict[str, str], who: str, where: str
    ) -> Any:
        said = {"served_by": who} if who else {}
        said |= {"department": where} if where else {}
        body = {"source": "desk", "external_id": case, "status": status, "sequence": sequence, **said}
        body["customer"] = person
        self.said.append(body)
        self.numbers.setdefault(case, []).append(sequence)
        return take_in([read(body)])

    @rule(whose=which, served=SERVED, department=DEPARTMENT, phone=st.booleans(), heard=st.booleans())
    @precondition(lambda self: len(self.numbers) < MOST_CASES)
    def a_case_is_resolved(self, whose: int, served: str, department: str, phone: bool, heard: bool) -> None:
        """Of a new customer, or of one who is known."""
        number = len(self.numbers) + 1
        person = self._person(number if whose > 2 else whose + 1, phone)

        def say() -> None:
            with self.world.doorbells(heard):
                self._say(f"T{number}", 10, "resolved", person, served, department)

        self.act("a case is resolved", "help desk", say, must=True)

    @rule(
        index=which,
        late=st.integers(0, 9),
        status=st.sampled_from(["open", "resolved"]),
        served=SERVED,
        department=DEPARTMENT,
        heard=st.booleans(),
    )
    def more_is_said_of_a_case(
        self, index: int, late: int, status: str, served: str, department: str, heard: bool
    ) -> None:
        """The next event, or one that was under way for long and belongs before what is known."""
        case = self.pick(sorted(self.numbers), index)
        known = self.numbers[case]
        sequence = max(known) + 10 if late < 5 else min(known) + late
        if sequence in known:
            return
        person = next(body["customer"] for body in self.said if body["external_id"] == case)

        def say() -> None:
            with self.world.doorbells(heard):
                self._say(case, sequence, status, person, served, department)

        self.act("more is said of a case", "help desk", say, must=True)

    @rule(first=which, last=which)
    def it_is_all_said_again(self, first: int, last: int) -> None:
        """What was said comes once more, in another order: nothing changes."""
        bodies = self.said[min(first, last) :][:6][::-1]
        before = self.now
        self.act("it is all said again", "help desk", lambda: take_in([read(body) for body in bodies]))
        after = type(before).read()
        assert not {"events", "resolutions", "invitations", "messages"}.intersection(after.differs(before))

    # -- the office

    @rule(index=which, active=st.booleans(), heard=st.sampled_from([True, True, False]))
    def somebody_leaves_or_returns(self, index: int, active: bool, heard: bool) -> None:
        person = self.pick(self.world.staff, index)
        person.refresh_from_db()

        def save() -> None:
            person.is_active = active
            if heard:
                person.save()
            else:
                type(person).objects.filter(pk=person.pk).update(is_active=active)
                self.world.sweeps()

        self.act("somebody leaves or returns", "office", save)

    @rule(index=which, part=st.sampled_from(["owner", "deputy", "head"]), whom=which)
    def a_department_gets_another_owner(self, index: int, part: str, whom: int) -> None:
        department, person = self.pick(self.world.departments, index), self.pick(self.world.staff, whom)

        def replace() -> None:
            Department.objects.filter(pk=department.pk).update(**{f"{part}_id": person.pk})
            department.refresh_from_db()

        self.act(f"a department gets another {part}", "office", replace)

    @rule(index=which, whom=which)
    def somebody_joins_a_department(self, index: int, whom: int) -> None:
        row = {
            "department": self.pick(self.world.departments, index),
            "user": self.pick(self.world.staff, whom),
        }
        self.act("somebody joins a department", "office", lambda: Membership.objects.get_or_create(**row))

    @rule(index=st.integers(1, 3), back=st.booleans())
    def a_department_is_retired_or_brought_back(self, index: int, back: bool) -> None:
        department = self.world.departments[index]

        def retire() -> None:
            at = None if back else clock.now()
            Department.objects.filter(pk=department.pk).update(retired_at=at)
            department.refresh_from_db()

        self.act("a department is retired or brought back", "office", retire)

    @rule(whom=which, heard=st.booleans())
    @precondition(lambda self: self.now.of("names", external_id="stranger"))
    def a_staff_name_is_linked(self, whom: int, heard: bool) -> None:
        person = self.pick([*self.world.staff, self.world.leader], whom)

        def link() -> None:
            names = StaffIdentity.objects.filter(external_id="stranger")
            if heard:
                name = names.get()
                name.user = person
                name.save()
            else:
                names.update(user=person)
                self.world.sweeps()

        self.act("a staff name is linked", "office", link)

    @rule(index=which)
    @precondition(lambda self: any(body.get("department") == "a-new-one" for body in self.said))
    def an_unknown_department_is_linked(self, index: int) -> None:
        department = self.pick(self.world.departments, index)

        def link() -> None:
            link_department(DepartmentAlias.objects.get(slug="a-new-one"), department)

        self.act("an unknown department is linked", "office", link)

    @rule(on=st.booleans())
    def surveys_are_paused_or_go_on(self, on: bool) -> None:
        def switch() -> None:
            pause.start(self.world.manager, "A try.") if on else pause.end()

        self.act("surveys are paused or go on", "office", switch)
