"""A channel for tests: it keeps what it is given, and answers as it is told."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import ClassVar

from feedback.channels.base import Channel, Outcome, Outcomes, Outgoing, accepted

Answer = Outcome | Exception | Callable[[Outgoing], Outcome]


class Memory(Channel):
    """Accepts everything, or gives the answers of ``answers`` one after the other first.

    An answer is an Outcome, an exception to raise, or a function of the message. All are shared by the process's
    threads: call ``reset`` before a test.
    """

    name = "memory"
    sent: ClassVar[list[Outgoing]] = []
    """What was tried, whatever became of it."""
    answers: ClassVar[deque[Answer]] = deque()
    on: ClassVar[bool] = True

    @classmethod
    def reset(cls) -> None:
        cls.sent.clear()
        cls.answers.clear()
        cls.on = True

    def is_on(self) -> bool:
        return self.on

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        for message in messages:
            self.sent.append(message)
            answer = self.answers.popleft() if self.answers else accepted(f"memory-{message.reference}")
            if isinstance(answer, Exception):
                raise answer
            yield message, answer(message) if callable(answer) else answer


class MemoryInBatches(Memory):
    """The same, marked as email is: many at once."""

    step = 25
