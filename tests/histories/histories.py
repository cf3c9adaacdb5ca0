"""The whole machine: everybody together, how long it runs, and what it did."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings

from tests.histories.callers import Callers
from tests.histories.desk import Desk
from tests.histories.machine import History
from tests.histories.machinery import Machinery
from tests.histories.office import Office
from tests.histories.progress import Progress


class AnyHistory(Progress, Office, Callers, Desk, Machinery):
    """Anything that can happen."""

    @classmethod
    def forget(cls) -> None:
        History.steps = 0
        History.hits.clear()

    @classmethod
    def summary(cls) -> str:
        """How many steps were done, and how often which deed was done, refused, or found nothing to do."""
        names = sorted({name for name, _ in History.hits if name not in ("nothing", "the beginning")})
        rows = [
            f"  {name:45} {History.hits[name, 'done']:6} done {History.hits[name, 'refused']:6} refused"
            for name in names
        ]
        idle = sum(n for (name, _), n in History.hits.items() if name == "nothing")
        return "\n".join([f"{History.steps} steps of history, {idle} with nothing to do", *rows])


def sized(histories: int, depth: int, *, shrink: bool = True) -> settings:
    """Return the settings for so many histories of so many steps each."""
    phases: list[Any] = [Phase.generate, *([Phase.shrink] if shrink else [])]
    return settings(
        max_examples=histories,
        stateful_step_count=depth,
        deadline=None,
        database=None,
        print_blob=True,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
