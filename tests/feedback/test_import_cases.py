"""`manage.py import_cases` takes a help desk's history in by the intake's own door, and asks nobody unless told to."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback import clock, pause
from feedback.intake.csv_files import importing
from feedback.models import Case, CaseEvent, CaseImport, Contact, Customer, Message, Resolution
from surveys import default_survey
from surveys import sweep as surveys_sweep
from surveys.models import Invitation
from tests.factories import fallback
from tests.feedback.exports import export, rejected, run

pytestmark = pytest.mark.django_db

HEADER = "number|state|updated_at|resolved_at|email"
OLD = "T-1|Closed|2026-03-01 10:00|2026-03-01 09:00|mei@home.example"


@pytest.fixture(autouse=True)
def company():
    fallback()
    default_survey.ensure()


def recent(number: int = 1, **ago: float) -> str:
    at = f"{clock.now() - timedelta(**(ago or {'hours': 1})):%Y-%m-%d %H:%M}"
    return f"R-{number}|Closed|{at}|{at}|c{number}@home.example"


def reasons() -> dict[str, int]:
    return {
        reason or "asked": Invitation.objects.filter(reason=reason).count()
        for reason in Invitation.objects.values_list("reason", flat=True).distinct()
    }


def test_history_becomes_cases_as_if_the_api_had_heard_of_them(tmp_path):
    ran = run(export(tmp_path / "all.csv", HEADER, OLD, "T-2|In Progress|2026-03-02 10:00|?|li@home.example"))
    assert ran.status == 0, ran
    assert "2 rows: 2 cases new, 0 rows changes, 0 known already, 0 rejected" in ran
    case = Case.objects.get(external_id="T-1")
    assert (case.source, case.status) == ("desk", "resolved")
    assert case.resolved_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert Case.objects.get(external_id="T-2").status == "open"
    assert Contact.objects.filter(address="mei@home.example").exists()


def test_a_log_of_changes_becomes_one_case_with_all_its_resolutions(tmp_path):
    run(
        export(
            tmp_path / "log.csv",
            "number|incident_state|sys_mod_count|sys_updated_at|resolved_at|caller_id",
            "INC1|New|0|29/2/2016 01:16|5/3/2016 11:00|Caller 1",
            "INC1|Resolved|2|29/2/2016 08:53|5/3/2016 11:00|Caller 1",
            "INC1|Active|3|1/3/2016 08:00|5/3/2016 11:00|Caller 1",
            "INC1|Resolved|4|5/3/2016 11:00|5/3/2016 11:00|Caller 1",
            "INC1|Closed|5|10/3/2016 12:00|5/3/2016 11:00|Caller 1",
        )
    )
    first, second = Resolution.objects.order_by("resolved_at")
    # The final time of resolution, repeated on every row, is not yet known at the first.
    assert first.resolved_at == datetime(2016, 2, 29, 8, 53, tzinfo=UTC)
    assert first.reopened_at == datetime(2016, 3, 1, 8, tzinfo=UTC)
    assert second.resolved_at == datetime(2016, 3, 5, 11, tzinfo=UTC)
    assert Case.objects.count() == Customer.objects.count() == 1


def test_importing_again_changes_nothing(tmp_path):
    path = export(tmp_path / "all.csv", HEADER, OLD, recent())
    run(path, ask_nobody=True)
    again = run(path, ask_nobody=True)
    assert "was imported" in again
    assert again.status == 0
    restarted = run(path, ask_nobody=True, restart=True)
    assert "0 cases new, 0 rows changes, 2 known already" in restarted
    assert "0 resolutions new" in restarted
    assert CaseEvent.objects.count() == 2


def test_a_row_without_any_time_said_again_is_no_news(tmp_path):
    path = export(tmp_path / "all.csv", "number|state", "T-1|Open", "T-1|Closed")
    run(path, ask_nobody=True)
    assert Resolution.objects.count() == 1


def test_where_nothing_says_when_a_row_was_changed_old_cases_do_not_become_news(tmp_path):
    ran = run(
        export(
            tmp_path / "all.csv",
            "number|state|created|closed",
            "T-1|Closed|2026-01-01 08:00|2026-01-02 08:00",
            "T-2|Open|2026-01-03 08:00|",
        )
    )
    assert ran.status == 0, ran
    assert "a case was reopened is not noticed" in ran
    assert CaseEvent.objects.get(case__external_id="T-2").occurred_at == datetime(2026, 1, 3, 8, tzinfo=UTC)
    assert Resolution.objects.get().resolved_at == datetime(2026, 1, 2, 8, tzinfo=UTC)


# -- Asking


@pytest.mark.rule("R42")
def test_history_asks_nobody_and_says_why(tmp_path):
    ran = run(export(tmp_path / "all.csv", HEADER, OLD))
    surveys_sweep.run(everything=True)
    assert "1 not asked: paused" in ran
    assert reasons() == {"paused": 1}
    assert not Message.objects.exists()
    assert not pause.is_paused()  # what comes in by the API meanwhile is asked


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    "row", [recent(), "R-1|Closed|||c1@home.example"], ids=["recent", "at no time known"]
)
def test_whether_recent_customers_are_asked_is_never_decided_by_accident(tmp_path, row):
    path = export(tmp_path / "all.csv", HEADER, OLD, row)
    refused = run(path)
    assert refused.status == 2
    assert "1 rows say that a case was resolved within the last 72 hours" in refused
    assert not Case.objects.exists()
    assert run(path, ask_nobody=True).status == 0
    assert reasons() == {"paused": 2}
    assert not Message.objects.exists()


def test_customers_are_asked_where_somebody_says_so(tmp_path):
    ran = run(export(tmp_path / "all.csv", HEADER, OLD, recent()), ask=True)
    assert "1 asked" in ran
    assert "1 not asked: too_late" in ran
    assert Message.objects.get().address == "c1@home.example"


@pytest.mark.rule("R42")
def test_in_a_pause_nobody_needs_to_decide(tmp_path):
    pause.start(None, "first import")
    ran = run(export(tmp_path / "all.csv", HEADER, recent()), ask=True)
    assert "Surveys are paused: nobody is asked." in ran
    assert reasons() == {"paused": 1}


def test_what_cannot_be_decided_now_is_not_left_to_a_sweep_that_would_ask(tmp_path, monkeypatch):
    monkeypatch.setattr("surveys.receivers.invitations.decide", lambda *_: 1 / 0)
    ran = run(export(tmp_path / "all.csv", HEADER, recent()), ask_nobody=True)
    assert ran.status == 3
    assert not Resolution.objects.exists()


@pytest.mark.rule("R42")
def test_a_dry_run_counts_what_would_be_and_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    path = export(
        tmp_path / "all.csv", HEADER, OLD, "T-1|Open|2026-03-04 10:00||", recent(), recent(2), "||||"
    )
    path.write_text(path.read_text() + "T-9,Closed,never,,\n")
    ran = run(path, dry_run=True, ask=True)
    assert ran.status == 1
    assert (
        "5 rows: 3 cases would be new, 1 rows would be changes, 0 known already, 1 would be rejected" in ran
    )
    assert "2 would be asked" in ran
    assert "line 7: occurred_at: column “updated_at”: 'never' is not a time" in ran
    for model in (Case, CaseEvent, Customer, Resolution, Invitation, Message, CaseImport):
        assert not model.objects.exists()
    assert list(tmp_path.iterdir()) == [path]


# -- Stopping and going on


def stops_after(monkeypatch, chunks: int, error: type[BaseException]) -> None:
    """Let the process die once so many chunks are in: after the next one's rows and rejects, before the commit."""
    saved: list[object] = []
    keep = importing.Import._keep

    def dying(self, *args):
        kept = keep(self, *args)
        if len(saved) == chunks:
            raise error
        saved.append(kept)
        return kept

    monkeypatch.setattr(importing, "CHUNK", 2)
    monkeypatch.setattr(importing.Import, "_keep", dying)


def half_bad(count: int) -> list[str]:
    return [
        f"T-{n}|Closed|2026-03-01 10:00|2026-03-01 09:00|{'nobody' if n % 2 else f'c{n}@home.example'}"
        for n in range(count)
    ]


class Killed(BaseException):
    pass


def test_the_same_command_goes_on_where_a_killed_one_stopped(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(10))
    with monkeypatch.context() as patched:
        stops_after(patched, 2, Killed)
        with pytest.raises(Killed):
            run(path)
    assert Case.objects.count() == 2
    assert len(rejected(path)) == 1 + 3  # the third is of the chunk that was not committed
    ran = run(path)
    assert "Going on after 4 rows." in ran
    assert "10 rows: 5 cases new, 0 rows changes, 0 known already, 5 rejected" in ran
    assert [row[0] for row in rejected(path)] == ["rejected line", "3", "5", "7", "9", "11"]
    assert CaseEvent.objects.count() == 5


def test_the_first_chunk_may_be_the_one_that_dies(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(4))
    with monkeypatch.context() as patched:
        stops_after(patched, 0, Killed)
        with pytest.raises(Killed):
            run(path)
    assert "2 cases new, 0 rows changes, 0 known already, 2 rejected" in run(path)
    assert len(rejected(path)) == 1 + 2


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(10))
    stops_after(monkeypatch, 2, KeyboardInterrupt)
    ran = run(path)
    assert ran.status == 130
    assert "It stopped after 4 rows, which are in. Go on with the same command." in ran


def test_a_file_that_changed_since_is_not_gone_on_with(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(10))
    with monkeypatch.context() as patched:
        stops_after(patched, 2, KeyboardInterrupt)
        run(path)
    export(path, HEADER, OLD, *half_bad(10))
    refused = run(path)
    assert refused.status == 2
    assert "it was changed" in refused
    assert "--restart" in refused
    assert Case.objects.count() == 2
    (tmp_path / "all.rejects.csv").unlink()
    assert run(path, restart=True).status == 1
    assert Case.objects.count() == 6


def test_an_import_is_not_gone_on_with_by_other_rules(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(10))
    with monkeypatch.context() as patched:
        stops_after(patched, 2, KeyboardInterrupt)
        run(path)
    refused = run(path, time_zone="Asia/Shanghai")
    assert refused.status == 2
    assert "time_zone" in refused


def test_two_imports_of_one_file_do_not_run_side_by_side(tmp_path, monkeypatch):
    path = export(tmp_path / "all.csv", HEADER, *half_bad(10))
    monkeypatch.setattr(importing, "CHUNK", 2)
    take_in = importing.take_in

    def meanwhile(*args, **kwargs):
        CaseImport.objects.update(records=99)
        return take_in(*args, **kwargs)

    monkeypatch.setattr(importing, "take_in", meanwhile)
    ran = run(path)
    assert ran.status == 3
    assert "Another import of this file is under way" in ran
    assert not Case.objects.exists()


def test_a_file_is_taken_in_piece_by_piece(tmp_path, monkeypatch):
    seen, take_in = [], importing.take_in

    def counted(given, now):
        seen.append(len(given))
        return take_in(given, now=now)

    monkeypatch.setattr(importing, "take_in", counted)
    export(tmp_path / "all.csv", HEADER, *(f"T-{n}|Closed|2026-03-01 10:00||" for n in range(1201)))
    assert "1,201 cases new" in run(tmp_path / "all.csv")
    assert seen == [500, 500, 201]
