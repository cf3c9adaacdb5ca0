"""Plays owners, deputies and heads: they sign in at the desk, and work a part of what is theirs.

The rest stays for the visitor: whatever chance leaves alone, always the newest of each person's list, whatever
somebody else took, and for some minutes what the visitor complained of as a customer.
"""

import logging
import re
import time
from datetime import datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

import httpx
from django.db import close_old_connections

from feedback import clock
from feedback.demo import cast, people, words_of_owners
from feedback.demo.browser import Browser, Form, Page, Refused, Values

logger = logging.getLogger(__name__)

LIST = "/admin/followups/followup/?stands=owed&whose=mine"
CHINESE = re.compile("[\u4e00-\u9fff]")
WORKED = 0.6  # of what is owed; the rest is the visitor's
EVERY = 1.0  # seconds between two deeds
AGAIN = 5.0  # ... and between two deeds on the same follow-up, at least
VISITORS_OWN = 180.0  # before a complaint of the visitor's own is taken out of their hands


class SignedOut(Exception):
    """The desk did not let somebody in."""


class Owner:
    """One person at the desk, with a browser of their own."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.browser = Browser()
        self.signed_in = False
        self.next_deed: dict[str, float] = {}
        self.first_seen: dict[str, float] = {}
        self.taken: set[str] = set()

    def sign_in(self) -> None:
        page = self.browser.open("/admin/login/?next=/admin/")
        form = next((form for form in page.forms if form.named("username")), None)
        if form is None:
            self.signed_in = True  # the session is still good
            return
        after = self.browser.send(
            page, form, form.values() | {"username": [self.username], "password": [cast.PASSWORD]}
        )
        self.signed_in = "/login/" not in after.url
        if not self.signed_in:
            raise SignedOut(self.username)

    def step(self) -> bool:
        """Do one deed on one follow-up; whether there was one to do."""
        if not self.signed_in:
            self.sign_in()
        page = self.browser.open(LIST)
        if "/login/" in page.url:
            self.signed_in = False
            return False
        found = dict.fromkeys(re.findall(r"/admin/followups/followup/(\d+)/change/", " ".join(page.links)))
        newest = max(found, key=int, default="")
        now = time.monotonic()
        for number in found:
            self.first_seen.setdefault(number, now)
            if number != newest and _is_worked(number) and self.next_deed.get(number, 0) <= now:
                self.next_deed[number] = now + AGAIN + people.chance("pause", number, now).uniform(0, 15)
                if self.work(number):
                    return True
        return False

    def work(self, number: str) -> bool:
        """The next thing that this follow-up needs: taken, then perhaps a word or a promise, then the reply."""
        page = self.browser.open(f"/admin/followups/followup/{number}/change/")
        chance = people.chance("work", number)
        style = chance.choices(("reply", "note", "write", "promise"), weights=(4, 2, 2, 3))[0]
        language = "zh-hans" if CHINESE.search(_main(page)) else "en"
        if take := page.form_to("/do/take/"):
            if cast.VISITORS in page.html and time.monotonic() - self.first_seen[number] < VISITORS_OWN:
                return False
            self.browser.send(page, take, take.values())
            self.taken.add(number)
        elif number not in self.taken:
            return False  # the visitor is at it
        elif style != "reply" and not _has_been_worked(page) and (form := page.form_to(f"/do/{style}/")):
            self.browser.send(page, form, self._words(style, form, number, language))
        elif form := page.form_to("/do/reply/"):
            self.browser.send(page, form, _reply(form, language))
        return True

    def _words(self, style: str, form: Form, number: str, language: str) -> Values:
        chance = people.chance(style, number)
        values = form.values()
        if style == "note":
            values["text"] = [chance.choice(words_of_owners.NOTES)]
        elif style == "write":
            values["text"] = [chance.choice(words_of_owners.WRITTEN[language])]
        else:
            values["text"] = [chance.choice(words_of_owners.PROMISES[language])]
            values["due_at"] = [_tomorrow_noon(clock.now()).strftime("%Y-%m-%dT%H:%M")]
        return values


def _is_worked(number: str) -> bool:
    return people.chance("worked", number).random() < WORKED


def _main(page: Page) -> str:
    found = re.search(r"<main.*</main>", page.html, re.DOTALL)
    return found[0] if found else page.html


def _talk(page: Page) -> str:
    return page.html.partition('id="talk-card"')[2]


def _has_been_worked(page: Page) -> bool:
    """Whether staff have said anything yet, to the customer or to each other."""
    return "is-staff" in _talk(page)


def _reply(form: Form, language: str) -> Values:
    """Three parts for every point, and every promise kept."""
    values = form.values()
    again = values.get("seen", ["0"])[0] not in ("", "0")
    for control in form.fields:
        if control.name.startswith("point-"):
            part = control.name.rpartition("-")[2]
            values[control.name] = [getattr(words_of_owners.told(control.legend, language, again), part)]
        elif control.name.startswith("promise-"):
            values[control.name] = [control.value]
    return values


def _tomorrow_noon(now: datetime) -> datetime:
    """By the clock of the demo's departments, as the desk's form reads it."""
    there = now.astimezone(ZoneInfo(cast.ZONE)) + timedelta(days=1)
    return there.replace(hour=12, minute=0, second=0, microsecond=0)


def run(stopped: Event) -> None:
    """Let everybody work in turn, until told to stop."""
    owners = [
        Owner(name) for name in dict.fromkeys(cast.username(name) for team in cast.STAFF for name in team)
    ]
    while not stopped.is_set():
        for owner in owners:
            if stopped.is_set():
                return
            try:
                busy = owner.step()
            except (Refused, SignedOut, httpx.HTTPError, LookupError) as error:
                logger.warning("simulated owner %s: %s", owner.username, error)
                busy = False
            except Exception:
                logger.exception("simulated owner %s stumbled", owner.username)
                busy = False
            stopped.wait(EVERY if busy else EVERY / 5)
        close_old_connections()
