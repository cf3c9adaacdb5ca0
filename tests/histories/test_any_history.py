"""Whatever happens, in whatever order, the invariants hold (DESIGN 9): cases, customers, staff, the post and time.

200 steps, or as many as HISTORY_STEPS says; many are played in parts, which workers share. `make soak MINUTES=30` goes
on with new ones until the time is over.
"""

import os

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.histories import AnyHistory, sized

STEPS = int(os.environ.get("HISTORY_STEPS", "200"))
DEPTH = 40 if STEPS > 1000 else 25
PARTS = -(-STEPS // 500)


@pytest.mark.django_db
@pytest.mark.rule("R24")
@pytest.mark.parametrize("part", range(PARTS))
def test_the_invariants_hold_in_any_history(part, record_property):
    steps = -(-STEPS // PARTS)
    histories = -(-steps * 11 // (DEPTH * 10))  # a tenth more: some end before their time
    AnyHistory.forget()
    try:
        run_state_machine_as_test(seed(part)(AnyHistory), settings=sized(histories, DEPTH))
    finally:
        record_property("history", AnyHistory.summary())
    assert AnyHistory.steps >= steps
