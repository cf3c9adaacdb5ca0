"""Simulated customers: each reads what arrives, opens the links in it, and presses the buttons of the real pages."""

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.test import Client

from feedback.channels.base import Outgoing
from feedback.models.messages import Purpose
from surveys import default_survey, published
from tests.realdata import comments
from tests.realdata.comments import Comment
from tests.realdata.diary import Diary
from tests.visitor import Visitor

ANSWER = 0.4
"""The share of those asked who answer, and of those told who say whether it is fixed; the others are silent."""
JUDGE = 0.8
USUAL_REASONS = ("not_fixed", "too_slow", "had_to_repeat", "wrong_information", "charge", "product_fault")
WORDS = {
    "en": ("Any news? I would like to know by when.", "One more thing: it happened again this morning."),
    "zh-hans": ("有进展吗？什么时候能有结果？", "补充一下：今天早上又发生了一次。"),
}
MISSING = {"en": "It is still the same as before.", "zh-hans": "还是老样子，没有变化。"}


@dataclass
class Mind:
    """What one customer has to say about one resolution, and what they have said (by the kind of question)."""

    comment: Comment
    outcome: str
    ease: int
    person: int
    reasons: tuple[str, ...]
    only_first: bool
    said: dict[str, Any] = field(default_factory=dict)
    reasons_ever: set[str] = field(default_factory=set)
    page: str = ""

    @property
    def was_negative(self) -> bool:
        """Whether their current answers are negative by the default survey, words left out."""
        return (
            self.said.get("outcome") in ("no", "partly")
            or self.said.get("ease", 7) <= 3
            or self.said.get("person", 5) <= 2
            or bool(self.said.get("reasons"))
        )


class Customers:
    """All of them. ``minds`` holds what was typed by the secret part of the survey's link."""

    def __init__(self, data: Path, diary: Diary) -> None:
        self.diary = diary
        self.pools = {
            key: deque(diary.chance.sample(found, len(found))) for key, found in comments.read(data).items()
        }
        self.kinds = {
            f"q{question.id}": question.kind
            for question in published.version(default_survey.ensure().pk).questions
        }
        self.minds: dict[str, Mind] = {}
        self.refused: Counter[str] = Counter()
        self.opted_out: dict[str, datetime] = {}
        self.disappointed: set[str] = set()
        self.client = Client(enforce_csrf_checks=True)

    def reads(self, letters: list[Outgoing], now: datetime) -> None:
        """Decide, for each message that has just arrived, whether and when to do something about it."""
        for letter in letters:
            if letter.purpose == Purpose.SURVEY:
                if letter.unsubscribe and self.diary.chance.random() < 0.01:
                    self.diary.plan(now, "opted out", partial(self._opts_out, letter), days=(0, 3))
                elif self.diary.chance.random() < ANSWER:
                    self.diary.plan(now, "answered", partial(self._answers, letter), days=(0, 4))
            elif letter.purpose in (Purpose.REPLY, Purpose.TELLING):
                if self.diary.chance.random() < JUDGE:
                    self.diary.plan(now, "judged", partial(self._judges, letter), days=(0, 6))
            elif letter.purpose == Purpose.MESSAGE and self.diary.chance.random() < 0.4:
                self.diary.plan(now, "wrote back", partial(self._writes, letter), days=(0, 3))

    def _browser(self) -> Visitor:
        """A new browser each time, that keeps nothing; what is slow to make behind it is shared."""
        browser = Visitor()
        browser.client = self.client
        self.client.cookies.clear()
        return browser

    # -- The survey

    def _answers(self, letter: Outgoing, now: datetime) -> None:
        mind = self._makes_up_their_mind(letter.language)
        token, offered = _link(letter.text, "s"), f"a={mind.outcome}" in letter.text
        self._fills_in(self._browser(), token, f"?a={mind.outcome}" if offered else "", mind)
        if self.diary.chance.random() < 0.08:
            self.diary.plan(
                now, "changed their mind", partial(self._thinks_again, token, mind), days=(0.1, 9)
            )
        if mind.page:
            act = self.diary.chooses(nothing=80, write=8, call=6, withdraw=3, look=3)
            if act != "nothing":
                self.diary.plan(
                    now,
                    f"own page: {act}",
                    partial(self._on_their_page, mind, letter.language, act),
                    days=(0, 3),
                )

    def _makes_up_their_mind(self, language: str) -> Mind:
        chance, diary = self.diary.chance, self.diary
        mood = diary.chooses(negative=45, positive=45, plain=10)
        pool = self.pools[language, mood == "negative"]
        comment = pool[0] if mood != "plain" else Comment("", language, negative=False)
        pool.rotate(-1)
        outcome, ease, person, reasons = "yes", chance.randint(5, 7), chance.randint(3, 5), comment.reasons
        if mood == "negative":
            outcome = diary.chooses(no=50, partly=40, yes=10)
            ease = chance.randint(1, 4)
            person = chance.randint(1, 2) if comment.person else chance.randint(2, 5)
            reasons = reasons or (chance.choice(USUAL_REASONS),)
            if chance.random() < 0.25:
                reasons = tuple({*reasons, chance.choice(USUAL_REASONS)})  # often another department's too
        return Mind(comment, outcome, ease, person, reasons, only_first=chance.random() < 0.15)

    def _fills_in(self, browser: Visitor, token: str, choice: str, mind: Mind) -> None:
        """The first press, then the rest, then the reasons where they are asked once more."""
        self.minds[token] = mind
        browser.open(f"/s/{token}{choice}")
        for step in ("first", "rest", "reasons"):
            if step == _step(browser):
                self._presses(browser, mind)
            if mind.only_first:
                break
        found = re.findall(r'href="([^"]*/f/[^"?#]+)', browser.text)
        mind.page = found[-1] if found else mind.page

    def _presses(self, browser: Visitor, mind: Mind) -> None:
        [form] = [form for form in browser.forms() if form.offers("step")]
        would_say = {
            "outcome": mind.outcome,
            "ease": str(mind.ease),
            "person": str(mind.person),
            "reasons": [*mind.reasons],
            "words": mind.comment.text,
        }
        asked = {name: self.kinds[name] for name in form.values if name in self.kinds}
        browser.press(**{name: would_say[kind] for name, kind in asked.items()})
        if self._was_taken(browser, "survey"):
            told = {"ease": mind.ease, "person": mind.person, "reasons": {*mind.reasons}}
            mind.said |= {kind: told.get(kind, would_say[kind]) for kind in asked.values()}
            mind.reasons_ever |= mind.said.get("reasons", set())

    def _thinks_again(self, token: str, mind: Mind, now: datetime) -> None:
        """What was bad is a little better now, and what was good is not; sometimes a reason more."""
        mind.outcome = {"no": "partly", "partly": "yes", "yes": "partly"}[mind.outcome]
        if mind.outcome == "partly":
            mind.reasons = tuple({*mind.reasons, "too_slow"})
        self._fills_in(self._browser(), token, "?step=first", mind)

    def _opts_out(self, letter: Outgoing, now: datetime) -> None:
        browser = self._browser().open(letter.unsubscribe).press()
        if self._was_taken(browser, "opt-out"):
            self.opted_out[letter.address] = now

    # -- Their own page

    def _judges(self, letter: Outgoing, now: datetime) -> None:
        """The last word on a reply; whoever was disappointed once is content with the second."""
        page = _link(letter.text, "f")
        browser = self._browser().open(f"/f/{page}")
        names = {name for form in browser.forms() for name in form.values if name.startswith("point-")}
        if not names:
            return
        content = page in self.disappointed or self.diary.chance.random() < 0.7
        if content and self._has_button(browser, "all_fixed") and self.diary.chance.random() < 0.5:
            browser.press("all_fixed")
        elif content:
            browser.press("verdict", **dict.fromkeys(names, "fixed"))
        else:
            self.disappointed.add(page)
            verdicts = {name: self.diary.chance.choice(("fixed", "not_fixed", "not_fixed")) for name in names}
            verdicts[min(names)] = "not_fixed"
            missing = MISSING[letter.language] if self.diary.chance.random() < 0.7 else ""
            # Where only earlier verdicts can be changed, the page asks for nothing more.
            more = {"missing": missing} if any(form.offers("missing") for form in browser.forms()) else {}
            browser.press("verdict", **verdicts, **more)
        self._was_taken(browser, "verdict")
        self._answers_what_is_offered(browser, letter.language)

    def _answers_what_is_offered(self, browser: Visitor, language: str) -> None:
        """A survey that was not sent, because this complaint was open, stands on their page (R3)."""
        for token in dict.fromkeys(re.findall(r'href="[^"]*/s/([^"?#]+)', browser.text)):
            self.diary.done["answered what their page offers"] += 1
            self._fills_in(self._browser(), token, "", self._makes_up_their_mind(language))

    def _on_their_page(self, mind: Mind, language: str, act: str, now: datetime) -> None:
        browser = self._browser().open(mind.page)
        if act == "write":
            browser.press("write", text=self.diary.chance.choice(WORDS[language]))
        elif act == "call":
            browser.press("call", call="")
        elif act == "withdraw":
            found = re.findall(r"withdraw=(\d+)", browser.text)
            if not found:
                return
            browser.open(f"{mind.page}?withdraw={found[0]}").press("withdraw")
        elif self._has_button(browser, "release"):
            browser.press("release")
        self._was_taken(browser, act)
        self._answers_what_is_offered(browser, language)

    def _writes(self, letter: Outgoing, now: datetime) -> None:
        browser = self._browser().open(f"/f/{_link(letter.text, 'f')}")
        browser.press("write", text=self.diary.chance.choice(WORDS[letter.language]))
        self._was_taken(browser, "write")

    def _has_button(self, browser: Visitor, value: str) -> bool:
        return any(value == button[1] for form in browser.forms() for button in form.buttons)

    def _was_taken(self, browser: Visitor, what: str) -> bool:
        """Whether a press was answered as it should be; what was not is counted, by status."""
        if browser.status != 200:
            self.refused[f"{what}: {browser.status}"] += 1
        return browser.status == 200


def _link(text: str, door: str) -> str:
    """The secret part of the first link through this door."""
    found = re.search(rf"/{door}/([0-9A-Za-z-]+)", text)
    assert found, f"no /{door}/ link in the message"
    return found[1]


def _step(browser: Visitor) -> str:
    return next((form.values["step"][0] for form in browser.forms() if form.offers("step")), "")
