"""Due email leaves, one process and one mail server: beside the same messages over one connection, and no more."""

import smtplib
import statistics
import time

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from feedback import outbox
from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Message
from tests.benchmarks.measure import ROUNDS, in_turns, ratio
from tests.benchmarks.stack import Stack
from tests.benchmarks.test_intake import cases

pytestmark = pytest.mark.benchmark

TURN = 500


@pytest.fixture
def port(processes: Stack, settings) -> int:
    port = processes.sink()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "Answerback <feedback@office.example>"
    return port


def taken(port: int) -> int:
    """How many messages the mail server has got."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        return int(line.docmd("XCOUNT")[1])


def test_dispatch(token: str, port: int):
    stream = cases()
    sent: list[Message] = []

    def product() -> float:
        take_in([read(next(stream)) for _ in range(TURN)])
        begin = time.perf_counter()
        assert outbox.send_due(TURN) == TURN
        took = time.perf_counter() - begin
        if not sent:
            rows = Message.objects.filter(state="accepted").select_related("link", "opt_out")
            sent.extend(rows)
        return TURN / took

    def baseline() -> float:
        letters = [(outbox.rendered(one), one.address) for one in sent]
        begin = time.perf_counter()
        with mail.get_connection() as line:
            for words, address in letters:
                email = EmailMultiAlternatives(
                    words.subject, words.text, settings.DEFAULT_FROM_EMAIL, [address]
                )
                email.attach_alternative(words.html, "text/html")
                assert line.send_messages([email]) == 1
        return TURN / (time.perf_counter() - begin)

    rounds = in_turns({"product": product, "baseline": baseline})
    assert Message.objects.filter(purpose="survey", state="accepted").count() == TURN * (ROUNDS + 1)
    assert taken(port) == 2 * TURN * (ROUNDS + 1)
    seen = " : ".join(f"{statistics.median(found):.0f}/s" for found in rounds.values())
    name = "email dispatch : one connection, the same messages"
    ratio(name, rounds["product"], rounds["baseline"], floor=0.6, goal=0.8, beside=seen)
