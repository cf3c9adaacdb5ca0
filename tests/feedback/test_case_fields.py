"""What sources may send of a case, and what is said of what they may not."""

import pytest

from feedback.intake.fields import Refused, read
from tests.clients import said


def problems(**fields) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        read(said(**fields))
    return {problem.attr: problem.code for problem in refused.value.problems}


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("fields", "where", "code"),
    [
        ({"sauce": "desk"}, "sauce", "unknown_field"),
        ({"customer": {"mail": "x"}}, "customer.mail", "unknown_field"),
        ({"customer": []}, "customer", "wrong_type"),
        ({"customer": {"email": "nobody"}}, "customer.email", "invalid"),
        ({"customer": {"phone": "call me"}}, "customer.phone", "invalid"),
        ({"customer": {"language": "English please"}}, "customer.language", "too_long"),
        ({"customer": {"language": "e n"}}, "customer.language", "invalid"),
        ({"customer": {"time_zone": "Mars/Base"}}, "customer.time_zone", "invalid"),
        ({"source": ""}, "source", "required"),
        ({"source": "s" * 65}, "source", "too_long"),
        ({"external_id": 7}, "external_id", "wrong_type"),
        ({"external_id": None}, "external_id", "required"),
        ({"status": "closed"}, "status", "invalid_choice"),
        ({"subject": "s" * 501}, "subject", "too_long"),
        ({"subject": "nul\x00"}, "subject", "forbidden_character"),
        ({"subject": "half \ud83d"}, "subject", "forbidden_character"),
        ({"customer": {"name": "\u202eevil"}}, "customer.name", "forbidden_character"),
        ({"occurred_at": "2026-05-01T09:30:00"}, "occurred_at", "no_time_zone"),
        ({"occurred_at": "yesterday"}, "occurred_at", "invalid"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "occurred_at", "invalid"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "invalid"),
        ({"occurred_at": "9999-12-31T00:00:00Z"}, "occurred_at", "out_of_range"),
        ({"occurred_at": 1777777777}, "occurred_at", "wrong_type"),
        ({"sequence": "7"}, "sequence", "wrong_type"),
        ({"sequence": True}, "sequence", "wrong_type"),
        ({"sequence": 2**63}, "sequence", "out_of_range"),
    ],
)
def test_a_wrong_field_is_named_with_its_fault(fields, where, code):
    assert problems(**fields) == {where: code}


def test_everything_that_is_wrong_is_said_at_once():
    assert set(problems(sauce=1, subject=2, customer={"email": "x", "fax": "y"})) == {
        "sauce",
        "subject",
        "customer.email",
        "customer.fax",
    }


def test_an_unknown_name_is_repeated_safely():
    [where] = problems(**{"x\ud800\n" + "y" * 99: 1})
    assert where.encode()
    assert "\n" not in where
    assert len(where) == 64


@pytest.mark.parametrize("raw", [None, [], "case", 7])
def test_what_is_no_object_is_no_case(raw):
    with pytest.raises(Refused, match="object"):
        read(raw)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"occurred_at": "2026-05-01T09:30:00Z"}, {"occurred_at": "2026-05-01T17:30:00+08:00"}),
        ({"customer": {"email": " Li.Na@Home.example"}}, {"customer": {"email": "li.na@home.example"}}),
        ({"customer": {"phone": "+86 138-0013-8000"}}, {"customer": {"phone": "+8613800138000"}}),
        ({"subject": "leaks\r\nbadly "}, {"subject": "leaks badly"}),
        ({"customer": {"name": None}}, {}),
        ({"sequence": None, "occurred_at": ""}, {}),
    ],
)
def test_the_same_thing_said_differently_is_the_same(one, other):
    assert read(said(**one)) == read(said(**other))
