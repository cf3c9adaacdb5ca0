"""Who is going to do what, and when: what simulated people have in mind, in the order of its time."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

SEED = 3
Deed = Callable[[datetime], None]


class Diary:
    """Deeds by the time that they are due. ``chance`` falls the same way in every run; ``done`` counts the deeds."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)
        self.done: Counter[str] = Counter()
        self._order = count()
        self._due: list[tuple[datetime, int, str, Deed]] = []

    def plan(self, now: datetime, what: str, deed: Deed, *, days: tuple[float, float]) -> None:
        """Do ``deed`` at some time between so many days from ``now``."""
        at = now + timedelta(days=self.chance.uniform(*days))
        heapq.heappush(self._due, (at, next(self._order), what, deed))

    def do_what_is_due(self, now: datetime) -> None:
        while self.has_something_due(now):
            _, _, what, deed = heapq.heappop(self._due)
            deed(now)
            self.done[what] += 1

    def chooses(self, **weights: float) -> str:
        """One of the names, by its weight."""
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def has_something_due(self, now: datetime) -> bool:
        return bool(self._due) and self._due[0][0] <= now

    @property
    def is_empty(self) -> bool:
        return not self._due
