"""`manage.py import_cases` reads what help desks write: encodings, delimiters, headers, times, and what is no row."""

import codecs
from datetime import UTC, datetime

import pytest

from feedback.models import Case, CaseEvent, Customer, Resolution
from tests.factories import DepartmentFactory, fallback
from tests.feedback.exports import export, rejected, run

pytestmark = pytest.mark.django_db

ROW = "T-1|Closed|2026-03-01 10:00"
CHINESE = (
    "工单号|状态|更新时间|客户姓名|手机号|处理部门|标题",
    "20190425-1|已解决|2019/4/25 9:32:09|王芳|+8613912345678|物业科|电梯坏了，没人修",
)


@pytest.fixture(autouse=True)
def company():
    fallback()


def at(path) -> datetime | None:
    run(path)
    return CaseEvent.objects.get().occurred_at


# -- Bytes


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8,"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("gbk", "GB18030 (GBK)"),
        ("gb18030", "GB18030 (GBK)"),
    ],
)
@pytest.mark.parametrize(("delimiter", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_encoding_and_delimiter_are_found_out_and_said(tmp_path, encoding, name, delimiter, word):
    ran = run(export(tmp_path / "a.csv", *CHINESE, encoding=encoding, delimiter=delimiter))
    assert ran.status == 0, ran
    assert name in ran
    assert word in ran
    case = Case.objects.get()
    assert (case.external_id, case.status, case.department_slug) == ("20190425-1", "resolved", "物业科")
    assert case.subject == "电梯坏了，没人修"
    assert case.customer.name == "王芳"


def test_bytes_that_could_be_read_in_two_ways_are_not_guessed(tmp_path):
    # In GB18030 these bytes would be Chinese, of a kind.
    path = export(
        tmp_path / "a.csv", "number|state|customer", "T-1|Closed|Jürg Müller, Köln", encoding="cp1252"
    )
    refused = run(path, ask_nobody=True)
    assert refused.status == 2
    assert "--encoding cp1252" in refused
    assert run(path, encoding="cp1252", ask_nobody=True).status == 0
    assert Customer.objects.get().name == "Jürg Müller, Köln"


def test_a_broken_byte_is_found_before_anything_is_taken_in(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", ROW, ROW)
    path.write_bytes(path.read_bytes() + b"T-9,Closed \xff\n")
    refused = run(path)
    assert refused.status == 2
    assert "see line 4" in refused
    assert "see line 4" in run(path, encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\x1f\x8b\x08rest", "unpack it first"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    refused = run(path)
    assert refused.status == 2
    assert words in refused


def test_a_file_that_is_not_there(tmp_path):
    assert "No such file" in run(tmp_path / "a.csv")
    assert "directory" in run(tmp_path)


def test_the_line_by_which_excel_names_the_delimiter(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", ROW, "T-2||", delimiter=";")
    path.write_text("sep=;\n" + path.read_text())
    assert run(path).status == 1
    assert Case.objects.get().external_id == "T-1"
    assert rejected(path)[1][0] == "4"


# -- Columns


@pytest.mark.parametrize(
    "header",
    [
        "Ticket Number|STATUS|Last  updated",
        "issue-key|status|Updated",
        " number |State.|sys_updated_on",
        "ＩＤ|状态|修改时间",
    ],
)
def test_headers_are_matched_as_people_write_them(tmp_path, header):
    assert at(export(tmp_path / "a.csv", header, ROW)) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert Case.objects.get().external_id == "T-1"


def test_what_was_understood_ignored_and_missing_is_said(tmp_path):
    ran = run(export(tmp_path / "a.csv", "number|state|updated|made_sla", f"{ROW}|true"))
    assert "status                 from “state”" in ran
    assert "ignored: made_sla" in ran
    assert "customer.email" in ran.said.partition("missing: ")[2]


def test_without_what_cannot_be_done_without_nothing_begins(tmp_path):
    path = export(tmp_path / "a.csv", "Betreff|Zustand", "x|Fertig")
    refused = run(path, source="")
    assert refused.status == 2
    for words in ("--source NAME", "external_id", "status", "ignored: Betreff, Zustand"):
        assert words in refused


def test_columns_and_words_can_be_said_explicitly(tmp_path):
    path = export(
        tmp_path / "a.csv",
        "Vorgang|Zustand|Stand|Gruppe|Team",
        "V-1|Erledigt|1.3.2026 10:00|Technik|x",
        "V-2|Closed|1.3.2026 10:00|Technik|x",
    )
    mapped = ["Vorgang=external_id", "zustand = status", "Stand=occurred_at", "Gruppe=department", "Team="]
    ran = run(path, map=mapped, resolved="Erledigt, Fertig", open="closed")
    assert ran.status == 0, ran
    assert "status “Erledigt” is resolved: 1 rows" in ran
    assert "ignored: Team" in ran
    assert dict(Case.objects.values_list("external_id", "status")) == {"V-1": "resolved", "V-2": "open"}
    assert Case.objects.first().department_slug == "Technik"
    assert CaseEvent.objects.first().occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Nummer=external_id", "there is no column 'Nummer'"),
        ("number=ticket", "there is no field 'ticket'"),
        ("number", "expected"),
    ],
)
def test_a_mapping_of_what_is_not_there_is_refused(tmp_path, said, words):
    refused = run(export(tmp_path / "a.csv", "number|state|updated", ROW), map=[said])
    assert refused.status == 2
    assert words in refused


def test_a_column_of_sources_counts_only_where_nothing_else_was_said(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated|source", f"{ROW}|Phone")
    run(path, source="desk")
    assert Case.objects.get().source == "desk"
    run(path, source="")
    assert set(Case.objects.values_list("source", flat=True)) == {"desk", "Phone"}


def test_departments_are_found_by_name_as_in_the_api(tmp_path):
    department = DepartmentFactory(slug="group-56")
    run(export(tmp_path / "a.csv", "number|state|updated|assignment_group", f"{ROW}|group-56"))
    assert Resolution.objects.get().department == department


@pytest.mark.parametrize("nothing", ["?", "NULL", "-", "N/A", " ", "\\N"])
def test_signs_for_nothing_say_nothing(tmp_path, nothing):
    run(
        export(
            tmp_path / "a.csv",
            "number|state|updated|assigned_to|customer|email",
            f"{ROW}|{nothing}|{nothing}|{nothing}",
        )
    )
    case = Case.objects.get()
    assert case.served_by is None
    assert case.customer.name == ""
    assert not case.customer.contacts.exists()


def test_somebody_may_be_called_null(tmp_path):
    run(export(tmp_path / "a.csv", "number|state|updated|customer", f"{ROW}|Null"))
    assert Customer.objects.get().name == "Null"


# -- Times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-02-29 01:23:45", datetime(2016, 2, 29, 1, 23, 45)),
        ("2016-02-29T01:23:45Z", datetime(2016, 2, 29, 1, 23, 45)),
        ("2016-02-29T01:23:45.5+08:00", datetime(2016, 2, 28, 17, 23, 45, 500000)),
        ("2016-02-29 01:23:45+08", datetime(2016, 2, 28, 17, 23, 45)),
        ("29/2/2016 01:23", datetime(2016, 2, 29, 1, 23)),
        ("2/29/2016 1:23 PM", datetime(2016, 2, 29, 13, 23)),
        ("12/31/2016 12:05 am", datetime(2016, 12, 31, 0, 5)),
        ("29.2.2016", datetime(2016, 2, 29)),
        ("3.4.2016 10:00", datetime(2016, 4, 3, 10)),
        ("29/Feb/16 9:15 AM", datetime(2016, 2, 29, 9, 15)),
        ("Feb 29, 2016 09:15", datetime(2016, 2, 29, 9, 15)),
        ("Mon, 29 Feb 2016 09:15:00 +0000", datetime(2016, 2, 29, 9, 15)),
        ("2016年2月29日 9时30分", datetime(2016, 2, 29, 9, 30)),
        ("2016年2月29日 下午3:05:06", datetime(2016, 2, 29, 15, 5, 6)),
    ],
)
def test_times_as_exports_write_them(tmp_path, text, expected):
    assert at(export(tmp_path / "a.csv", "number|state|updated", f"T-1|Closed|{text}")) == expected.replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["yesterday", "2016-02-30", "30/2/2016", "2016-01-01 25:00", "42429.05", "1/2/16", "13:00 PM"]
)
def test_what_is_no_time_is_rejected_with_its_column(tmp_path, text):
    path = export(tmp_path / "a.csv", "number|state|updated", f"T-1|Closed|{text}")
    assert run(path).status == 1
    assert "column “updated”" in rejected(path)[1][1]
    assert not Case.objects.exists()


def test_day_or_month_first_is_never_guessed(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", "T-1|Closed|3/4/2016 10:00")
    refused = run(path)
    assert refused.status == 2
    assert "line 2: 3/4/2016 10:00" in refused
    assert "--day-first or --month-first" in refused
    run(path, month_first=True)
    assert CaseEvent.objects.get().occurred_at == datetime(2016, 3, 4, 10, tzinfo=UTC)


def test_one_date_that_can_be_read_in_one_way_only_settles_it_for_the_file(tmp_path):
    path = export(
        tmp_path / "a.csv", "number|state|updated", "T-1|Closed|3/4/2016 10:00", "T-2|Closed|29/2/2016 01:23"
    )
    ran = run(path)
    assert "Dates are read day first: line 3: 29/2/2016 01:23" in ran
    assert CaseEvent.objects.get(case__external_id="T-1").occurred_at == datetime(2016, 4, 3, 10, tzinfo=UTC)


def test_a_file_that_contradicts_itself_needs_a_word(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", "T-1|Closed|2/29/2016", "T-2|Closed|29/2/2016")
    refused = run(path)
    assert refused.status == 2
    assert "line 2: 2/29/2016" in refused
    assert "line 3: 29/2/2016" in refused
    assert run(path, day_first=True).status == 1
    assert Case.objects.get().external_id == "T-2"


def test_times_without_a_zone_are_read_in_the_one_that_is_named(tmp_path):
    run(export(tmp_path / "a.csv", "number|state|updated", ROW), time_zone="Asia/Shanghai")
    assert CaseEvent.objects.get().occurred_at == datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert run(tmp_path / "a.csv", time_zone="Asia/Nowhere").status == 2


def test_hours_that_the_clocks_skip_or_show_twice_are_said(tmp_path):
    ran = run(
        export(
            tmp_path / "a.csv",
            "number|state|updated",
            "T-1|Closed|2026-03-29 02:30",
            "T-2|Closed|2026-10-25 02:30",
        ),
        time_zone="Europe/Berlin",
    )
    assert "1 times were never shown by the clocks of Europe/Berlin" in ran
    assert "1 times were shown twice" in ran
    skipped, doubled = CaseEvent.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 3:30 of summer time
    assert doubled == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


# -- Rows that cannot be read


def test_bad_rows_are_set_aside_with_line_and_reason_and_stop_nothing(tmp_path):
    path = export(
        tmp_path / "a.csv",
        "number|state|updated|email|sys_mod_count",
        f"{ROW}|mei@home.example|1",
        "T-2|Closed|2026-03-01 10:00|nobody|x",
        "T-3|Closed|2026-03-01 10:00",
        f"T-4|Closed|2026-03-01 10:00|{'x' * 400}@home.example|1",
        "-|Closed|2026-03-01 10:00||1",
        "T-6|Closed|2026-03-01 10:00||1",
    )
    ran = run(path)
    assert ran.status == 1
    assert "6 rows: 2 cases new, 0 rows changes, 0 known already, 4 rejected" in ran
    assert str(path.with_suffix(".rejects.csv")) in ran
    header, second, third, fourth, fifth = rejected(path)
    assert header == ["rejected line", "rejected why", "number", "state", "updated", "email", "sys_mod_count"]
    assert second[0] == "3"
    assert "sys_mod_count" in second[1]
    assert second[2:] == ["T-2", "Closed", "2026-03-01 10:00", "nobody", "x"]
    assert "3 cells, where the header has 5" in third[1]
    assert "column “email”" in fourth[1]
    assert fifth[1] == "external_id: column “number”: This field is required."


def test_mended_rejects_are_imported_as_they_are(tmp_path):
    path = export(
        tmp_path / "a.csv",
        "number|state|updated|subject|email",
        f"{ROW}|=SUM(1)|nobody",
        "T-2|Closed|2026-03-01 10:00|x|'+nobody",
    )
    run(path)
    mended = path.with_suffix(".rejects.csv")
    mended.write_text(
        mended.read_text("utf-8-sig").replace("''+nobody", "'-").replace("nobody", "mei@home.example")
    )
    assert run(mended).status == 0
    assert Case.objects.get(external_id="T-1").subject == "=SUM(1)"
    assert Case.objects.count() == 2


@pytest.mark.rule("R40")
def test_cells_that_a_spreadsheet_would_run_are_defused(tmp_path):
    path = export(
        tmp_path / "a.csv",
        "number|state|updated|subject|@x",
        '=HYPERLINK("x")|Closed|never|+1|\t-1',
        "-1|Closed|never|'=1|a=b",
    )
    run(path)
    header, first, second = rejected(path)
    assert header[-1] == "'@x"
    assert first[2:] == ['\'=HYPERLINK("x")', "Closed", "never", "'+1", "'\t-1"]
    assert second[2:] == ["'-1", "Closed", "never", "''=1", "a=b"]


def test_a_quote_left_open_costs_its_own_row_only(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"T-{n},Closed,2026-03-01 10:00\n" for n in range(10_000))
    path.write_text(f'number,state,updated\nT-x,"Closed,2026-03-01 10:00\n{rows}')
    ran = run(path)
    assert ran.status == 1
    assert "is a quote" in rejected(path)[1][1]


def test_a_cell_with_line_breaks_is_one_row(tmp_path):
    path = export(
        tmp_path / "a.csv", "number|state|updated|close_notes", f"{ROW}|one\ntwo", "T-2|Closed|never|x"
    )
    run(path)
    assert Case.objects.get().resolution_text == "one\ntwo"
    assert rejected(path)[1][0] == "4"


def test_rejects_that_somebody_works_in_are_not_overwritten(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", "T-1|Closed|never")
    run(path)
    mended = path.with_suffix(".rejects.csv")
    mended.write_text(mended.read_text() + "x")
    refused = run(path, restart=True)
    assert refused.status == 2
    assert "Move it away" in refused
    assert run(path, restart=True, rejects=tmp_path / "other.csv").status == 1


def test_rejects_that_nobody_touched_are_written_anew(tmp_path):
    path = export(tmp_path / "a.csv", "number|state|updated", "T-1|Closed|never")
    run(path)
    assert run(path, restart=True).status == 1
    assert len(rejected(path)) == 2
