"""What the tests of the shared ground share."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from feedback import clock
from feedback.channels.memory import Memory


class Moved:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = clock.now().replace(microsecond=0)

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def moved_clock(monkeypatch) -> Moved:
    moved = Moved()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved


@pytest.fixture
def memory(settings) -> Iterator[type[Memory]]:
    """Both channels keep what they are given, and answer as they are told."""
    settings.CHANNELS = {
        "email": "feedback.channels.memory.MemoryInBatches",
        "sms": "feedback.channels.memory.Memory",
    }
    Memory.reset()
    yield Memory
    Memory.reset()
