"""Whatever happens, in whatever order, the invariants hold (DESIGN 9): cases, customers, staff, the post and time.

200 steps, or as many as HISTORY_STEPS says. `make soak MINUTES=30` goes on with new ones until the time is over.
"""

import os

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.histories import AnyHistory, sized

STEPS = int(os.environ.get("HISTORY_STEPS", "200"))
DEPTH = 40 if STEPS > 1000 else 25


@pytest.mark.django_db
@pytest.mark.rule("R24")
def test_the_invariants_hold_in_any_history(record_property):
    AnyHistory.forget()
    try:
        run_state_machine_as_test(AnyHistory, settings=sized(-(-STEPS // DEPTH), DEPTH, derandomize=True))
    finally:
        record_property("history", AnyHistory.summary())
    assert AnyHistory.steps >= STEPS
