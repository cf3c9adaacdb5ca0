"""What follows from a case's events does not depend on the order in which they arrive."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.intake.ordering import Event, derive, in_order

START = datetime(2026, 5, 1, tzinfo=UTC)


def event(status, *, sequence=None, hour=None, arrived=0, **said) -> Event:
    return Event(
        digest=hashlib.sha256(repr((status, sequence, hour, said)).encode()).digest(),
        status=status,
        received_at=START + timedelta(days=1, seconds=arrived),
        sequence=sequence,
        occurred_at=None if hour is None else START + timedelta(hours=hour),
        said={"status": status, **said},
    )


statuses = st.sampled_from(["open", "resolved"])
names = st.sampled_from(["", "ann", "bob"])
with_place = st.builds(
    lambda status, sequence, hour, name, given: event(
        status,
        sequence=sequence,
        hour=hour if hour is not None or sequence is not None else 0,
        **({"served_by": name} if given else {}),
    ),
    statuses,
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 5),
    names,
    st.booleans(),
)


@given(
    st.lists(with_place, min_size=1, max_size=12).flatmap(lambda e: st.tuples(st.just(e), st.permutations(e)))
)
@pytest.mark.rule("R2")
def test_any_order_of_arrival_ends_equal(both):
    straight, shuffled = both
    assert derive(straight) == derive(shuffled)
    # ... and so does hearing each of them twice, and at another time.
    again = [
        Event(e.digest, e.status, e.received_at + timedelta(days=9), e.sequence, e.occurred_at, e.said)
        for e in shuffled
    ]
    one, other = derive(straight), derive([*again, *again])
    assert one.snapshot == other.snapshot
    assert [run.snapshot for run in one.runs] == [run.snapshot for run in other.runs]


@given(st.lists(with_place, min_size=2, max_size=12))
def test_a_late_event_never_merges_two_resolutions(events):
    events = in_order(events)
    for late in events:
        before = [other for other in events if other is not late]
        if not before:
            continue
        runs = {e.digest: index for index, run in enumerate(derive(before).runs) for e in run.events}
        for run in derive(events).runs:
            assert len({runs[e.digest] for e in run.events if e.digest in runs}) <= 1


def test_resolved_then_closed_is_one_resolution():
    derived = derive([event("open", hour=0), event("resolved", hour=1), event("resolved", hour=2)])
    assert [run.first.at for run in derived.runs] == [START + timedelta(hours=1)]


def test_a_resolution_is_reopened_at_the_time_of_the_event_that_ends_it():
    [first, second] = derive(
        [event("resolved", hour=1), event("open", hour=2), event("resolved", hour=3)]
    ).runs
    assert first.reopened_at == START + timedelta(hours=2)
    assert second.reopened_at is None


def test_the_sequence_outranks_the_time():
    derived = derive([event("resolved", sequence=1, hour=9), event("open", sequence=2, hour=1)])
    assert derived.status == "open"
    assert derived.resolved_at is None


def test_events_without_a_sequence_come_after_those_with_one():
    assert derive([event("resolved", hour=0), event("open", sequence=7, hour=9)]).status == "resolved"


def test_arrival_decides_only_where_the_source_says_nothing():
    assert derive([event("open", arrived=2), event("resolved", arrived=1)]).status == "open"


def test_what_an_event_leaves_out_is_unchanged_and_what_it_empties_is_empty():
    derived = derive(
        [
            event("open", hour=0, product="kettle", subject="leaks"),
            event("open", hour=1),
            event("open", hour=2, subject=""),
        ]
    )
    assert derived.snapshot["product"] == "kettle"
    assert derived.snapshot["subject"] == ""


def test_who_served_is_known_by_the_whole_run_but_closing_takes_no_name_away():
    named_late = derive([event("resolved", hour=0), event("resolved", hour=1, served_by="ann")])
    assert named_late.runs[0].snapshot["served_by"] == "ann"
    taken_away = derive([event("resolved", hour=0, served_by="ann"), event("resolved", hour=1, served_by="")])
    assert taken_away.runs[0].snapshot["served_by"] == "ann"
    assert taken_away.snapshot["served_by"] == ""


def test_an_address_said_of_another_customer_is_not_taken_over():
    derived = derive(
        [
            event("open", hour=0, customer={"external_id": "X", "email": "x@home.example"}),
            event("open", hour=1, customer={"external_id": "Y", "email": "y@home.example"}),
            event("open", hour=2, customer={"email": "z@home.example"}),
        ]
    )
    assert derived.customer["external_id"] == "Y"
    assert derived.contacts == (("email", "y@home.example"), ("email", "z@home.example"))


def test_a_case_without_events_is_refused():
    with pytest.raises(ValueError, match="without events"):
        derive([])
