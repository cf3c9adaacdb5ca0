"""Celery's nudges for follow-ups. Each takes no state with it: what must happen stands in rows."""

from celery import shared_task

from followups import silence
from followups import sweep as sweeping


@shared_task(ignore_result=True)
def sweep() -> None:
    sweeping.run()


@shared_task(ignore_result=True)
def sweep_everything() -> None:
    sweeping.run(everything=True)


@shared_task(ignore_result=True)
def close_silent() -> None:
    silence.close_silent()
