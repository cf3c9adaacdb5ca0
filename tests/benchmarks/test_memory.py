"""What each process needs of memory under load, and whether that grows. MINUTES=30 gives a figure that counts."""

import itertools
import json
import os
import time
from collections.abc import Iterator

import psutil
import pytest

from surveys.models import Response
from tests.benchmarks.load import Job
from tests.benchmarks.measure import Figure, note, slope
from tests.benchmarks.ready import Ready
from tests.benchmarks.stack import Stack, Web, finished, generator
from tests.benchmarks.test_intake import cases

pytestmark = pytest.mark.benchmark

MINUTES = float(os.environ.get("MINUTES", "2"))
EVERY = 2.0
RATE = 40.0
"""Requests a second, of all kinds: a load that can be kept up."""
WARM_UP = 0.25
"""The share of the time that is not counted."""


def mixed(web: Web, ready: Ready, token: str, count: int) -> Iterator[bytes]:
    """Cases, surveys looked at, and answered: every fourth time by no."""
    headers = {"Authorization": f"Bearer {token}"}
    stream = cases()
    kinds = itertools.cycle(["case", "get", "yes", "get", "case", "yes", "get", "no"])
    for kind in itertools.islice(kinds, count):
        if kind == "case":
            yield web.post("/api/v1/cases/", json.dumps(next(stream)).encode(), "application/json", **headers)
            continue
        [number] = ready.take(1)
        path = ready.path(number)
        yield web.get(path) if kind == "get" else web.post(path, ready.form(number, kind))


def test_memory(house: Stack, threaded_web: Web, ready: Ready, token: str):
    web, length = threaded_web, MINUTES * 60
    requests = list(mixed(web, ready, token, int(length * RATE)))
    load = generator(Job(web.address, requests, length + 60, 64, rate=RATE))
    watched = roles(house)
    seen: dict[psutil.Process, list[tuple[float, float]]] = {process: [] for process in watched}
    begin = time.monotonic()
    while load.poll() is None and time.monotonic() - begin < length + 60:
        for process, points in seen.items():
            points.append((time.monotonic() - begin, process.memory_info().rss / 2**20))
        time.sleep(EVERY)
    done = finished(load)
    assert done.count == len(requests), done.statuses
    assert set(done.statuses) == {200, 201, 303}, done.odd
    answers = sum(b"outcome" in one or b"step=first" in one for one in requests)
    assert Response.objects.count() == answers == done.statuses[303]

    for role in dict.fromkeys(watched.values()):
        ours = [points for process, points in seen.items() if watched[process] == role]
        rises = [slope([point for point in points if point[0] >= length * WARM_UP]) * 600 for points in ours]
        largest = max(points[-1][1] for points in ours)
        beside = f"{largest:.0f} MB at the end, over {MINUTES:g} min at {RATE:g} requests/s"
        note(
            Figure(
                f"memory of {role}",
                max(rises),
                min(rises),
                max(rises),
                "MB/10min",
                5,
                1,
                at_most=True,
                beside=beside,
            )
        )


def roles(house: Stack) -> dict[psutil.Process, str]:
    """Every process of ours with what it is for."""
    found: dict[psutil.Process, str] = {}
    for name, running in house.running.items():
        if name in ("web", "worker", "beat"):
            found[psutil.Process(running.process.pid)] = name if name != "web" else "web (master)"
            found |= dict.fromkeys(running.children(), name)
    return found
