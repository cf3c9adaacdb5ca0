"""Two workers and two beats on one Redis, each unaware of the other: what is due is sent, and sent once (R30, R31).

1,000 messages, or as many as DUE_MESSAGES says.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from feedback import outbox
from feedback.models import Contact, Customer, Link, Message
from feedback.models.links import Purpose as LinkPurpose
from feedback.suppression import digest
from tests import factories
from tests.processes import PATIENCE, Program, free_port, program, python, this_database

REDIS_URL = os.environ.get("REDIS_URL", "")
DUE = int(os.environ.get("DUE_MESSAGES", "1000"))
UNDERWAY = ["queued", "claimed", "calling"]

pytestmark = [
    pytest.mark.external,
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not REDIS_URL, reason="REDIS_URL names no Redis"),
]


class Sink:
    """A mail server that counts what it took, by recipient."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.update(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    made = Sink()
    port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    yield made, port
    controller.stop()


@pytest.fixture
def filed(tmp_path: Path) -> Path:
    file = tmp_path / "sms"
    file.touch()
    return file


@pytest.fixture
def start(sink, filed: Path, tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """Starts a worker or a beat; nothing of them is left after the test."""
    queue = f"answerback-two-{os.getpid()}"
    env = {
        "DATABASE_URL": this_database(),
        "CELERY_BROKER_URL": REDIS_URL,
        "OWN_QUEUE": queue,
        "FILED_SMS": str(filed),
        "SMS_BACKEND": "tests.faults.own_queue.FiledSMS",
        "EMAIL_URL": f"smtp://127.0.0.1:{sink[1]}",
        "SEND_LEASE_SECONDS": "30",
        "QUIET_HOURS": "",
        "DEBUG": "1",
        "DATA_DIR": str(tmp_path),
        **{name: os.environ[name] for name in ("SECRET_KEY", "LINK_KEYS", "DIGEST_KEY")},
    }
    works = {
        "worker": [
            "worker",
            "-P",
            "threads",
            "-c",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        ],
        "beat": ["beat", "-S", "celery.beat:Scheduler", "--pidfile=", "--loglevel", "INFO"],
    }
    with ExitStack() as running:

        def begin(what: str) -> Program:
            argv = python("-m", "celery", "-A", "tests.faults.own_queue", *works[what])
            number = len(list(tmp_path.glob("*.log")))
            output = tmp_path / f"{what}-{number}.log"
            return running.enter_context(program(argv, output=output, marks=(f"{queue}-{number}",), **env))

        yield begin


def due(number: int) -> list[Message]:
    """So many messages that are due now, by email and by SMS in turns, each to somebody else."""
    people = Customer.objects.bulk_create(Customer(name=f"Customer {n}") for n in range(number))
    contacts, rows = [], []
    for n, one in enumerate(people):
        channel = "sms" if n % 2 else "email"
        address = f"+4915{n:09d}" if n % 2 else f"c{n}@home.example"
        contacts.append(
            Contact(customer=one, channel=channel, address=address, digest=digest(channel, address))
        )
        rows.append(Link(purpose=LinkPurpose.PAGE, customer=one))
    links = Link.objects.bulk_create(rows)
    return outbox.enqueue_many(
        [
            outbox.draft(
                send_key=f"due-{n}",
                purpose="reply",
                channel=contact.channel,
                language="en",
                subject="About your case",
                text=f"It is done: {outbox.LINK}",
                contact=contact,
                link=links[n],
            )
            for n, contact in enumerate(Contact.objects.bulk_create(contacts))
        ]
    )


def left() -> int:
    return Message.objects.filter(state__in=UNDERWAY).count()


def wait_until(condition: Callable[[], bool], programs: list[Program]) -> float:
    """Wait as long as there is progress; return the seconds. Fails with what the programs said."""
    began = moved = time.monotonic()
    before = left()
    while not condition():
        if (now := left()) != before:
            before, moved = now, time.monotonic()
        if time.monotonic() - moved > PATIENCE:
            raise AssertionError(f"{before} are left:\n" + "\n".join(one.said[-3000:] for one in programs))
        time.sleep(0.1)
    return time.monotonic() - began


def sent_sms(filed: Path) -> Counter[int]:
    return Counter(int(line) for line in filed.read_text().split())


@pytest.mark.rule("R30")
def test_what_is_due_is_sent_once_by_two_workers_that_two_beats_drive(start, sink, filed, record_property):
    factories.fallback()
    messages = due(DUE)
    programs = [start(what) for what in ("worker", "worker", "beat", "beat")]
    for worker in programs[:2]:
        worker.wait_to_say("ready")
    wait_until(lambda: left() < DUE, programs)
    seconds = wait_until(lambda: left() == 0, programs)
    record_property(
        "figures", f"two workers, two beats: {DUE} messages, {DUE / max(seconds, 0.1):.0f} a second"
    )
    assert Counter(Message.objects.values_list("state", flat=True)) == {"accepted": DUE}
    assert sent_sms(filed) == {one.pk: 1 for one in messages if one.channel == "sms"}
    assert sink[0].got == {one.address: 1 for one in messages if one.channel == "email"}
    both = [sum("feedback.tasks.send_due" in line for line in one.said.splitlines()) for one in programs]
    assert all(both), f"somebody stood aside: {both}"


@pytest.mark.rule("R31")
def test_a_worker_that_is_killed_half_way_leaves_doubts_at_most(start, sink, filed, record_property):
    factories.fallback()
    messages = due(DUE)
    programs = [start(what) for what in ("worker", "worker", "beat", "beat")]
    for worker in programs[:2]:
        worker.wait_to_say("ready")
    wait_until(lambda: left() < DUE * 0.7, programs)
    held = Message.objects.filter(state__in=["claimed", "calling"]).count()
    programs[0].process.kill()
    programs[0].process.wait()
    at_the_kill = left()
    assert at_the_kill, "all was sent before the worker was killed"
    wait_until(lambda: left() == 0, programs[1:])
    by_state = Counter(Message.objects.values_list("channel", "state"))
    record_property(
        "figures", f"a worker killed with {at_the_kill} of {DUE} left ({held} in hand): {dict(by_state)}"
    )
    assert {state for _, state in by_state} <= {"accepted", "in_doubt"}
    texts = sent_sms(filed)
    assert set(texts.values()) == {1}
    accepted = {one.pk for one in Message.objects.filter(channel="sms", state="accepted")}
    assert accepted <= set(texts)
    # One text in each of its two threads' hands, and one step of emails.
    assert by_state["sms", "in_doubt"] <= 2
    assert by_state["email", "in_doubt"] <= 2 * 25
    assert set(sink[0].got.values()) <= {1}  # the second sending is due in half an hour
    accepted_mail = Message.objects.filter(channel="email", state="accepted").values_list(
        "address", flat=True
    )
    assert set(accepted_mail) <= set(sink[0].got)
    assert len(messages) == sum(by_state.values())
