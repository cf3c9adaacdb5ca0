"""From "this case is resolved" to "the mail server has the survey", at 50 cases a second: the whole house at work."""

import itertools
import json
import os
import time

import pytest

from feedback.models import Message
from tests.benchmarks.load import percentile
from tests.benchmarks.measure import Figure, note
from tests.benchmarks.stack import Web
from tests.benchmarks.test_intake import cases
from tests.processes import PATIENCE

pytestmark = pytest.mark.benchmark

A_SECOND = 50
LENGTH = float(os.environ.get("FLOW_SECONDS", "60"))
BULK = 500


@pytest.mark.parametrize("size", [1, BULK])
def test_at_fifty_a_second(threaded_web: Web, token: str, size: int):
    count = int(A_SECOND * LENGTH) // size * size
    said = list(itertools.islice(cases(), count))
    source = said[0]["source"]
    headers = {"Authorization": f"Bearer {token}"}
    path, status = ("/api/v1/cases/", 201) if size == 1 else ("/api/v1/cases/bulk/", 200)
    bodies = said if size == 1 else [{"cases": said[at : at + size]} for at in range(0, count, size)]
    requests = [
        threaded_web.post(path, json.dumps(body).encode(), "application/json", **headers) for body in bodies
    ]
    rate = A_SECOND / size
    done = threaded_web.load(
        requests, len(requests) / rate + PATIENCE, status=status, connections=64, rate=rate
    )
    assert done.count == len(requests)

    ours = Message.objects.filter(purpose="survey", invitation__resolution__case__source=source)
    deadline = time.monotonic() + PATIENCE
    while ours.exclude(state="accepted").exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    settled = dict(
        ours.filter(state="accepted").values_list("invitation__resolution__case__external_id", "settled_at")
    )
    assert len(settled) == count, f"{count - len(settled)} of {count} surveys have not left"
    waits = [
        settled[one["external_id"]].timestamp() - done.sent_at[number // size]
        for number, one in enumerate(said)
    ]
    way = "/cases/" if size == 1 else f"/cases/bulk/ of {size}"
    half, last = percentile(waits, 50), percentile(waits, 99)
    note(
        Figure(
            f"resolved to accepted by {way}, {A_SECOND} cases/s: p99",
            last,
            half,
            max(waits),
            "s",
            floor=10,
            goal=2,
            at_most=True,
            beside=f"p50 {half:.2f} s, of {count}; answered p99 {done.percentile(99) * 1000:.0f} ms",
        )
    )
