"""A real log as it happened, with sending open: thousands of simulated customers and a company that answers them.

Everybody comes through their own door. The clock follows the log and goes on until everything has come to its end.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as configured
from django.db.models import F

from feedback import links
from feedback.models import Message, User
from feedback.models.messages import Purpose, State
from followups.models import FollowUp, Point
from followups.states import LIVE
from surveys.models import Answer, Invitation, Response
from tests.realdata import counts
from tests.realdata.audited import audit_is_clean
from tests.realdata.beat import Beat
from tests.realdata.company import Company
from tests.realdata.customers import Customers
from tests.realdata.diary import Diary
from tests.realdata.helpdesk import HelpDesk
from tests.realdata.letterbox import emptied
from tests.realdata.logs import MOST, Log, Said
from tests.realdata.owners import Owners
from tests.realdata.server import no_plug_is_pulled, take_statistics
from tests.realdata.shown import progress, say

pytestmark = [pytest.mark.realdata, pytest.mark.django_db(transaction=True)]

STEP = timedelta(hours=6)
A_YEAR_AT_MOST = 365
EVERY_SO_OFTEN = 25  # calls
QUIET = (20, 9)


class Town:
    """Everybody who takes part, and the clock that they share."""

    def __init__(self, log: Log, data: Path, traveller: time_machine.Traveller) -> None:
        self.log, self.traveller = log, traveller
        self.company = Company(log)
        self.help_desk, self.beat = HelpDesk(), Beat()
        self.diary = Diary()
        self.customers, self.owners = Customers(data, self.diary), Owners(data, self.diary)
        self.arrived: Counter[int] = Counter()
        self.calls = 0

    def lives_through(self, now: datetime, happened: list[Said]) -> None:
        """Six hours: what the help desk has to say comes in, messages leave, and people do what they meant to do."""
        self.traveller.move_to(now)
        for start in range(0, len(happened), MOST):
            self._post(happened[start : start + MOST])
        self._messages_leave(now)
        self.diary.do_what_is_due(now)
        self.owners.look(now)

    def may_sleep_through(self, now: datetime, happened: list[Said]) -> bool:
        """Whether there is nothing to do but to wait, and it is not the one time of the day to see to that."""
        return not happened and not self.diary.has_something_due(now) and now.hour >= STEP.seconds // 3600

    def _post(self, said: list[Said]) -> None:
        """In one call; now and then the answer is lost on its way, and the same call is made again."""
        self.calls += 1
        key = f"call-{self.calls}"
        answer = self.help_desk.post(said, key)
        if self.calls % EVERY_SO_OFTEN == 0:
            assert self.help_desk.post(said, key) == answer
            take_statistics()

    def _messages_leave(self, now: datetime) -> None:
        self.beat.tick(now)
        letters = emptied()
        self.arrived.update(letter.id for letter in letters)
        late = [x for x in letters if x.purpose == Purpose.SURVEY and x.address in self.customers.opted_out]
        assert not late, "a survey came to who had opted out"
        self.customers.reads(letters, now)

    @property
    def is_at_rest(self) -> bool:
        return self.diary.is_empty and not FollowUp.objects.filter(status__in=LIVE).exists()


def six_hours_each(log: Log) -> Iterator[tuple[datetime, list[Said]]]:
    """The log's time in steps, with what happened in each."""
    waiting = list(reversed(log.said))
    now = log.begins
    while waiting:
        now += STEP
        happened = []
        while waiting and waiting[-1].at <= now:
            happened.append(waiting.pop())
        yield now, happened


@pytest.fixture(autouse=True)
def as_it_is_delivered(settings, letterbox) -> None:
    """The default hours of rest, which other tests switch off."""
    settings.QUIET_HOURS = QUIET


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
@pytest.mark.rule("R34")
def test_a_year_of_a_help_desk_and_its_customers(servicenow_log: Log, data: Path) -> None:
    log, began = servicenow_log, time.perf_counter()
    no_plug_is_pulled()
    with time_machine.travel(log.begins) as traveller:
        town = Town(log, data, traveller)
        with progress("the loop", len(log.said)) as shown:
            for now, happened in six_hours_each(log):
                if town.may_sleep_through(now, happened):
                    continue
                town.lives_through(now, happened)
                shown.advance(
                    len(happened),
                    f"{now:%d %b %Y}, {len(town.customers.minds):,} have answered, {len(town.owners.at_work):,} owed",
                )
                if now - log.begins > (log.ends - log.begins) / 4:
                    somebody_leaves(town.company.heads[0])
        for _ in range(A_YEAR_AT_MOST):
            now += timedelta(days=1)
            town.lives_through(now, [])
            if town.is_at_rest:
                break
        say(f"the loop: intake {town.help_desk.pace}; all of it in {time.perf_counter() - began:,.0f} s")
        for line in counts.lines():
            say(f"  {line}")
        say(f"  people: {', '.join(f'{what} {n:,}' for what, n in sorted(town.diary.done.items()))}")
        say(f"  audit: {audit_is_clean()} invariants hold")
        everybody_could_do_what_they_wanted(town)
        everything_came_to_its_end()
        messages_left_as_promised(town)
        every_word_stands_as_it_was_typed(town.customers)


def somebody_leaves(user: User) -> None:
    """Whatever they had goes to somebody else by the next sweep (R12)."""
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])


def everybody_could_do_what_they_wanted(town: Town) -> None:
    assert not town.customers.refused
    assert not town.owners.refused, town.owners.last_refusal[:3000]


def everything_came_to_its_end() -> None:
    """After the last day nothing is owed and nobody waits: silence has passed, too."""
    assert not FollowUp.objects.filter(status__in=LIVE).exists()
    assert not Message.objects.filter(state__in=[State.QUEUED, State.CLAIMED, State.CALLING]).exists()


def messages_left_as_promised(town: Town) -> None:
    """Once, by day, within 72 hours, and never about a case that was reopened by then."""
    assert set(town.arrived.values()) == {1}
    assert set(town.arrived) == set(Message.objects.filter(state=State.ACCEPTED).values_list("pk", flat=True))
    sent = Invitation.objects.filter(message__state=State.ACCEPTED)
    assert not sent.filter(resolution__reopened_at__lt=F("message__settled_at")).exists()
    late = timedelta(hours=configured.SURVEY_TOO_LATE_HOURS) + timedelta(minutes=1)
    assert not sent.filter(message__settled_at__gt=F("resolution__resolved_at") + late).exists()
    by_zone = sent.exclude(customer__time_zone="").values_list("customer__time_zone", "message__settled_at")
    nightly = [
        (zone, at) for zone, at in by_zone if not QUIET[1] <= at.astimezone(ZoneInfo(zone)).hour < QUIET[0]
    ]
    assert not nightly


def every_word_stands_as_it_was_typed(customers: Customers) -> None:
    """Each current answer is the last that was given, to the letter; each reason ever given has its point."""
    invitations = Invitation.objects.filter(response__isnull=False).select_related("link", "response")
    by_token = {
        links.token(one.link, strong=long): one.response for one in invitations for long in (True, False)
    }
    assert customers.minds.keys() <= by_token.keys()
    assert len(customers.minds) == Response.objects.count()
    stands: dict[int, dict[str, object]] = {}
    for response, kind, score, chosen, words in Answer.objects.filter(superseded_at=None).values_list(
        "response", "question__kind", "score", "chosen", "words"
    ):
        value = {"outcome": "".join(chosen), "reasons": set(chosen), "words": words}.get(kind, score)
        stands.setdefault(response, {})[kind] = value
    points: dict[int, set[str]] = {}
    for response, key in Point.objects.values_list("response", "key"):
        points.setdefault(response, set()).add(key)
    wrong = []
    for token, mind in customers.minds.items():
        response = by_token[token].pk
        said = {
            kind: value.strip() if kind == "words" else value for kind, value in mind.said.items() if value
        }
        there = {kind: value for kind, value in stands[response].items() if value}
        if said != there or mind.reasons_ever - points.get(response, set()):
            wrong.append(f"{response}: typed {said}, stands {there}, points {points.get(response)}")
        if mind.was_negative and response not in points:
            wrong.append(f"{response}: negative, and without a point: {said}")
    assert not wrong, f"{len(wrong)}: " + "\n".join(wrong[:5])
