"""The customers: they answer, change their minds, judge replies, write, call, and want no more mail."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from feedback import suppression
from feedback.models import Suppression
from followups import customer
from followups.moves import Stale
from followups.page import page_of
from surveys import responses
from surveys.models import Invitation, Response
from tests import factories
from tests.histories.machine import History, which

REASONS = ["not_fixed", "too_slow", "charge", "product_fault", "unsafe", "other"]
WORDS = st.sampled_from(["", "", "", "It smells.", "The plug caught fire", "不好用"])
SAID = st.sampled_from(["fixed", "fixed", "not_fixed", ""])


class Callers(History):
    """Rules of the customers."""

    # -- the survey

    def unanswered(self) -> list[Any]:
        """Invitations that reached somebody, or stand on a page, and were not answered."""
        answered = {row.invitation_id for row in self.now.responses.values()}
        return [one for one in self.answerable() if one.pk not in answered]

    def answerable(self) -> list[Any]:
        reached = {one.message_id for one in self.memory.attempts() if one.result in ("accepted", "in_doubt")}
        return [
            one
            for one in self.now.invitations.values()
            if one.version_id
            and (one.message_id in reached or one.reason == "open_follow_up")
            and (one.link__expires_at is None or one.link__expires_at > self.now.now)
        ]

    def answer(self, name: str, asked: Any, heard: bool, **said: Any) -> None:
        row = Invitation.objects.get(pk=asked.pk)
        given = {kind: value for kind, value in said.items() if value or kind == "reasons"}
        if not given:
            return

        def record() -> None:
            with self.world.doorbells(heard):
                responses.record(row, factories.given(row, **given), "en")

        # Nothing but empty answers is no answer, where there was none before.
        empty = not any(given.values())
        self.act(name, "customer", record, must=None if empty else True)

    @rule(
        index=which,
        outcome=st.sampled_from(["no", "no", "partly", "yes"]),
        heard=st.sampled_from([True, True, False]),
    )
    @precondition(lambda self: self.unanswered())
    def answers_the_first_page(self, index: int, outcome: str, heard: bool) -> None:
        asked = self.pick(self.unanswered(), index)
        self.answer("answers the first page", asked, heard, outcome=outcome)

    @rule(
        index=which,
        ease=st.sampled_from([0, 1, 3, 7]),
        reasons=st.lists(st.sampled_from(REASONS), max_size=3, unique=True),
        person=st.sampled_from([0, 0, 1, 5]),
        words=WORDS,
        heard=st.sampled_from([True, True, False]),
    )
    @precondition(lambda self: self.now.responses)
    def answers_the_second_page(
        self, index: int, ease: int, reasons: list[str], person: int, words: str, heard: bool
    ) -> None:
        """The rest, or what was said before, changed."""
        answered = {row.invitation_id for row in self.now.responses.values()}
        asked = self.pick([one for one in self.answerable() if one.pk in answered], index)
        if asked is not None:
            self.answer(
                "answers the second page",
                asked,
                heard,
                ease=ease,
                reasons=reasons,
                person=person,
                words=words,
            )

    @rule(index=which, outcome=st.sampled_from(["no", "partly", "yes"]))
    @precondition(lambda self: self.now.responses)
    def changes_their_mind(self, index: int, outcome: str) -> None:
        answered = {row.invitation_id for row in self.now.responses.values()}
        asked = self.pick([one for one in self.answerable() if one.pk in answered], index)
        if asked is not None:
            self.answer("changes their mind", asked, True, outcome=outcome)

    # -- the page

    def judged(self, name: str, response: Response, verdicts: dict[int, str], text: str, must: Any) -> None:
        texts = [text] if text else []
        self.act(name, "customer", lambda: customer.say(response, verdicts, text), must=must, texts=texts)
        if self.deed.came_of_it != "done":
            return
        after = type(self.now).read()
        for part_id, word in verdicts.items():
            last = max(after.of("verdicts", part_id=part_id), key=lambda one: one.pk)
            point = after.points[after.parts[part_id].point_id]
            assert last.word == word, (part_id, word, last)
            assert point.status == ("fixed" if word == "fixed" else "open"), (point, word)
            assert after.newest_part(point.pk).pk == part_id, (
                "the word went to a reply that is not the newest"
            )
            if word == "not_fixed":
                assert after.follow_ups[point.follow_up_id].status == "working"

    def parts_on_page(self, response: Response) -> dict[int, int]:
        """What the page asks a word on, by point: the part of the reply that it shows."""
        shown = page_of(response).points
        return {
            point.id: point.reply.part_id
            for point in shown
            if point.reply and (point.may_be_judged or point.may_be_judged_anew)
        }

    @rule(index=which, words=st.lists(SAID, min_size=4, max_size=4), text=WORDS)
    @precondition(lambda self: self.now.parts)
    def judges_what_the_page_asks(self, index: int, words: list[str], text: str) -> None:
        """Whatever the page offers to judge can be judged."""
        response = self._with_a_reply(index)
        parts = self.parts_on_page(response)
        said = {part: word for part, word in zip(parts.values(), words, strict=False) if word}
        if said:
            self.pages.append((response.pk, parts))  # it stands open on another telephone, too
            self.judged("judges what the page asks", response, said, text, True)

    @rule(index=which)
    @precondition(lambda self: self.now.parts)
    def calls_everything_fixed(self, index: int) -> None:
        response = self._with_a_reply(index)
        said = dict.fromkeys(self.parts_on_page(response).values(), "fixed")
        if said:
            self.judged("calls everything fixed", response, said, "", True)

    def _with_a_reply(self, index: int) -> Response:
        points = {self.now.points[part.point_id] for part in self.now.parts.values()}
        ids = sorted({self.now.follow_ups[point.follow_up_id].response_id for point in points})
        return Response.objects.get(pk=self.pick(ids, index))

    @rule(index=which)
    @precondition(lambda self: self.now.parts)
    def leaves_a_page_open(self, index: int) -> None:
        response = self._with_a_reply(index)
        if parts := self.parts_on_page(response):
            self.pages.append((response.pk, parts))
        self.act("leaves a page open", "customer", lambda: None)

    @rule(index=which, words=st.lists(SAID, min_size=4, max_size=4), text=WORDS)
    @precondition(lambda self: self.pages)
    def presses_on_a_page_left_open(self, index: int, words: list[str], text: str) -> None:
        """Told apart: on what still stands the word counts; on anything older nothing is recorded."""
        response_id, parts = self.pick(self.pages[::-1], index)
        said = {part: word for part, word in zip(parts.values(), words, strict=False) if word}
        if not said:
            return
        still = all(self._stands(part) for part in said)
        response = Response.objects.get(pk=response_id)
        self.judged("presses on a page left open", response, said, text, still)
        assert still or isinstance(self.deed.error, Stale)

    @rule(index=which, words=st.lists(st.sampled_from(["fixed", "not_fixed"]), min_size=4, max_size=4))
    @precondition(lambda self: self.outdated_pages())
    def presses_on_an_outdated_page(self, index: int, words: list[str]) -> None:
        """A word on each reply that they have before them, of which one is not the newest any more."""
        response_id, parts = self.pick(self.outdated_pages()[::-1], index)
        said = dict(zip(parts.values(), words * len(parts), strict=False))
        response = Response.objects.get(pk=response_id)
        self.judged("presses on an outdated page", response, said, "", False)
        assert isinstance(self.deed.error, Stale)

    def outdated_pages(self) -> list[tuple[int, dict[int, int]]]:
        newest = {part.point_id: pk for pk, part in self.now.parts.items()}
        return [
            (response_id, parts)
            for response_id, parts in self.pages
            if any(newest[self.now.parts[part].point_id] != part for part in parts.values())
        ]

    def _stands(self, part_id: int) -> bool:
        part = self.now.parts[part_id]
        point = self.now.points[part.point_id]
        follow_up = self.now.follow_ups[point.follow_up_id]
        return (
            self.now.newest_part(point.pk).pk == part_id
            and point.status != "withdrawn"
            and follow_up.status != "withdrawn"
            and self.now.replies[part.reply_id].follow_up_id == follow_up.pk
        )

    def by_customer(
        self, name: str, index: int, deed: Callable[[Response], Any], must: bool | None = None, **more: Any
    ) -> Any:
        response = self.response(index)
        return self.act(name, "customer", lambda: deed(response), must=must, **more)

    @rule(index=which)
    @precondition(lambda self: self.now.follow_ups)
    def writes_back(self, index: int) -> None:
        text = f"Hello, no. {len(self.now.words)}"
        self.by_customer(
            "writes back", index, lambda response: customer.write_back(response, text), True, texts=[text]
        )

    @rule(index=which, text=WORDS)
    @precondition(lambda self: self.now.follow_ups)
    def asks_for_a_call(self, index: int, text: str) -> None:
        texts = [text] if text else []
        promised = self.by_customer(
            "asks for a call", index, lambda one: customer.ask_for_call(one, text), True, texts=texts
        )
        assert promised.follow_up.status in ("open", "working")
        assert promised.assignee_id == promised.follow_up.assignee_id

    @rule(index=which, point=which)
    @precondition(lambda self: self.now.points)
    def withdraws_a_point(self, index: int, point: int) -> None:
        response = self.response(index)
        shown = sorted(page_of(response).points, key=lambda one: not one.may_be_withdrawn)
        one = self.pick(shown[:3], point)
        deed = lambda: customer.withdraw_point(response, one.id)  # noqa: E731
        follow_up = self.now.follow_ups[self.now.points[one.id].follow_up_id]
        gone = follow_up.status == "withdrawn"
        self.act("withdraws a point", "customer", deed, must=one.may_be_withdrawn and not gone)

    @rule(index=which)
    @precondition(lambda self: self.now.of("promises", state="open"))
    def releases_us_from_a_promise(self, index: int) -> None:
        promise = self.pick(self.now.of("promises", state="open"), index)
        response = Response.objects.get(follow_ups=promise.follow_up_id)
        deed = lambda: customer.release_promise(response, promise.pk)  # noqa: E731
        self.act("releases us from a promise", "customer", deed, must=True, released={promise.pk})

    # -- no more mail

    @rule(index=which, why=st.sampled_from(["opt_out", "opt_out", "stop", "complaint"]))
    @precondition(lambda self: self.now.contacts)
    def wants_no_more_mail(self, index: int, why: str) -> None:
        contact = self.pick(self.now.contacts.values(), index)
        scope = "surveys" if why == "opt_out" else "all"
        deed = lambda: suppression.suppress(bytes(contact.digest), scope, why)  # noqa: E731
        self.act("wants no more mail", "customer", deed)

    @rule()
    @precondition(lambda self: self.now.blocks)
    def wants_mail_again(self) -> None:
        self.act("wants mail again", "customer", lambda: Suppression.objects.all().delete())
