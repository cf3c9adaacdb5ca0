"""The whole of a real log through the API, in order and shuffled, twice each: it all ends in the same state."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.core.management import call_command

from feedback import outbox
from feedback.models import Message, Resolution
from feedback.models.messages import Purpose, State
from followups import sweep as followups_sweep
from surveys import sweep as surveys_sweep
from surveys.models import Invitation
from tests.realdata import oracle, outcome
from tests.realdata.audited import audit_is_clean
from tests.realdata.company import Company
from tests.realdata.helpdesk import HelpDesk, Pace, new_ones
from tests.realdata.letterbox import emptied
from tests.realdata.logs import Batch, Log
from tests.realdata.server import no_plug_is_pulled, take_statistics
from tests.realdata.shown import progress, say

pytestmark = [pytest.mark.realdata, pytest.mark.django_db(transaction=True)]

Batches = Callable[[Log], Iterable[Batch]]
ORDERS: dict[str, tuple[Batches, Batches]] = {
    # what is sent first, and what is sent again
    "in order": (Log.in_order, Log.in_order),
    "shuffled": (Log.shuffled, lambda log: log.shuffled(seed=11)),
}


@pytest.fixture(autouse=True)
def asked_however_late(settings, letterbox) -> None:
    """Shuffled, a resolution is heard of months later. Each is to be decided on its merits, not to be ``too_late``."""
    settings.SURVEY_TOO_LATE_HOURS = 24 * 365 * 10


@pytest.mark.rule("R2")
def test_every_order_and_every_repetition_ends_the_same(log: Log) -> None:
    """Nothing drains the outbox while a log is replayed: sending is held until it has ended."""
    ended = {order: replayed(log, order) for order in ORDERS}
    assert not outcome.differences(ended["in order"], ended["shuffled"])


def replayed(log: Log, order: str) -> outcome.Outcome:
    """Replay a log in one order, twice, from empty, and then let go what was held; returns what it ended with."""
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    no_plug_is_pulled()
    first, again = ORDERS[order]
    with time_machine.travel(log.begins) as traveller:
        Company(log)
        title = f"{log.name}, {order}"
        made, pace = sent(title, log, first(log), traveller)
        say(f"{title}: {pace}")
        assert made == len(log.cases)
        ended, letter = outcome.now(), outcome.to_the_letter()
        say(f"  {ended}")
        assert not oracle.misread(log, ended)
        every_resolution_was_decided_once_and_held()

        made, pace = sent(f"{title}, again", log, again(log), traveller)
        say(f"{title}, again: {pace}; {outcome.asking()}")
        assert made == 0
        assert outcome.to_the_letter() == letter, "what was said again changed something"

        traveller.move_to(log.ends + timedelta(days=1))
        everything_held_is_let_go()
        say(f"  let go: {outcome.asking()}; {audit_is_clean()} invariants hold")
    return ended


def sent(
    title: str, log: Log, batches: Iterable[Batch], traveller: time_machine.Traveller
) -> tuple[int, Pace]:
    """Post the batches, each at its time; returns how many cases were new, and how fast it went."""
    help_desk, made = HelpDesk(), 0
    time_never_goes_back = datetime.now(log.ends.tzinfo)
    with progress(title, len(log.said)) as shown:
        for number, batch in enumerate(batches):
            if number % 25 == 1:
                take_statistics()
            time_never_goes_back = max(time_never_goes_back, batch.now)
            traveller.move_to(time_never_goes_back)
            made += new_ones(help_desk.post(batch.said))
            shown.advance(len(batch.said), f"{help_desk.pace.a_second:,.0f} events/s")
    return made, help_desk.pace


def every_resolution_was_decided_once_and_held() -> None:
    """One invitation a resolution, one unsent message to each who is asked, and nobody asked about what is reopened."""
    assert not Resolution.objects.filter(invitation=None).exists()
    assert Invitation.objects.count() == Resolution.objects.count()
    asked = Invitation.objects.filter(state=Invitation.State.ASKED)
    assert asked.exists()
    assert not asked.filter(resolution__reopened_at__isnull=False).exists()
    assert not Invitation.objects.filter(reason="reopened", resolution__reopened_at=None).exists()
    held = Message.objects.filter(purpose=Purpose.SURVEY)
    assert set(held.values_list("state", flat=True)) <= {State.QUEUED, State.CANCELLED}
    assert asked.filter(message__state=State.QUEUED).count() == asked.count()
    assert held.filter(state=State.QUEUED).count() == asked.count()
    assert not emptied()


def everything_held_is_let_go() -> None:
    """Who is asked gets one message, and none within the cap of another to the same person or address (R3)."""
    asked = set(Invitation.objects.filter(state=Invitation.State.ASKED).values_list("message_id", flat=True))
    while outbox.send_due():
        pass
    surveys_sweep.run(everything=True)
    followups_sweep.run(everything=True)
    outbox.send_due()
    arrived = Counter(letter.id for letter in emptied() if letter.purpose == Purpose.SURVEY)
    assert set(arrived.values()) == {1}
    accepted = Message.objects.filter(purpose=Purpose.SURVEY, state=State.ACCEPTED)
    assert set(arrived) == set(accepted.values_list("pk", flat=True))
    assert arrived.keys() <= asked
    assert Message.objects.filter(purpose=Purpose.SURVEY, state=State.REFUSED).count() == len(asked) - len(
        arrived
    )
    cap = timedelta(days=configured.SURVEY_CAP_DAYS)
    for who in ("customer_id", "digest"):
        last: dict[object, datetime] = {}
        for one, at in accepted.order_by("created_at").values_list(who, "created_at"):
            key = bytes(one) if isinstance(one, memoryview) else one
            assert key not in last or at - last[key] >= cap, f"{who} asked twice within the cap"
            last[key] = at
