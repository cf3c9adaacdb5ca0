"""Names and addresses for the callers of a log, who have only numbers there. The same caller is always the same."""

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

ZONES = {"zh-hans": ("Asia/Shanghai",), "en": ("Europe/London", "America/New_York", "Asia/Kolkata", "")}
# Where they can be written to; some nowhere, and some share the mailbox of their office.
REACHED = {"email": 42, "phone": 30, "email phone": 22, "office": 3, "": 3}
OFFICES = 40


@dataclass(frozen=True)
class Caller:
    """One caller as the log names them, with what is made up about them."""

    source: str
    name: str

    @cached_property
    def chance(self) -> random.Random:
        return random.Random(f"{self.source}:{self.name}")

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The ``customer`` of a case in the API."""
        chance = self.chance
        number = int("".join(filter(str.isdigit, self.name)) or 0)
        language = "zh-hans" if chance.random() < 0.4 else "en"
        reached = chance.choices(list(REACHED), list(REACHED.values()))[0]
        fields = {
            "external_id": self.name,
            "name": f"客户{number}" if language == "zh-hans" else self.name,
            "language": language,
            "time_zone": chance.choice(ZONES[language]),
        }
        if "email" in reached:
            fields["email"] = f"caller.{number}@customers.example"
        if "phone" in reached:
            fields["phone"] = f"+86199{number:08}"  # possible, and nothing leaves this machine
        if reached == "office":
            fields["email"] = f"office.{number % OFFICES}@customers.example"
        return {name: value for name, value in fields.items() if value}


class Callers:
    """The callers of one source, each made once."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: dict[str, Caller] = {}

    def payload(self, name: str) -> dict[str, Any]:
        """The customer of this name; nothing where the log does not know who called."""
        if name == "?":
            return {}
        return self.found.setdefault(name, Caller(self.source, name)).payload
