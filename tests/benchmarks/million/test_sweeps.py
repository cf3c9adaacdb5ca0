"""Every sweep of the house over a million rows: with nothing to do, and with five hundred things to do.

Beside each: the bare statements that it comes down to. ``heartbeat`` has no row to look for; what ``send_due`` does
with five hundred messages is measured by claiming and by email dispatch.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, transaction

from feedback import tasks as feedback_tasks
from followups import tasks as followups_tasks
from surveys import tasks as surveys_tasks
from tests.benchmarks.measure import ROUNDS, compared, in_turns, ratio, seconds
from tests.benchmarks.million import work
from tests.benchmarks.million.conftest import Million

pytestmark = pytest.mark.benchmark

SEVEN_DAYS = "now() - interval '7 days'"
IDLE = {
    "surveys.tasks.sweep": surveys_tasks.sweep,
    "surveys.tasks.sweep_everything": surveys_tasks.sweep_everything,
    "followups.tasks.sweep": followups_tasks.sweep,
    "followups.tasks.sweep_everything": followups_tasks.sweep_everything,
    "followups.tasks.close_silent": followups_tasks.close_silent,
    "feedback.tasks.send_due": feedback_tasks.send_due,
    "feedback.tasks.rescue": feedback_tasks.rescue,
    "feedback.tasks.clean": feedback_tasks.clean,
}


def statements(file: str) -> dict[str, list[str]]:
    """The statements of a file of SQL, by the task that is named above them."""
    found: dict[str, list[str]] = {}
    for part in Path(__file__).with_name(file).read_text().split("\n-- ")[1:]:
        name, _, said = part.partition("\n")
        found[name] = [one for one in said.split(";\n") if one.strip()]
    return found


@pytest.fixture(scope="module")
def quiet(million: Million) -> Million:
    """The million, with nothing left to do by what was measured before."""
    work.as_they_were()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE feedback_message")
        cursor.execute("VACUUM ANALYZE followups_followup")
    return million


@pytest.mark.parametrize("name", IDLE)
def test_nothing_to_do(quiet: Million, name: str):
    since = "'-infinity'" if name.endswith("everything") else SEVEN_DAYS
    bare = statements("idle.sql")[name.removesuffix("_everything")]

    def look() -> None:
        with connection.cursor() as cursor:
            for one in bare:
                cursor.execute(one.replace("{since}", since))
                assert cursor.description is None or cursor.fetchall() == []

    rounds = min(ROUNDS, 3) if name.endswith("everything") else ROUNDS
    compared(f"{name}, nothing to do : bare SELECTs", product=IDLE[name], baseline=look, rounds=rounds)


@dataclass(frozen=True)
class Job:
    """Something that a sweep does.

    Attributes:
        prepare: makes ``work.TURN`` new things to do; returns the ids that ``bare`` and ``left`` are given.
        sweep: the task, as often as it takes.
        left: a SELECT that counts what is still to be done.
    """

    prepare: Callable[[Million], Sequence[int]]
    sweep: Callable[[], object]
    left: str


def three_times() -> None:
    """What is silent is closed two hundred at a time."""
    for _ in range(3):
        followups_tasks.close_silent()


JOBS = {
    "surveys.tasks.sweep, resolutions": Job(
        work.resolutions,
        surveys_tasks.sweep,
        "SELECT cardinality(%s::bigint[]) - count(*) FROM surveys_invitation i JOIN feedback_message m "
        "ON m.id = i.message_id WHERE i.state = 'asked' AND i.resolution_id = ANY(%s)",
    ),
    "followups.tasks.sweep, answers": Job(
        work.answers,
        followups_tasks.sweep,
        "SELECT cardinality(%s::bigint[]) - count(*) FROM followups_evidence e JOIN followups_point p "
        "ON p.id = e.point_id JOIN followups_followup f ON f.id = p.follow_up_id WHERE e.answer_id = ANY(%s)",
    ),
    "followups.tasks.sweep, notices": Job(
        lambda _: work.notices(),
        followups_tasks.sweep,
        "SELECT cardinality(%s::bigint[]) - count(*) + (SELECT count(*) FROM followups_followup WHERE notice_at "
        "IS NOT NULL AND id = ANY(%s)) FROM feedback_message WHERE purpose = 'notice' AND state = 'queued'",
    ),
    "followups.tasks.sweep, orphans": Job(
        lambda _: work.orphans(),
        followups_tasks.sweep,
        "SELECT cardinality(%s::bigint[]) - count(assignee_id) FROM followups_followup WHERE id = ANY(%s)",
    ),
    "followups.tasks.close_silent": Job(
        lambda _: work.silent(),
        three_times,
        "SELECT cardinality(%s::bigint[]) - count(*) FROM followups_followup "
        "WHERE status = 'unconfirmed' AND id = ANY(%s)",
    ),
    "feedback.tasks.rescue": Job(
        lambda _: work.leases(),
        feedback_tasks.rescue,
        "SELECT cardinality(%s::bigint[]) - count(*) FROM feedback_message "
        "WHERE state = 'queued' AND deferrals = 1 AND id = ANY(%s)",
    ),
    "feedback.tasks.clean": Job(
        work.leftovers,
        feedback_tasks.clean,
        "SELECT (SELECT count(*) FROM feedback_idempotencykey) + (SELECT count(*) FROM feedback_misswindow) "
        "FROM (SELECT %s, %s) AS v",
    ),
}


@pytest.fixture
def tidy() -> Iterator[None]:
    yield
    work.as_they_were()


@pytest.mark.parametrize("name", JOBS)
def test_five_hundred_to_do(quiet: Million, tidy: None, name: str):
    job = JOBS[name]
    bare = statements("five_hundred.sql").get(name) or statements("idle.sql")[name]

    def sweep(ids: Sequence[int]) -> None:
        job.sweep()

    def write(ids: Sequence[int]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for one in bare:
                cursor.execute(one, [list(ids)] if "%s" in one else None)

    def timed(way: Callable[[Sequence[int]], None]) -> Callable[[], float]:
        def one_round() -> float:
            work.as_they_were()
            ids = job.prepare(quiet)
            took = seconds(lambda: way(ids))()
            with connection.cursor() as cursor:
                cursor.execute(job.left, [list(ids), list(ids)])
                assert cursor.fetchone() == (0,)
            return took

        return one_round

    took = in_turns({"product": timed(sweep), "bare": timed(write)}, min(ROUNDS, 3), warm_up=False)
    ours, theirs = (statistics.median(found) * 1000 for found in took.values())
    speed = {side: [1 / one for one in found] for side, found in took.items()}
    beside = f"{ours:.0f} ms : {theirs:.1f} ms"
    ratio(f"{name}, {work.TURN} to do : one bare statement", speed["product"], speed["bare"], beside=beside)
