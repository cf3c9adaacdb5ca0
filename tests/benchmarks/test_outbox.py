"""Claiming beside the bare statement that it comes down to (BENCH)."""

import pytest
from django.db import connection

from feedback import clock
from feedback.models import Message
from feedback.outbox import sending
from tests import factories
from tests.benchmarks.measure import ratio

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

DUE = 100_000
TURN = 500


def test_claim():
    customer = factories.CustomerFactory()
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO feedback_message (send_key, purpose, channel, customer_id, address, digest, language, subject,
                text, html, state, reason, detail, created_at, due_at, attempts, deferrals, provider_id, delivery)
            SELECT 'bench:' || n, 'message', 'email', %s, 'a@home.example', '', 'en', 's', 't', '', 'queued', '', '',
                %s::timestamptz, %s::timestamptz - n * interval '1 millisecond', 0, 0, '', ''
            FROM generate_series(1, %s::int) AS n
            """,
            [customer.pk, now, now, DUE],
        )
        cursor.execute("ANALYZE feedback_message")

    def product() -> None:
        assert len(sending.claim("email", TURN)) == TURN

    def baseline() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE feedback_message SET state = 'claimed', attempts = attempts + 1, lease_until = %s WHERE id IN (
                    SELECT id FROM feedback_message WHERE state = 'queued' AND due_at <= %s
                    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
                ) RETURNING id
                """,
                [now, now, TURN],
            )
            assert len(cursor.fetchall()) == TURN

    ratio("claim : bare UPDATE … SKIP LOCKED", product=product, baseline=baseline, floor=0.4)
    assert Message.objects.filter(state="queued").count() > 0
