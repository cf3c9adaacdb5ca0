"""A real worker on a real Redis: what a nudge asks for is done by another process, within seconds."""

import os
from pathlib import Path

import pytest

from feedback import clock, signals
from feedback.celery import app
from feedback.models import Heartbeat, Message
from surveys import default_survey
from tests import factories
from tests.processes import program, python, this_database

REDIS_URL = os.environ.get("REDIS_URL", "")

pytestmark = [
    pytest.mark.external,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not REDIS_URL, reason="REDIS_URL names no Redis"),
]


@pytest.fixture
def queue():
    """A queue of this test's own: other tests' nudges go their way on the same Redis."""
    name = f"answerback-test-{os.getpid()}"
    with app.connection_for_write(REDIS_URL) as broker:
        before = app.conf.task_default_queue
        app.conf.task_default_queue = name
        yield name, broker
        app.conf.task_default_queue = before


@pytest.fixture
def worker(queue, tmp_path: Path):
    name, _ = queue
    argv = [
        "-m",
        "celery",
        "-A",
        "feedback",
        "worker",
        "-P",
        "threads",
        "-c",
        "2",
        "-Q",
        name,
        "--loglevel",
        "INFO",
    ]
    with program(
        python(*argv, "--without-gossip", "--without-mingle"),
        output=tmp_path / "worker.log",
        marks=(name,),
        DATABASE_URL=this_database(),
        CELERY_BROKER_URL=REDIS_URL,
        DEBUG="1",
        DATA_DIR=str(tmp_path),
        EMAIL_URL=f"filemail:///{tmp_path}/mail",  # with four slashes in all, a whole path
        QUIET_HOURS="",
        SECRET_KEY=os.environ["SECRET_KEY"],
        LINK_KEYS=os.environ["LINK_KEYS"],
        DIGEST_KEY=os.environ["DIGEST_KEY"],
    ) as running:
        running.wait_for(lambda: "ready" in running.said, "the worker was ready")
        yield running


def test_a_survey_leaves_and_a_heartbeat_is_written_through_the_queue(queue, worker, tmp_path: Path):
    name, broker = queue
    factories.fallback()
    default_survey.ensure()
    resolution = factories.ResolutionFactory()
    signals.ring(signals.case_changed, resolution_ids=[resolution.pk])
    message = Message.objects.get()
    began = clock.now()
    app.send_task("feedback.tasks.send_due", queue=name, connection=broker)
    app.send_task("feedback.tasks.heartbeat", queue=name, connection=broker)

    def done() -> bool:
        message.refresh_from_db()
        return message.state == "accepted" and Heartbeat.objects.filter(sent_at__gte=began).exists()

    worker.wait_for(done, "the survey had left and the heart had beaten")
    letter = next((tmp_path / "mail").iterdir()).read_text()
    assert "/s/" in letter
