"""The company that a log's cases come to: departments for its busiest groups, and people who work there.

The other groups stay names that nobody has linked, so their cases are the fallback department's (R37).
"""

from collections import Counter

from feedback.models import Department, DepartmentAlias, Membership, StaffIdentity, User
from feedback.models.staff import Role
from surveys import default_survey
from tests.factories import DepartmentFactory, UserFactory
from tests.realdata.logs import Log

DEPARTMENTS = 24
ALIASES = 6
COLLEAGUES = 8
MENDERS = {"charge": 0, "product_fault": 1}
"""The department, by its place among the busiest, that can mend what is not its own: so one answer may concern two."""


class Company:
    """Made anew for each replay, the same every time."""

    def __init__(self, log: Log) -> None:
        groups = Counter(said.case["department"] for said in log.said if said.case.get("department"))
        names = [name for name, _ in groups.most_common(DEPARTMENTS + ALIASES)]
        self.manager: User = UserFactory(username="manager", roles=[Role.MANAGER])
        self.safety: User = UserFactory(username="safety", roles=[Role.SAFETY_OWNER])
        self.heads = [UserFactory(username=f"head-{number}") for number in range(4)]
        self.fallback = self._department("front-office", 0, is_fallback=True)
        self.departments = [
            self._department(name, number) for number, name in enumerate(names[:DEPARTMENTS], 1)
        ]
        for name in names[DEPARTMENTS:]:
            DepartmentAlias.objects.create(slug=name, department=self.departments[0])
        default_survey.ensure(
            {
                reason: self.departments[place]
                for reason, place in MENDERS.items()
                if place < len(self.departments)
            }
        )
        self._name_who_served(log)
        self._serve_each_other(log)

    def _department(self, slug: str, number: int, **fields: object) -> Department:
        owner, deputy, member = (
            UserFactory(username=f"{slug}-{role}", language="zh-hans" if number % 3 == 0 else "en")
            for role in ("owner", "deputy", "member")
        )
        made: Department = DepartmentFactory(
            slug=slug,
            name={"en": slug, "zh-hans": f"{slug} 组"},
            owner=owner,
            deputy=deputy,
            head=self.heads[number % len(self.heads)],
            time_zone=("Europe/London", "Asia/Shanghai", "America/New_York")[number % 3],
            **fields,
        )
        Membership.objects.create(department=made, user=member)
        return made

    def _name_who_served(self, log: Log) -> None:
        """Owners and deputies are among those who serve, so somebody else must see to those complaints (R13)."""
        served: dict[str, Counter[str]] = {}
        for said in log.said:
            if said.case["status"] == "resolved" and said.case.get("served_by"):
                served.setdefault(said.case.get("department", ""), Counter())[said.case["served_by"]] += 1
        self.taken: set[str] = set()
        for department in self.departments:
            names = [name for name, _ in served.get(department.slug, Counter()).most_common()]
            free = [name for name in names if name not in self.taken][1:3]
            for name, user in zip(free, (department.owner, department.deputy), strict=False):
                self._is_known_as(log, name, user)

    def _serve_each_other(self, log: Log) -> None:
        """A few callers work here: served by themselves, or by whoever reads their mailbox, they are not asked (R6)."""
        pairs = Counter(
            (said.case["served_by"], said.case["customer"]["email"])
            for said in log.said
            if said.case["status"] == "resolved"
            and said.case.get("served_by")
            and said.case.get("customer", {}).get("email")
        )
        for (name, email), _ in pairs.most_common():
            if name not in self.taken:
                self._is_known_as(
                    log, name, UserFactory(username=f"colleague-{len(self.taken)}", email=email)
                )
            if len(self.taken) >= 2 * len(self.departments) + COLLEAGUES:
                break

    def _is_known_as(self, log: Log, name: str, user: User) -> None:
        self.taken.add(name)
        StaffIdentity.objects.create(source=log.name, external_id=name, user=user)
