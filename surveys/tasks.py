"""Celery's nudges for surveys. Each takes no state with it: what must happen stands in rows."""

from celery import shared_task

from surveys import sweep as sweeping


@shared_task(ignore_result=True)
def sweep() -> None:
    sweeping.run()


@shared_task(ignore_result=True)
def sweep_everything() -> None:
    sweeping.run(everything=True)
