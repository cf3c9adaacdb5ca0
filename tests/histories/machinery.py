"""Time, the post and the workers: hours and weeks go by, channels refuse and doubt, workers die, providers report."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from feedback import outbox
from tests.histories.machine import History, which
from tests.histories.world import Post

TROUBLE = st.sampled_from(["refused", "deferred", "deferred for all", "in_doubt", "broken", "accepted"])


class Machinery(History):
    """Rules of what nobody does."""

    @rule(minutes=st.sampled_from([1, 6, 45, 60 * 5, 60 * 20]))
    def hours_pass(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))

    @rule(days=st.sampled_from([2, 4, 8, 15, 40]))
    def days_pass(self, days: int) -> None:
        self.pass_time(timedelta(days=days))

    @rule()
    @precondition(lambda self: self.now.of("messages", state="queued"))
    def messages_leave(self) -> None:
        self.act("messages leave", "system", outbox.send_due)

    @rule(troubles=st.lists(TROUBLE, min_size=1, max_size=4))
    def the_post_is_in_trouble(self, troubles: list[str]) -> None:
        self.act("the post is in trouble", "system", lambda: Post.troubles.extend(troubles))

    @rule(
        channel=st.sampled_from(["email", "sms"]), calling=st.booleans(), then=st.sampled_from([1, 45, 300])
    )
    @precondition(lambda self: self.now.of("messages", state="queued"))
    def a_worker_dies(self, channel: str, calling: bool, then: int) -> None:
        def die() -> None:
            self.world.die(channel, calling=calling)
            self.world.pass_time(timedelta(minutes=then))

        self.act("a worker dies", "system", die)

    @rule(index=which, kind=st.sampled_from(["sent", "delivered", "bounced", "complained"]))
    @precondition(lambda self: self.now.of("messages", state="accepted"))
    def the_provider_reports(self, index: int, kind: str) -> None:
        rows = [row for row in self.now.messages.values() if row.state in ("accepted", "in_doubt")]
        row = self.pick(rows[::-1], index)
        self.act("the provider reports", "system", lambda: self.world.reported(row, kind))

    @rule(index=which, arrived=st.booleans())
    @precondition(lambda self: self.now.of("messages", state="in_doubt"))
    def somebody_ends_a_doubt(self, index: int, arrived: bool) -> None:
        row = self.pick(self.now.of("messages", state="in_doubt"), index)

        def end() -> None:
            outbox.settle_doubt(row.pk, arrived=arrived, detail="They called.")

        self.act("somebody ends a doubt", "staff", end)
