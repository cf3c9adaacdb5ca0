"""The made-up customers behind the log's callers: the same caller is the same person every time."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from feedback.demo import cast, sample

SEED = 5


def chance(*about: object) -> random.Random:
    """Chance that falls the same way every time for the same thing."""
    return random.Random(f"{SEED}:" + ":".join(map(str, about)))  # noqa: S311  # a play, no secret


@dataclass(frozen=True)
class Person:
    external_id: str
    name: str
    language: str
    time_zone: str
    email: str
    phone: str

    def payload(self) -> dict[str, Any]:
        """The `customer` of a case in the API."""
        fields = {
            "external_id": self.external_id,
            "name": self.name,
            "language": self.language,
            "time_zone": self.time_zone,
            "email": self.email,
            "phone": self.phone,
        }
        return {key: value for key, value in fields.items() if value}


def person(external_id: str, number: int, chinese: bool, reached: str, areas: tuple[str, ...]) -> Person:
    """A person. `number` makes address and phone their own; `reached` is some of `email` and `phone`."""
    fate = chance("person", external_id)
    if chinese:
        name = fate.choice(cast.FAMILY_ZH) + fate.choice(cast.GIVEN_ZH)
        mailbox = f"customer{number}"
    else:
        given, family = fate.choice(cast.GIVEN), fate.choice(cast.FAMILY)
        name, mailbox = f"{given} {family}", f"{given}.{family}{number}".lower()
    area = areas[(number // 100) % len(areas)]
    return Person(
        external_id=external_id,
        name=name,
        language="zh-hans" if chinese else "en",
        time_zone="Asia/Shanghai" if chinese else "Europe/London",
        email=f"{mailbox}@example.com" if "email" in reached else "",
        phone=f"+1{area}55501{number % 100:02}" if "phone" in reached else "",
    )


@cache
def callers() -> dict[str, Person]:
    """Everybody who called, by the log's name for them."""
    homes: dict[str, str] = {}
    for event in sample.incidents():
        homes.setdefault(event.caller, sample.first_resolved_in()[event.number])
    found: dict[str, Person] = {}
    for number, (caller, group) in enumerate(sorted(homes.items())):
        fate = chance("caller", caller)
        team = cast.BY_GROUP.get(group, cast.ELSEWHERE)
        chinese = fate.random() * 10 < team.chinese_customers
        # Two in a hundred left no address at all: that they were not asked has its reason, too.
        reached = fate.choices(("email", "phone", "email phone", ""), weights=(43, 38, 17, 2))[0]
        found[caller] = person(caller, number, chinese, reached, cast.AREAS)
    return found
