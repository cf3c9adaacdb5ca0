"""Due messages are claimed and marked as being sent, beside the bare statement that it comes down to."""

import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction

from feedback import clock
from feedback.models import Message
from feedback.outbox import sending, settling
from tests.benchmarks.measure import ROUNDS, in_turns, ratio, seconds
from tests.benchmarks.million.conftest import Million

pytestmark = pytest.mark.benchmark

TURN = 500
DUE = TURN * (ROUNDS + 1) * 6
WORDS = 2000
"""The size of an email's text and HTML."""


@pytest.fixture(scope="module")
def due(million: Million) -> Iterator[None]:
    """Messages that are due, among a million that are sent."""
    now = clock.now()
    customer = million.follow_up.customer
    contact = customer.contacts.get()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO feedback_message (send_key, purpose, channel, customer_id, contact_id, address, digest,
                language, subject, text, html, state, reason, detail, created_at, due_at, attempts, deferrals,
                provider_id, delivery)
            SELECT 'bench:' || n, 'message', 'email', %s, %s, %s, %s, 'en', 'How did it go?', repeat('w', %s::int),
                repeat('h', %s::int), 'queued', '', '', %s::timestamptz,
                %s::timestamptz - n * interval '1 millisecond', 0, 0, '', ''
            FROM generate_series(1, %s::int) AS n
            """,
            [customer.pk, contact.pk, contact.address, bytes(contact.digest), WORDS, WORDS, now, now, DUE],
        )
        cursor.execute("ANALYZE feedback_message")
        yield
        cursor.execute("DELETE FROM feedback_message WHERE send_key LIKE 'bench:%'")


RAW = """
    UPDATE feedback_message SET state = 'claimed', attempts = attempts + 1, lease_until = %s WHERE id IN (
        SELECT id FROM feedback_message WHERE state = 'queued' AND due_at <= %s
        ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""


def raw() -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(RAW, [now, now, TURN])
        assert len(cursor.fetchall()) == TURN


def claim() -> None:
    assert len(sending.claim("email", TURN)) == TURN


def claim_and_mark() -> None:
    batch = sending.claim("email", TURN)
    with transaction.atomic():
        lease = clock.now() + timedelta(seconds=settings.SEND_LEASE_SECONDS)
        assert len(settling.mark_calling(batch, lease)) == TURN


def beside_raw(name: str, product: Callable[[], None], floor: float | None, goal: float | None) -> None:
    def timed(work: Callable[[], None]) -> Callable[[], float]:
        def one_round() -> float:
            # As after any turn: what was claimed before is settled, and in nobody's way.
            Message.objects.filter(state__in=["claimed", "calling"]).update(
                state="accepted", lease_until=None
            )
            return seconds(work)()

        return one_round

    took = in_turns({"product": timed(product), "raw": timed(raw)})
    speed = {side: [1 / one for one in found] for side, found in took.items()}
    beside = " : ".join(f"{statistics.median(found) * 1000:.1f} ms" for found in took.values())
    ratio(name, speed["product"], speed["raw"], floor=floor, goal=goal, beside=beside)


def test_claim_and_mark(due: None):
    left = Message.objects.filter(state="queued").count()
    beside_raw("claim and mark 500 : bare UPDATE … SKIP LOCKED", claim_and_mark, 0.4, 0.7)
    beside_raw("claim 500 : bare UPDATE … SKIP LOCKED", claim, None, None)
    assert left - Message.objects.filter(state="queued").count() == TURN * 4 * (ROUNDS + 1)
