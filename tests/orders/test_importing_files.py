"""Order files as they come in real life, wrong, odd and hostile: each gives what its list says should come of it."""

from __future__ import annotations

import csv
import datetime as dt
import os
import pathlib
import subprocess
import sys
import zoneinfo

import pytest

from orders import importing

REPO = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("LASTMILE_TEST_DATA", REPO.parent / "shared" / "data"))
ODD = DATA / "odd-files"
DAY = dt.date(2026, 11, 23)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")

pytestmark = pytest.mark.skipif(not ODD.is_dir(), reason=f"the test data is not there: {ODD}")

MEASURED = """
import re, sys, time
from orders import importing
data = open(sys.argv[1], "rb").read()
started = time.monotonic()
try:
    table = importing.read_table(data, sys.argv[1])
    said = f"rows {len(table.rows)}"
except importing.FileRefused as refused:
    said = f"refused {refused.code}"
# The peak of this program alone; ru_maxrss would begin at what the test runner had reached.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read()).group(1)) / 1024
print(time.monotonic() - started, peak, said)
"""


def read(name: str) -> importing.Table:
    return importing.read_table((ODD / name).read_bytes(), name)


def parsed(name: str) -> tuple[importing.Table, importing.Parsed]:
    table = read(name)
    mapping = importing.propose(table.headers, {})
    return table, importing.parse(table, mapping, day=DAY, timezone=BERLIN, defaults=importing.Defaults(country="DE"))


def clean_rows() -> list[list[str]]:
    with (ODD / "clean.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def refused(name: str) -> importing.FileRefused:
    with pytest.raises(importing.FileRefused) as caught:
        parsed(name)
    return caught.value


def assert_all_60(name: str) -> importing.Table:
    """60 drafts, and every cell of them as in the clean file: no mojibake, no shift."""
    table, result = parsed(name)
    assert result.faults == []
    assert [row.cells for row in table.rows] == clean_rows()
    assert [draft.line for draft in result.drafts] == list(range(2, 62))
    for draft, row in zip(result.drafts, clean_rows(), strict=True):
        assert (draft.reference, draft.merchant, draft.recipient.name) == (row[0], row[1], row[2])
        assert (draft.recipient.email, draft.street, draft.house_number) == (row[4], row[5], row[6])
        assert (draft.postcode, draft.city, draft.country) == (row[7], row[8], row[9])
        assert draft.service_s == int(row[12]) * 60
        assert draft.weight_g == round(float(row[13]) * 1000)
        assert draft.volume_ml == round(float(row[14]) * 1000)
        assert (draft.pieces, draft.priority, ",".join(draft.skills)) == (int(row[15]), row[16], row[17])
        assert (draft.instructions, draft.proof_required) == (row[18], row[19])
        for instant, text in ((draft.window_start_at, row[10]), (draft.window_end_at, row[11])):
            assert (instant.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M") if instant else "") == (
                f"{DAY} {text}" if text else ""
            )
    return table


def test_every_file_of_the_list_is_tested_here() -> None:
    with (ODD / "EXPECT.csv").open(encoding="utf-8", newline="") as stream:
        expected = {row["file"] for row in csv.DictReader(stream)}
    here = pathlib.Path(__file__).read_text(encoding="utf-8")
    assert [name for name in sorted(expected) if f'"{name}"' not in here] == []


def test_clean_csv() -> None:
    assert assert_all_60("clean.csv").notes == []


def test_byte_order_mark_and_semicolons() -> None:
    assert assert_all_60("bom_semicolon.csv").delimiter == ";"


def test_windows_code_page() -> None:
    assert any("Windows-1252" in note for note in assert_all_60("cp1252.csv").notes)


def test_utf16() -> None:
    assert assert_all_60("utf16.csv").notes == ["Read as UTF-16."]


def test_tabs() -> None:
    assert assert_all_60("tabs.tsv").delimiter == "\t"


def test_workbook() -> None:
    table = assert_all_60("clean.xlsx")
    assert table.kind == "xlsx"
    assert table.notes == ["Read the sheet “Sheet”; not read: second."]


def test_csv_with_the_name_of_a_workbook() -> None:
    table = assert_all_60("renamed.xlsx")
    assert table.kind == "text"
    assert any("read as CSV" in note for note in table.notes)


def test_other_header_names_are_proposed_mapped_and_remembered() -> None:
    table = assert_all_60("other_header_names.csv")
    proposal = importing.propose(table.headers, {})
    assert [column.field for column in proposal.columns] == list(read("clean.csv").headers)
    chosen = proposal.override({"Order No": "delivery_instructions", "Customer": ""})
    assert chosen.missing == ("reference", "recipient_name")
    again = importing.propose(table.headers, chosen.remember())
    assert [column.field for column in again.columns] == [column.field for column in chosen.columns]


def test_faulty_rows_are_named_by_line_and_reason() -> None:
    table, result = parsed("faulty_rows.csv")
    found = {(fault.line, fault.column, fault.code) for fault in result.faults}
    assert found == {
        (5, "street", "address_missing"),
        (7, "window_end", "window_reversed"),
        (9, "weight_kg", "number_negative"),
        (13, "weight_kg", "not_a_number"),
        (15, "reference", "reference_duplicate"),
        (17, "recipient_email", "email_invalid"),
        (19, "pieces", "number_scientific"),
        (23, "window_start", "time_invalid"),
        (25, "", "too_few_cells"),
        (27, "", "too_many_cells"),
        (29, "recipient_name", "cell_too_long"),
        (35, "reference", "reference_missing"),
    }
    assert {draft.line for draft in result.drafts} == {row.line for row in table.rows} - result.faulty_lines()
    assert all(fault.message.startswith(f"Line {fault.line}") for fault in result.faults)
    assert all(len(fault.value) <= 80 and len(fault.message) < 250 for fault in result.faults)
    messages = {fault.line: fault.message for fault in result.faults}
    assert messages[7].startswith("Line 7: the window ends (09:00) before it starts (18:00)")
    assert "line 14" in messages[15]
    assert "5 cells" in messages[25] and "20 columns" in messages[25]
    assert "“extra | cells”" in messages[27]


def test_faulty_rows_keep_formulas_as_text_and_say_what_was_understood() -> None:
    _, result = parsed("faulty_rows.csv")
    drafts = {draft.line: draft for draft in result.drafts}
    assert drafts[21].instructions == '=HYPERLINK("http://x","y")'
    assert importing.safe_cell(drafts[21].instructions).startswith("'=")
    assert drafts[11].weight_g == 1_234_500
    assert drafts[31].recipient.name == "NUL"
    assert drafts[33].city == "Nowhereville"
    for line in (11, 21, 31):
        assert any(note.startswith(f"Line {line}: ") for note in result.notes)


def test_missing_column_is_named() -> None:
    error = refused("missing_column.csv")
    assert error.code == "missing_column"
    assert error.message.startswith("The file has no column for the street")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("empty.csv", "empty", "The file is empty"),
        ("header_only.csv", "no_rows", "no orders"),
        ("not_csv.csv", "not_a_table", "not a table"),
        ("one_long_line.csv", "line_too_long", "Line 1 is longer"),
        ("unclosed_quote.csv", "unclosed_quote", "Line 7: "),
        ("zip_bomb.xlsx", "unpacks_too_large", "50 MB"),
    ],
)
def test_refused(name: str, code: str, said: str) -> None:
    error = refused(name)
    assert error.code == code
    assert said in error.message


def test_sparse_giant_loses_nothing() -> None:
    table, result = parsed("sparse_giant.xlsx")
    assert [row.cells for row in table.rows[:60]] == clean_rows()
    assert len(result.drafts) == 60
    assert [(fault.line, fault.code, fault.value) for fault in result.faults] == [(1_048_576, "too_many_cells", "1")]


@pytest.mark.parametrize("name", ["sparse_giant.xlsx", "zip_bomb.xlsx", "one_long_line.csv", "not_csv.csv"])
def test_hostile_files_take_little_time_and_memory(name: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, str(ODD / name)], cwd=REPO, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    seconds, megabytes = map(float, result.stdout.split()[:2])
    assert seconds <= 3
    print(f"{name}: {result.stdout.strip()}")
    assert megabytes <= 150


@pytest.mark.parametrize(
    ("name", "rows", "zone"),
    [("heidelberg-orders.csv", 250, "Europe/Berlin"), ("ankara-orders.csv", 1500, "Europe/Istanbul")],
)
def test_the_order_files_of_both_cities_are_accepted_whole(name: str, rows: int, zone: str) -> None:
    table = importing.read_table((DATA / name).read_bytes(), name)
    mapping = importing.propose(table.headers, {})
    result = importing.parse(table, mapping, day=DAY, timezone=zoneinfo.ZoneInfo(zone))
    assert result.faults == []
    assert len(result.drafts) == rows
