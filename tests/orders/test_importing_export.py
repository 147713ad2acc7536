"""What leaves in a cell is no formula, and failed rows come back mended as they were."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zoneinfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing.values import FORMULA_STARTS, clean

DAY = dt.date(2026, 11, 23)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def parse(data: bytes) -> tuple[importing.Table, importing.Parsed]:
    table = importing.read_table(data, "orders.csv")
    defaults = importing.Defaults(country="DE")
    mapping = importing.propose(table.headers, {})
    return table, importing.parse(table, mapping, day=DAY, timezone=BERLIN, defaults=defaults)


@pytest.mark.parametrize("text", ["=1+1", "+49", "-4", "@x", "\tx", "\rx", "\nx", "＝1", "＠x", " =1", "\u00a0=1"])
def test_formulas_are_guarded(text: str) -> None:
    assert importing.safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Müller", "2.3", "a=b", "'quoted'", "69115"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert importing.safe_cell(text) == text


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(FORMULA_STARTS + " '\0abc\u00a0"), st.characters()), max_size=12))
def test_no_text_becomes_a_formula_and_the_guard_comes_off_again(text: str) -> None:
    cell = importing.safe_cell(text)
    assert cell.lstrip(" \u00a0\u3000\ufeff")[:1] not in set(FORMULA_STARTS)
    if text[:1] in {"=", "+", "@"} and "\0" not in text:
        assert clean(cell)[0] == clean(text)[0]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=9)
)
def test_a_workbook_takes_no_safe_cell_for_a_formula(texts: list[str]) -> None:
    workbook = openpyxl.Workbook()
    for text in texts:
        workbook.active.append([importing.safe_cell(text.replace("\ufffe", "").replace("\uffff", ""))])
    assert all(cell.data_type != "f" for row in workbook.active.iter_rows() for cell in row)


def test_failed_rows_come_back_mended() -> None:
    data = (
        "reference;recipient_name;recipient_phone;street;weight_kg;delivery_instructions\r\n"
        "1;Ä;+49 6221 123456;Weg;1;=1+1\r\n"
        '2;B;+49 6221 123457;;-4;=HYPERLINK("x")\r\n'
        '3;"C; ""D""";+49 6221 123458;Weg;heavy;"two\nlines"\r\n'
        "4;E;;Weg;1;;extra\r\n"
    ).encode()
    table, first = parse(data)
    assert first.faulty_lines() == {3, 4, 6}
    failed = importing.failed_rows_csv(
        table.headers, importing.failed_rows(table, first.faults), table.delimiter
    )
    assert failed.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(failed.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0][:3] == ["import_line", "import_reason", "reference"]
    assert [row[0] for row in rows[1:]] == ["3", "4", "6"]
    assert "the street is missing" in rows[1][1] and "is negative" in rows[1][1]
    assert all(cell[:1] not in set(FORMULA_STARTS) for row in rows for cell in row)

    again_table, again = parse(failed)
    assert [fault.code for fault in again.faults] == [fault.code for fault in first.faults]
    mended = failed.decode().replace('"\'-4"', '"4"').replace('""', '"Weg"', 1).replace("heavy", "2")
    mended = mended.replace(';"extra"', "")
    _, last = parse(mended.encode())
    assert last.faults == []
    assert [draft.reference for draft in last.drafts] == ["2", "3", "4"]
    assert last.drafts[0].recipient.phone == "+496221123457"
    assert last.drafts[0].instructions == '=HYPERLINK("x")'
    assert last.drafts[1].recipient.name == 'C; "D"'
    assert last.drafts[1].instructions == "two\nlines"
    assert importing.failed_rows_csv(
        again_table.headers, importing.failed_rows(again_table, again.faults)
    ).count(b"import_reason") == 1
