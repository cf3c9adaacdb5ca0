"""Is the process alive, and is everything there that it needs? For machines that watch, in JSON.

``/health/live`` belongs to whoever restarts the process or takes it out of a balancer. ``/health/ready`` also looks at
the worker and the queue, whose silence is no reason to stop taking in cases and answers: watch it, and gate deployments
by it.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from feedback import clock, pause
from feedback.models import Heartbeat, Message
from feedback.models.messages import ASKING, State

logger = logging.getLogger(__name__)

SILENCE = timedelta(seconds=90)
"""The worker writes every 15 seconds."""

DELAY = timedelta(minutes=2)
"""What is due leaves within seconds; a sweep looks every five."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``problem`` and ``hint`` are empty if it is well; ``seconds`` is an age."""

    name: str
    problem: str = ""
    hint: str = ""
    seconds: int | None = None

    def as_json(self) -> dict[str, object]:
        said = {"ok": not self.problem, "seconds": self.seconds, "problem": self.problem, "hint": self.hint}
        return {key: value for key, value in said.items() if value not in (None, "")}


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Answer, and touch nothing."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with what is wrong and what to do about it."""
    found = findings()
    well = not any(finding.problem for finding in found)
    body = {
        "status": "ready" if well else "not ready",
        "checks": {finding.name: finding.as_json() for finding in found},
    }
    return JsonResponse(body, status=200 if well else 503)


def findings() -> list[Finding]:
    """Look at everything that can be looked at, one after the other."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        migrations = _migrations()
        rest = [] if migrations.problem else [_worker(), _queue()]
        return [Finding("database"), migrations, *rest]
    except Error:
        logger.exception("the database does not answer")
        hint = "Is the server of DATABASE_URL up, and may this process reach it? The log has its words."
        return [Finding("database", "the database does not answer", hint)]


_migrated = False


def _migrations() -> Finding:
    # Other code than that of this process needs another process: once applied stays applied.
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            problem = f"{missing} migrations are not applied"
            return Finding("migrations", problem, "Run: manage.py migrate")
        _migrated = True
    return Finding("migrations")


def _worker() -> Finding:
    last = Heartbeat.objects.filter(name="worker").first()
    hint = "Are a Celery worker and one beat running, and does the broker of CELERY_BROKER_URL answer them?"
    if last is None:
        return Finding("worker", "no worker has run a task yet", hint)
    age = clock.now() - last.ran_at
    seconds = max(int(age.total_seconds()), 0)
    if age > SILENCE:
        return Finding("worker", f"no worker has run a task for {seconds} seconds", hint, seconds)
    waited = last.ran_at - last.sent_at
    if waited > SILENCE:
        problem = f"tasks wait {int(waited.total_seconds())} seconds for a worker"
        return Finding("worker", problem, "Start more workers, or look for a task that never ends.", seconds)
    return Finding("worker", seconds=seconds)


def _queue() -> Finding:
    due = Message.objects.filter(state=State.QUEUED)
    if pause.is_paused():
        due = due.exclude(purpose__in=ASKING)
    oldest = due.aggregate(at=Min("due_at"))["at"]
    age = clock.now() - oldest if oldest else timedelta()
    seconds = max(int(age.total_seconds()), 0)
    if age > DELAY:
        problem = f"a message that is due has waited for {seconds} seconds"
        return Finding(
            "queue", problem, "Does a worker run? Is the mail server slow? See the messages.", seconds
        )
    return Finding("queue", seconds=seconds)
