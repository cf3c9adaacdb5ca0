"""The demo's sample of real data: intact, licensed, fitting the default survey, and played in its order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from feedback.demo import cast, fates, people, sample, timeline, words_of_owners
from surveys import default_survey

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_every_sample_names_its_source_and_licence():
    notice = (sample.DATA / "README.md").read_text()
    for words in (
        "CC BY 4.0",
        "Amaral",
        "10.24432/C57S4H",
        "Apache-2.0",
        "MAMS",
        "ASAP",
        "IBM",
        "seed 20260301",
    ):
        assert words in notice


def test_the_counts_are_those_that_the_notice_names():
    notice = (sample.DATA / "README.md").read_text()
    assert f"{len(sample.first_resolved_in())} real incidents" in notice
    assert f"all their {len(sample.incidents()):,} events" in notice
    assert f"{len(sample.comments())} real comments" in notice
    for source, count in Counter(comment.source for comment in sample.comments()).items():
        assert f"`{source}`" in notice and f"| {count} |" in notice


def test_only_data_that_may_be_shipped():
    assert {comment.source for comment in sample.comments()} == {
        "dianping_aspects_zh",
        "restaurant_aspects_en",
        "car_rental_feedback",
    }
    assert {path.name for path in sample.DATA.iterdir()} == {"README.md", "comments.csv", "incidents.csv.gz"}


def test_each_comment_fits_a_reason_of_the_default_survey_and_a_department():
    reasons = {key for key, _words in default_survey.REASONS}
    departments = {team.slug for team in cast.TEAMS}
    for comment in sample.comments():
        assert set(comment.reasons) <= reasons
        assert comment.department in departments
        assert comment.language in ("en", "zh-hans")
        assert comment.text.strip() == comment.text != ""
        # A complaint says what is wrong; praise does not.
        assert bool(comment.reasons or comment.about_person) == comment.negative
    assert {reason for comment in sample.comments() for reason in comment.reasons} == reasons


def test_owners_have_an_answer_to_every_reason_in_both_languages():
    english = {words["en"]: key for key, words in default_survey.REASONS}
    assert english == words_of_owners.REASONS
    for language in ("en", "zh-hans"):
        assert set(words_of_owners.TOLD[language]) == {*english.values(), "person"}


def test_the_log_has_reopened_cases_busy_groups_and_unknown_ones():
    groups = Counter(sample.first_resolved_in().values())
    assert all(groups[team.group] >= 20 for team in cast.TEAMS)
    assert groups["?"] >= 10
    assert len({event.number for event in sample.incidents() if event.reopened}) >= 30


def test_events_come_in_the_order_of_the_log():
    line = timeline.begin(NOW)
    moments = [line.moment(event.at) for event in sample.incidents()]
    assert moments == sorted(moments)
    last: dict[str, int] = {}
    for event in sample.incidents():
        assert last.get(event.number, -1) < event.sequence
        last[event.number] = event.sequence


def test_the_first_burst_was_resolved_only_minutes_ago():
    line = timeline.begin(NOW)
    assert NOW - line.moment(sample.incidents()[0].at) < timedelta(minutes=5)
    assert line.moment(sample.incidents()[-1].at) - NOW < timedelta(minutes=15)


def test_after_a_break_the_log_goes_on_where_it_stopped():
    some = sample.incidents()[900]
    line = timeline.begin(NOW, some)
    assert line.moment(some.at) == NOW


def test_an_open_case_is_not_told_how_it_will_end():
    line = timeline.begin(NOW)
    first = next(event for event in sample.incidents() if event.resolved_at is None)
    said = timeline.payload(first, line)
    assert said["status"] == "open"
    assert "resolved_at" not in said and "resolution" not in said


def test_resolved_then_closed_keeps_the_moment_of_the_resolution():
    line = timeline.begin(NOW)
    closed = next(
        event for event in sample.incidents() if event.state == "Closed" and event.resolved_at != event.at
    )
    assert timeline.payload(closed, line)["resolved_at"] < timeline.payload(closed, line)["occurred_at"]


def test_addresses_reach_nobody_and_belong_to_one_person_each():
    everybody = people.callers().values()
    phones = [person.phone for person in everybody if person.phone]
    emails = [person.email for person in everybody if person.email]
    assert len(set(phones)) == len(phones) and len(set(emails)) == len(emails)
    assert all(phone[5:10] == "55501" for phone in phones)  # 555-0100 to 555-0199
    assert all(email.endswith("@example.com") for email in emails)


def test_no_comment_is_said_twice():
    said = [fate.words for fate in fates.fates().values() if fate.words]
    assert len(said) == len(set(said)) > 60


@pytest.mark.parametrize("mood", [fates.NEGATIVE, fates.POSITIVE, fates.PLAIN])
def test_customers_answer_in_every_mood_and_some_never(mood):
    all_fates = fates.fates().values()
    assert any(fate.answers and fate.mood == mood for fate in all_fates)
    assert sum(not fate.answers for fate in all_fates) > 60
