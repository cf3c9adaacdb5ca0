"""Nudges and sweeps. Each may be lost, late, doubled or run side by side: they work on rows with a due time."""

from datetime import datetime
from typing import Any

from celery import Task, shared_task
from celery.signals import before_task_publish, worker_ready

from feedback import authentication, clock, idempotency, links, outbox
from feedback.models import Heartbeat


@shared_task(ignore_result=True)
def send_due() -> None:
    outbox.send_due()


@shared_task(ignore_result=True)
def rescue() -> None:
    outbox.rescue()


@shared_task(bind=True, ignore_result=True)
def heartbeat(self: "Task[Any, Any]") -> None:
    """Prove that tasks go through the queue and are run: ``sent_at`` is the sender's time, ``ran_at`` the worker's."""
    now = clock.now()
    sent_at = datetime.fromisoformat(self.request.get("sent_at") or now.isoformat())
    Heartbeat.objects.update_or_create(name="worker", defaults={"sent_at": sent_at, "ran_at": now})


@worker_ready.connect
def prove_it_at_once(**kwargs: Any) -> None:
    """A worker that has just come up need not wait for beat to be seen."""
    heartbeat.delay()


@before_task_publish.connect(sender="feedback.tasks.heartbeat")
def write_time_of_sending(headers: dict[str, Any], **kwargs: Any) -> None:
    headers["sent_at"] = clock.now().isoformat()


@shared_task(ignore_result=True)
def clean() -> None:
    """Remove what has served its time: stored answers to repeated POSTs, and windows of the limit on guessing,
    tokens that are over."""
    idempotency.purge()
    links.forget_misses()
    authentication.forget_expired()
