"""A customer who presses twice, a case that is reopened, an opt-out: each at the very moment when something else
happens to the same survey. Where one must wait for the other, the database says that it did.
"""

from collections.abc import Callable
from typing import Any

import pytest

from feedback import audit, links, outbox, suppression
from feedback.channels.base import Outcome, Outgoing, accepted
from feedback.channels.memory import Memory
from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Message, Suppression
from feedback.outbox import sending
from surveys import default_survey, published
from surveys.models import Invitation, QuestionKind, Response
from tests import factories
from tests.clients import said
from tests.faults.side_by_side import at_once, overlapping
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

PERSON = {"external_id": "C-1", "email": "li@home.example"}


@pytest.fixture(autouse=True)
def memory(settings) -> type[Memory]:
    settings.CHANNELS = {"email": "feedback.channels.memory.MemoryInBatches"}
    Memory.reset()
    return Memory


@pytest.fixture
def asked() -> Invitation:
    """A case resolved just now; its survey waits in the outbox."""
    factories.fallback()
    default_survey.ensure()
    say("resolved", 1)
    return Invitation.objects.get()


def say(status: str, sequence: int) -> None:
    take_in([read(said(status=status, sequence=sequence, customer=PERSON))])


def reopen() -> None:
    say("open", 2)


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def sound() -> bool:
    return not [finding for finding in audit.run() if finding.violations]


# -- two presses


def pressing(asked: Invitation, choice: str) -> Callable[[], Visitor]:
    """Open the survey with a choice made, as the message's link does, and be ready to press."""
    question = published.version(asked.version_id).of_kind(QuestionKind.OUTCOME)
    visitor = Visitor().open(asked.link)
    return lambda: visitor.press(**{f"q{question.id}": choice})


@pytest.mark.rule("R10")
def test_a_double_tap_on_the_button_is_one_response(asked):
    outbox.send_due()
    presses = at_once([pressing(asked, "no") for _ in range(8)])
    assert [visitor.status for visitor in presses] == [200] * 8
    response = Response.objects.get()
    assert response.answers.count() == response.points.count() == response.follow_ups.count() == 1
    assert sound()


@pytest.mark.rule("R10")
@pytest.mark.parametrize(("first", "second"), [("no", "yes"), ("yes", "no")])
def test_of_two_answers_at_once_the_later_counts_and_the_earlier_is_kept(asked, first, second):
    outbox.send_due()
    met = overlapping(lambda: answer(asked, first), lambda: answer(asked, second))
    assert met.waited
    response = Response.objects.get()
    outcomes = response.answers.filter(question__kind=QuestionKind.OUTCOME).order_by("pk")
    answers = list(outcomes.values_list("chosen", "superseded_at"))
    assert [chosen for chosen, _ in answers] == [[first], [second]]
    assert answers[0][1] is not None and answers[1][1] is None
    assert response.points.count() == 1  # somebody was unhappy, first or last
    assert sound()


def answer(asked: Invitation, outcome: str) -> Response:
    return factories.answer(asked, outcome=outcome, words=f"I say {outcome}.")


# -- an answer, and the case is reopened


@pytest.mark.rule("R2")
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("answer_first", [True, False])
def test_an_answer_and_a_reopening_at_once_lose_nothing(asked, sent, answer_first):
    if sent:
        outbox.send_due()
    both = [lambda: answer(asked, "no"), reopen]
    met = overlapping(*(both if answer_first else both[::-1]))
    assert not isinstance(met.first, Exception) and not isinstance(met.second, Exception)
    response = Response.objects.get()
    assert set(response.answers.values_list("words", flat=True)) == {"", "I say no."}
    assert response.points.count() == 1
    invitation = fresh(asked)
    assert invitation.resolution.reopened_at is not None
    assert invitation.state == "asked" and not invitation.reason  # whoever answered was asked
    assert invitation.message.state == ("accepted" if sent else "cancelled")
    outbox.send_due()
    assert len(Memory.sent) == Message.objects.filter(state="accepted").count()
    assert sound()


# -- sending, and the case is reopened


@pytest.mark.rule("R2")
def test_a_worker_passes_by_what_is_just_being_reopened(asked):
    """The reopening is not committed yet and holds the message: the worker does not wait, and does not send."""
    met = overlapping(reopen, outbox.send_due)
    assert (met.waited, met.second) == (False, 0)
    outbox.send_due()
    assert Memory.sent == []
    assert (fresh(asked).state, fresh(asked).reason) == ("skipped", "reopened")
    assert sound()


@pytest.mark.rule("R2")
def test_what_is_reopened_after_the_claim_is_not_sent(asked, monkeypatch):
    look_up = sending._Batch._read_links

    def meanwhile(*args: Any) -> None:
        assert at_once([reopen]) == [None]
        look_up(*args)

    monkeypatch.setattr(sending._Batch, "_read_links", meanwhile)
    outbox.send_due()
    assert Memory.sent == []
    assert (fresh(asked).state, fresh(asked).reason) == ("skipped", "reopened")
    assert sound()


@pytest.mark.rule("R2")
def test_a_reopening_waits_for_the_mark_and_then_leaves_the_message_alone(asked):
    """The worker has looked once more and marks it as calling, uncommitted; the reopening waits for that."""
    claimed = sending.claim("email", 10)
    batch = sending._Batch(Memory(), claimed)
    met = overlapping(lambda: batch._mark(claimed), reopen)
    assert met.waited and len(met.first) == 1 and met.second is None
    assert fresh(asked.message).state == "calling"
    assert fresh(asked).state == "asked"


@pytest.mark.rule("R2")
def test_a_case_that_is_reopened_during_the_call_was_asked_once(asked):
    def reopened_meanwhile(outgoing: Outgoing) -> Outcome:
        assert at_once([reopen]) == [None]  # nobody holds anything while the network is called
        return accepted("m-1")

    Memory.answers.append(reopened_meanwhile)
    outbox.send_due()
    outbox.send_due()
    assert [one.id for one in Memory.sent] == [asked.message_id]
    assert (fresh(asked).state, fresh(asked.message).state) == ("asked", "accepted")
    say("resolved", 3)
    outbox.send_due()
    assert len(Memory.sent) == 1  # they were asked a moment ago
    assert sound()


# -- an opt-out, and the message is claimed


def opt_out(asked: Invitation) -> None:
    suppression.suppress(bytes(asked.message.digest), Suppression.Scope.SURVEYS, Suppression.Cause.OPT_OUT)


@pytest.mark.rule("R34")
def test_an_opt_out_after_the_claim_is_heard(asked, monkeypatch):
    look_up = sending._Batch._read_links

    def meanwhile(*args: Any) -> None:
        visitor = lambda: Visitor().open(links.url(fresh(asked.message).opt_out, "email")).press()  # noqa: E731
        assert at_once([visitor])[0].status == 200
        look_up(*args)

    monkeypatch.setattr(sending._Batch, "_read_links", meanwhile)
    outbox.send_due()
    assert Memory.sent == []
    assert (fresh(asked).state, fresh(asked).reason) == ("skipped", "opted_out")
    assert sound()


@pytest.mark.rule("R34")
def test_an_opt_out_beside_the_decision_stops_the_message_at_the_latest_when_it_leaves(asked):
    """The opt-out is committed after the decision has looked, and before the message leaves."""
    reopen()
    met = overlapping(lambda: say("resolved", 3), lambda: opt_out(asked))
    assert not isinstance(met.first, Exception) and not isinstance(met.second, Exception)
    outbox.send_due()
    assert Memory.sent == []
    newest = Invitation.objects.latest("pk")
    assert newest.state == "skipped" and newest.reason == "opted_out"
    assert sound()
