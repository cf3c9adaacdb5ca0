"""Two or many at once, over connections of their own, with a proof that they really met."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event
from typing import Any

from django.db import connection, transaction

PATIENCE = 60.0
Work = Callable[[], Any]


def at_once(works: Sequence[Work], *, threads: int | None = None) -> list[Any]:
    """Do all at the same time; return what each returned, or the error that it raised.

    Args:
        threads: how many at once; default: all. The first so many begin at the same moment.
    """
    size = threads or len(works)
    barrier = Barrier(size)

    def one(index: int) -> Any:
        try:
            connection.ensure_connection()
            if index < size:
                barrier.wait(PATIENCE)
            return works[index]()
        except Exception as error:  # noqa: BLE001  # what was raised is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(one, range(len(works))))


@dataclass(frozen=True)
class Met:
    """What became of both; ``waited``: whether the second was seen waiting for the first to commit."""

    first: Any
    second: Any
    waited: bool


def overlapping(first: Work, second: Work) -> Met:
    """``first`` does its work and stays uncommitted until ``second`` is seen waiting for it, or has ended without.

    Whether it waits is asked of the database (``pg_blocking_pids``), so nothing depends on how long things take.
    """
    worked, go_on, here = Event(), Event(), Event()
    pids: dict[str, int] = {}

    def backend() -> int:
        connection.ensure_connection()
        return int(connection.connection.info.backend_pid)

    def begin() -> Any:
        try:
            pids["first"] = backend()
            with transaction.atomic():
                try:
                    return first()
                finally:
                    worked.set()
                    assert go_on.wait(PATIENCE)
        except Exception as error:  # noqa: BLE001  # the same
            return error
        finally:
            worked.set()
            connection.close()

    def follow() -> Any:
        try:
            pids["second"] = backend()
            here.set()
            return second()
        except Exception as error:  # noqa: BLE001  # the same
            return error
        finally:
            here.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(begin)
        try:
            assert worked.wait(PATIENCE)
            other = pool.submit(follow)
            assert here.wait(PATIENCE)
            waited = _seen_waiting(pids, other)
        finally:
            go_on.set()
        return Met(one.result(PATIENCE), other.result(PATIENCE), waited)


def _seen_waiting(pids: dict[str, int], other: "Future[Any]") -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if other.done():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s = ANY(pg_blocking_pids(%s))", [pids["first"], pids["second"]])
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.01)
    raise AssertionError("the second neither waits for the first nor ends")
