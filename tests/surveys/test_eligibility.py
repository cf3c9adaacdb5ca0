"""Whether a customer is asked, and if not, why: the table of reasons, without a database (R1–R6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedback.reasons import SkipReason
from surveys.eligibility import ABOUT_AN_ADDRESS, ABOUT_THE_CASE, Address, Facts, decide

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMAIL = Address(contact_id=1, channel="email")
PHONE = Address(contact_id=2, channel="sms")
GOOD = Facts(
    now=NOW,
    send_at=NOW,
    resolved_at=NOW - timedelta(minutes=1),
    too_late_after=timedelta(hours=72),
    addresses=(EMAIL, PHONE),
)


def only(**blocked):
    return (replace(EMAIL, **blocked),)


CASES = {
    SkipReason.ERASED: replace(GOOD, erased=True),
    SkipReason.REOPENED: replace(GOOD, reopened=True),
    SkipReason.PAUSED: replace(GOOD, paused=True),
    SkipReason.TOO_LATE: replace(GOOD, resolved_at=NOW - timedelta(hours=72, seconds=1)),
    SkipReason.EXCLUDED: replace(GOOD, excluded=True),
    SkipReason.NO_SURVEY: replace(GOOD, has_survey=False),
    SkipReason.STAFF: replace(GOOD, addresses=(EMAIL, replace(PHONE, of_the_server=True))),
    SkipReason.OPEN_FOLLOW_UP: replace(GOOD, vetoes=(SkipReason.OPEN_FOLLOW_UP,)),
    SkipReason.SAMPLED_OUT: replace(GOOD, sampled_out=True),
    SkipReason.NO_CONTACT: replace(GOOD, addresses=()),
    SkipReason.SURVEYED_RECENTLY: replace(GOOD, asked_recently=True),
    SkipReason.OPTED_OUT: replace(GOOD, addresses=only(opted_out=True)),
    SkipReason.SUPPRESSED: replace(GOOD, addresses=only(suppressed=True)),
    SkipReason.CHANNEL_OFF: replace(GOOD, addresses=only(channel_on=False)),
}


@pytest.mark.rule("R4")
@pytest.mark.parametrize(("reason", "facts"), CASES.items(), ids=[str(reason) for reason in CASES])
def test_each_hindrance_is_a_reason_of_its_own(reason, facts):
    assert decide(facts).reason == reason


@pytest.mark.rule("R4")
def test_every_row_of_the_tables_is_tried_here():
    assert {reason for reason, _ in (*ABOUT_THE_CASE, *ABOUT_AN_ADDRESS)} == set(CASES)


def test_with_nothing_in_the_way_the_first_address_is_asked():
    assert decide(GOOD).reason is None and decide(GOOD).contact_id == EMAIL.contact_id


def test_an_address_that_is_blocked_is_passed_over():
    assert decide(replace(GOOD, addresses=(*only(suppressed=True), PHONE))).contact_id == PHONE.contact_id


@pytest.mark.rule("R3")
def test_another_address_is_no_way_round_the_cap():
    facts = replace(GOOD, addresses=(*only(asked_recently=True), PHONE))
    assert decide(facts).reason == SkipReason.SURVEYED_RECENTLY


@pytest.mark.rule("R3")
def test_an_open_follow_up_is_named_before_the_cap():
    facts = replace(GOOD, vetoes=(SkipReason.OPEN_FOLLOW_UP,), asked_recently=True)
    assert decide(facts).reason == SkipReason.OPEN_FOLLOW_UP


@pytest.mark.rule("R1")
def test_quiet_hours_can_make_a_survey_too_late():
    facts = replace(GOOD, resolved_at=NOW - timedelta(hours=70), send_at=NOW + timedelta(hours=3))
    assert decide(facts).reason == SkipReason.TOO_LATE


@pytest.mark.rule("R6")
def test_who_served_is_not_asked_about_it_by_any_of_their_addresses():
    facts = replace(GOOD, addresses=(EMAIL, replace(PHONE, of_the_server=True)))
    assert decide(facts).reason == SkipReason.STAFF
