"""The natural next thing: what makes histories deep, while everything else disturbs them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.histories.callers import SAID, Callers
from tests.histories.desk import Desk
from tests.histories.machine import which
from tests.histories.machinery import Machinery

NEXT: dict[str, Any] = {
    "index": which,
    "words": st.lists(SAID, min_size=4, max_size=4),
    "minutes": st.sampled_from([1, 45, 300]),
}


class Progress(Callers, Desk, Machinery):
    """One rule under several names: hypothesis leaves some rules out of each history, hardly ever all of these."""

    def _next(self, index: int, words: list[str], minutes: int) -> None:
        ways = []
        if any(not self._on_its_way(row) for row in self.owed()):
            ways.append(lambda: self.replies(index))
        if self.now.of("points", status="told"):
            ways.append(lambda: self.judges_what_the_page_asks(index, words, ""))
        if self.outdated_pages():
            ways.append(lambda: self.presses_on_an_outdated_page(index, [word or "fixed" for word in words]))
        if self.promised_points():
            ways.append(lambda: self.hands_over_what_was_promised(index, minutes))
        if self.of_somebody_who_served():
            ways.append(lambda: self.gives_it_to_whoever_served(index))
        if self.unanswered():
            ways.append(lambda: self.answers_the_first_page(index, "no", True))
        if self.now.of("messages", state="queued"):
            ways += [self.messages_leave, lambda: self.hours_pass(minutes)]
        self.pick(ways or [lambda: self.days_pass(2)], index)()

    def _on_its_way(self, row: Any) -> bool:
        newest = max(self.now.of("replies", follow_up_id=row.pk), key=lambda one: one.pk, default=None)
        message = self.now.messages.get(newest.message_id) if newest else None
        return message is not None and message.state == "queued"

    @rule(**NEXT)
    def life_goes_on(self, index: int, words: list[str], minutes: int) -> None:
        self._next(index, words, minutes)

    @rule(**NEXT)
    def life_goes_on_and_on(self, index: int, words: list[str], minutes: int) -> None:
        self._next(index, words, minutes)

    @rule(**NEXT)
    def it_takes_its_course(self, index: int, words: list[str], minutes: int) -> None:
        self._next(index, words, minutes)

    @rule(**NEXT)
    def one_thing_leads_to_another(self, index: int, words: list[str], minutes: int) -> None:
        self._next(index, words, minutes)
