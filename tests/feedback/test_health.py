from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from feedback import health, pause, tasks
from feedback.celery import app
from feedback.models import Heartbeat
from tests.feedback.letters import letter


@pytest.fixture
def ready(client, db):
    def ask() -> tuple[int, dict[str, Any]]:
        response = client.get("/health/ready")
        assert response["Content-Type"] == "application/json"
        assert "no-store" in response["Cache-Control"]
        return response.status_code, response.json()

    return ask


def beat(at) -> None:
    Heartbeat.objects.update_or_create(name="worker", defaults={"sent_at": at, "ran_at": at})


def test_live_needs_no_database(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})
    assert client.post("/health/live").status_code == 405


def test_ready_when_everything_is_there(ready, moved_clock):
    beat(moved_clock.now - timedelta(seconds=15))
    status, body = ready()
    assert (status, body["status"]) == (200, "ready")
    assert {name for name, found in body["checks"].items() if found["ok"]} == {
        "database",
        "migrations",
        "worker",
        "queue",
    }
    assert body["checks"]["worker"]["seconds"] == 15


def test_a_silent_worker_is_named_with_what_to_do(ready, moved_clock):
    status, body = ready()
    assert (status, body["checks"]["worker"]["problem"]) == (503, "no worker has run a task yet")
    beat(moved_clock.now - timedelta(seconds=91))
    status, body = ready()
    assert status == 503
    assert "91 seconds" in body["checks"]["worker"]["problem"]
    assert "Celery worker" in body["checks"]["worker"]["hint"]


def test_tasks_that_wait_long_for_a_worker_are_told_from_a_dead_one(ready, moved_clock):
    Heartbeat.objects.create(
        name="worker", sent_at=moved_clock.now - timedelta(minutes=3), ran_at=moved_clock.now
    )
    status, body = ready()
    assert status == 503
    assert body["checks"]["worker"]["problem"] == "tasks wait 180 seconds for a worker"


def test_a_message_that_waits_too_long_is_named(ready, moved_clock):
    beat(moved_clock.now)
    letter(purpose="reply", due_at=moved_clock.now - timedelta(seconds=121))
    status, body = ready()
    assert status == 503
    assert "121 seconds" in body["checks"]["queue"]["problem"]


@pytest.mark.rule("R42")
def test_surveys_that_wait_for_the_end_of_a_pause_are_no_trouble(ready, moved_clock):
    beat(moved_clock.now)
    letter(purpose="survey", due_at=moved_clock.now - timedelta(hours=5))
    pause.start(None, "import")
    assert ready()[0] == 200


def test_a_database_that_does_not_answer_is_named_without_its_address(client, monkeypatch):
    class Broken:
        def cursor(self):
            raise OperationalError("could not connect to db.internal as answerback")

    monkeypatch.setattr(health, "connection", Broken())
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["problem"] == "the database does not answer"
    assert b"db.internal" not in response.content


def test_missing_migrations_are_named(ready, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr("feedback.health.MigrationExecutor.migration_plan", lambda self, targets: [1, 2])
    status, body = ready()
    assert status == 503
    assert body["checks"]["migrations"] == {
        "ok": False,
        "problem": "2 migrations are not applied",
        "hint": "Run: manage.py migrate",
    }


def test_the_heartbeat_goes_through_the_queue_and_says_when_it_was_sent(db, moved_clock):
    """A real publisher and a real consumer, on a broker in memory."""
    sent_at = moved_clock.now
    with app.connection_for_write("memory://") as connection:
        queue = connection.SimpleQueue("heartbeats")
        tasks.heartbeat.apply_async(connection=connection, queue="heartbeats")
        moved_clock.advance(seconds=7)
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
        request = {**message.headers, "called_directly": False, "is_eager": True}
        tasks.heartbeat.push_request(**request)
        try:
            tasks.heartbeat.run()
        finally:
            tasks.heartbeat.pop_request()
    row = Heartbeat.objects.get(name="worker")
    assert (row.sent_at, row.ran_at) == (sent_at, moved_clock.now)
