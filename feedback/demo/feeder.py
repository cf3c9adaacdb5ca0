"""Plays the help desk: posts the log's events through the API, in their order, as time goes on.

It remembers nothing: what the database has of an incident's events is not posted again, so it can be stopped
anywhere and goes on there the next time.
"""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import httpx

from feedback import clock
from feedback.demo import cast, sample, timeline
from feedback.demo.browser import Browser
from feedback.models import CaseEvent

logger = logging.getLogger(__name__)

BATCH = 120
LOOK = 1.0  # seconds between two looks at what is due


def log() -> Sequence[sample.Incident]:
    """All that there is to post, in its order."""
    return sample.incidents()


def still_to_come() -> list[sample.Incident]:
    """The log's events that the database does not have, in their order."""
    there = set(
        CaseEvent.objects.filter(case__source=cast.SOURCE)
        .values_list("case__external_id", "sequence")
        .iterator()
    )
    return [event for event in log() if (event.number, event.sequence) not in there]


class Desk:
    """The help desk's way into the API."""

    def __init__(self, token: str) -> None:
        self.browser = Browser()
        self.browser.client.headers["Authorization"] = f"Bearer {token}"

    def post(self, cases: list[dict[str, Any]]) -> int:
        """Post cases in bulk; how many were taken. Raises httpx.HTTPError when the API cannot be reached."""
        answer = self.browser.client.post(f"{self.browser.base}/api/v1/cases/bulk/", json=cases, timeout=120)
        answer.raise_for_status()
        results = answer.json()
        results = results.get("results", []) if isinstance(results, dict) else results
        refused = [result for result in results if isinstance(result, dict) and result.get("errors")]
        for result in refused[:3]:
            logger.warning("the API refused an event of the sample: %s", result)
        return len(cases) - len(refused)


def feed(token: str, stopped: Event, on_progress: Callable[[int, int], None] = lambda done, of: None) -> None:
    """Post everything that is still to come, until all is posted or `stopped` is set."""
    todo = still_to_come()
    whole = len(log())
    on_progress(whole - len(todo), whole)
    if not todo:
        return
    fresh = len(todo) == whole
    line = timeline.begin(clock.now(), None if fresh else todo[0])
    desk = Desk(token)
    while todo and not stopped.is_set():
        now = clock.now()
        due = [event for event in todo[:BATCH] if line.moment(event.at) <= now]
        if due:
            try:
                desk.post([timeline.payload(event, line) for event in due])
            except httpx.HTTPError as error:
                logger.warning("the API did not answer, trying again: %s", error)
                stopped.wait(2)
                continue
            del todo[: len(due)]
            on_progress(whole - len(todo), whole)
        if len(due) < BATCH:
            stopped.wait(LOOK)


def run(token: str, stopped: Event, on_progress: Callable[[int, int], None]) -> None:
    """`feed`, and again if something unforeseen breaks it."""
    while not stopped.is_set():
        try:
            feed(token, stopped, on_progress)
            return
        except Exception:
            logger.exception("the simulated help desk stumbled")
            stopped.wait(3)


def wait_for_web(stopped: Event) -> None:
    """Return when our own web answers."""
    browser = Browser()
    while not stopped.is_set():
        try:
            browser.client.get(f"{browser.base}/health/live", timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.2)
