"""Plays the customers: they read what they are sent, and answer on the real pages, as a browser would.

They remember only within one run. After a restart a page that says "you have answered" is left alone.
"""

import logging
import re
import time
from threading import Event

import httpx
from django.conf import settings
from django.db import close_old_connections

from feedback import outbox
from feedback.demo import cast, fates, people
from feedback.demo.browser import Browser, Field, Page, Refused
from feedback.models import Message
from feedback.models.messages import Purpose, State

logger = logging.getLogger(__name__)

WORDS = {
    "en": {
        "write": (
            "Any news? I would like to know by when.",
            "One more thing: it was the evening shift, around eight.",
        ),
        "call": ("Afternoons are best, on the number you have.", ""),
        "missing": ("It is still the same as before.", "The reply is kind, but nothing has changed yet."),
        "back": ("Thank you for writing.", "All right, I am waiting for your answer."),
    },
    "zh-hans": {
        "write": ("有进展吗？什么时候能有结果？", "补充一下：是晚班，大概八点。"),
        "call": ("下午方便，打这个号码就行。", ""),
        "missing": ("还是老样子，没有变化。", "回复很客气，但问题还在。"),
        "back": ("谢谢你们的回复。", "好的，等你们的消息。"),
    },
}
EVERY = 0.5  # seconds between two looks


class Customers:
    """All simulated customers. `step()` lets one of them do one thing, if somebody's time has come."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.plans: list[tuple[float, Message, str]] = []

    def step(self) -> bool:
        """Do the one thing that is most overdue; whether there was one."""
        self._read_new_messages()
        if not self.plans or self.plans[0][0] > time.time():
            return False
        _, message, what = self.plans.pop(0)
        try:
            with Browser(message.language) as browser:
                getattr(self, f"_{what}")(browser, message)
        except (Refused, httpx.HTTPError, LookupError) as error:
            logger.warning("a simulated customer could not %s (%s): %s", what, message.send_key, error)
        return True

    def _plan(self, delay: float, message: Message, what: str, since: float | None = None) -> None:
        self.plans.append(((time.time() if since is None else since) + delay, message, what))
        self.plans.sort(key=lambda plan: plan[0])

    def _read_new_messages(self) -> None:
        new = Message.objects.filter(
            customer__source=cast.SOURCE, state=State.ACCEPTED, link__isnull=False
        ).exclude(pk__in=self.seen)
        for message in new.select_related("customer", "link", "opt_out", "contact").order_by("id"):
            self.seen.add(message.pk)
            fate = fates.fates().get(message.customer.external_id) if message.customer else None
            settled = message.settled_at.timestamp() if message.settled_at else time.time()
            if fate is None:
                continue
            if message.purpose == Purpose.SURVEY and fate.answers:
                self._plan(fate.delay, message, "answer", settled)
            elif message.purpose in (Purpose.REPLY, Purpose.TELLING):
                self._plan(fate.verdict_delay, message, "judge", settled)
            elif message.purpose == Purpose.MESSAGE and fate.next_step == "write":
                self._plan(fate.verdict_delay, message, "back", settled)

    def _fate(self, message: Message) -> fates.Fate:
        assert message.customer is not None
        return fates.fates()[message.customer.external_id]

    def _words(self, message: Message, kind: str) -> str:
        return people.chance(kind, message.send_key).choice(WORDS[_tongue(message)][kind])

    def _link(self, message: Message, door: str) -> str:
        """The link in the message that opens this door. The one place where a sent text is read back."""
        text = outbox.rendered(message).text
        found = re.search(rf"{re.escape(settings.BASE_URL)}/{door}/[^\s?]+", text)
        if not found:
            raise LookupError(f"no /{door}/ link in the message")
        return found[0]

    # -- The survey

    def _answer(self, browser: Browser, message: Message) -> None:
        fate = self._fate(message)
        page = browser.open(self._link(message, "s"))
        if _step(page) != "first" or _has_choice(page):
            return  # answered in an earlier run, or by the visitor
        page = self._press(browser, page, fate)
        if not fate.only_first:
            for _ in range(2):  # the rest, and the reasons where they are asked once more
                if _step(page) in ("rest", "reasons"):
                    page = self._press(browser, page, fate)
        if fate.changes_mind:
            self._plan(people.chance("again", message.send_key).uniform(30, 90), message, "change")
        if (own_page := page.link("/f/")) and fate.next_step in ("write", "call"):
            self._do(browser, browser.open(own_page), fate.next_step, self._words(message, fate.next_step))

    def _press(self, browser: Browser, page: Page, fate: fates.Fate) -> Page:
        """Fill in whatever this step asks, and press the button."""
        form = page.form_with("step", _step(page))
        if form is None:
            raise LookupError("the survey's form")
        values = form.values()
        for name in dict.fromkeys(control.name for control in form.fields if control.name):
            controls = form.named(name)
            options = [control.value for control in controls]
            if controls[0].kind == "textarea":
                values[name] = [fate.words]
            elif controls[0].kind == "checkbox":
                values[name] = [reason for reason in fate.reasons if reason in options]
            elif controls[0].kind == "radio":
                values[name] = [_choice(options, fate)]
        return browser.send(page, form, values, _button(form.fields))

    def _change(self, browser: Browser, message: Message) -> None:
        """Change the first answer: what was bad is a little better now, and what was good is not."""
        page = browser.open(self._link(message, "s") + "?step=first")
        form = page.form_with("step", "first")
        if form is None:
            return
        name = next(control.name for control in form.of_kind("radio"))
        before = form.values().get(name, [""])[0]
        after = {"no": "partly", "partly": "yes", "yes": "partly"}.get(before, "partly")
        browser.send(page, form, form.values() | {name: [after]}, _button(form.fields))

    # -- Their own page

    def _judge(self, browser: Browser, message: Message) -> None:
        """The last word on a reply, point by point. Whoever said "not fixed" once is content with the second reply."""
        fate = self._fate(message)
        page = browser.open(self._link(message, "f"))
        form = page.form_with("do", "verdict")
        if form is None or fate.verdict == "silence":
            return
        values = form.values()
        points = dict.fromkeys(control.name for control in form.of_kind("radio"))
        if not points:
            return
        complained = any(words in page.html for words in WORDS[_tongue(message)]["missing"])
        content = fate.verdict == "fixed" or complained
        values.update({name: ["fixed" if content else "not_fixed"] for name in points})
        if not content:
            values["missing"] = [self._words(message, "missing")]
        browser.send(page, form, values, Field("do", "submit", "verdict"))

    def _back(self, browser: Browser, message: Message) -> None:
        self._do(browser, browser.open(self._link(message, "f")), "write", self._words(message, "back"))

    def _do(self, browser: Browser, page: Page, what: str, words: str) -> None:
        form = page.form_with("do", what)
        if form is not None:
            field = "text" if what == "write" else "call"
            browser.send(page, form, form.values() | {field: [words]}, Field("do", "submit", what))


def _tongue(message: Message) -> str:
    return "zh-hans" if message.language.startswith("zh") else "en"


def _step(page: Page) -> str:
    fields = [control for form in page.forms for control in form.named("step")]
    return fields[0].value if fields else ""


def _has_choice(page: Page) -> bool:
    """Whether something on the first page is chosen already, without a tap in the message."""
    return any(control.checked for form in page.forms for control in form.of_kind("radio"))


def _choice(options: list[str], fate: fates.Fate) -> str:
    if fate.outcome in options:
        return fate.outcome
    wanted = fate.ease if "7" in options else fate.person
    return str(wanted) if str(wanted) in options else options[-1]


def _button(fields: list[Field]) -> Field | None:
    return next((control for control in fields if control.kind == "submit"), None)


def run(customers: Customers, stopped: Event) -> None:
    """Let them all do what they do, until told to stop."""
    while not stopped.is_set():
        try:
            busy = customers.step()
        except Exception:
            logger.exception("the simulated customers stumbled")
            busy = False
            stopped.wait(2)
        if not busy:
            close_old_connections()
            stopped.wait(EVERY)
