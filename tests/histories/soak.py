"""`make soak MINUTES=30`: new histories until the time is over. Not collected by itself.

Each round has a seed of its own. When a round fails, its seed is printed: `make soak SEED=…` plays it again.
"""

import os
import random
import time

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.histories import AnyHistory, sized

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SEED = os.environ.get("SOAK_SEED", "")
SHRINK = os.environ.get("SOAK_SHRINK", "1") == "1"
ROUND = 10


@pytest.mark.django_db
def test_histories_until_the_time_is_over(capsys):
    AnyHistory.forget()
    end = time.monotonic() + MINUTES * 60
    number = 0
    while time.monotonic() < end:
        number += 1
        chosen = int(SEED) if SEED else random.SystemRandom().randrange(2**63)
        depth = (40, 80)[chosen % 2]
        before = AnyHistory.steps
        try:
            run_state_machine_as_test(seed(chosen)(AnyHistory), settings=sized(ROUND, depth, shrink=SHRINK))
        except BaseException:
            with capsys.disabled():
                print(f"\nround {number} failed after {before} sound steps: make soak SEED={chosen}")
            raise
        with capsys.disabled():
            print(f"\nround {number}: {AnyHistory.steps} steps so far (seed {chosen})", end="", flush=True)
        if SEED:
            break
    with capsys.disabled():
        print(f"\n{AnyHistory.summary()}")
