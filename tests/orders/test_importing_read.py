"""Bytes to tables: encodings, delimiters, quotes, workbooks, limits, and files made to hurt."""

from __future__ import annotations

import datetime as dt
import io
import pathlib
import random
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from orders import importing
from orders.importing import table as table_limits

REPO = pathlib.Path(__file__).resolve().parents[2]
HEADER = "reference,recipient_name,street\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def read(text: str | bytes, name: str = "orders.csv", encoding: str = "utf-8") -> importing.Table:
    return importing.read_table(text if isinstance(text, bytes) else text.encode(encoding), name)


def refused(data: str | bytes, name: str = "orders.csv") -> importing.FileRefused:
    with pytest.raises(importing.FileRefused) as caught:
        read(data, name)
    assert caught.value.message.endswith(".")
    return caught.value


def saved(workbook: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def workbook_of(sheet_xml: str, **parts: str) -> bytes:
    """A workbook with a sheet written by hand, and other parts by path."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
        for path, content in parts.items():
            archive.writestr(path, content)
    return stream.getvalue()


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD_ROW = '<row r="1">' + cell("A1", "reference") + cell("B1", "recipient_name") + cell("C1", "street") + "</row>"


# --- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_accents_survive_every_encoding(encoding: str) -> None:
    table = read(HEADER + "1,Müller,Große Straße\n2,Özil,Café\n", encoding=encoding)
    assert [row.cells for row in table.rows] == [["1", "Müller", "Große Straße"], ["2", "Özil", "Café"]]


def test_turkish_code_page_is_recognised() -> None:
    table = read(HEADER + "1,Şahin Yıldız,İnönü Caddesi Ağaç\n", encoding="cp1254")
    assert table.rows[0].cells == ["1", "Şahin Yıldız", "İnönü Caddesi Ağaç"]
    assert "1254" in table.notes[0]


def test_icelandic_is_not_taken_for_turkish() -> None:
    assert read(HEADER + "1,Þórður,Suðurgata\n", encoding="cp1252").rows[0].cells[1] == "Þórður"


def test_utf8_with_a_damaged_byte_is_refused_by_line_and_not_garbled() -> None:
    text = (HEADER + "1,Müller,Straße\n2,Jürgen,Gäßchen\n").encode() + b"3,M\xfcller,Weg\n"
    error = refused(text)
    assert error.code == "encoding"
    assert "line 4" in error.message


def test_unknown_bytes_are_refused_by_line() -> None:
    assert "line 2" in refused(HEADER.encode() + b"1,M\x81\x8d\x8f\x90,W\n").message


def test_utf16_cut_in_half_is_refused() -> None:
    assert refused((HEADER + "1,a,b\n").encode("utf-16")[:-1]).code == "encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    lines = ["reference|recipient_name|street|weight_kg", '1|"Müller| Söhne, GmbH; Co"|Weg|2,5', "2|B|C|3,5"]
    table = read("\r\n".join(lines).replace("|", delimiter).replace("2,5", '"2,5"').replace("3,5", '"3,5"'))
    assert table.delimiter == delimiter
    assert [len(row.cells) for row in table.rows] == [4, 4]
    assert table.rows[0].cells[3] == "2,5"


def test_stated_separator_and_true_line_numbers() -> None:
    table = read("sep=;\r\nreference;recipient_name;street\r\n\r\n1;a;b\r\n;;\r\n2;c;d\r\n")
    assert [(row.line, row.cells[0]) for row in table.rows] == [(4, "1"), (6, "2")]


def test_quoted_line_breaks_count_as_lines() -> None:
    table = read(HEADER + '1,"two\nlines","say ""hi"""\n2,b,c\n')
    assert [(row.line, row.cells) for row in table.rows] == [
        (2, ["1", "two\nlines", 'say "hi"']),
        (4, ["2", "b", "c"]),
    ]


def test_old_line_ends() -> None:
    assert [row.line for row in read("reference,recipient_name,street\r1,a,b\r2,c,d\r").rows] == [2, 3]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + '1,a,b\n2,"open,b\n3,c,d\n', 3),
        (HEADER + '1,"fine\nstill fine","open\n2,c,d\n', 3),
        (HEADER + '1,a,b\n2,"open,b\n3,c,d\n4,"shut",e\n', 3),
        (HEADER + '1,a,"' + "x\n" * 120_000, 2),
    ],
)
def test_unclosed_quote_names_the_line_where_it_opens(text: str, line: int) -> None:
    error = refused(text)
    assert error.code == "unclosed_quote"
    assert error.message.startswith(f"Line {line}: ")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \r\n\r\n\t", "empty"),
        (b"\0\0\0", "not_a_table"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_table"),
        (b"<html><table><tr><td>reference</td></tr></table>", "not_a_table"),
        (b'[{"reference": 1}, {"reference": 2}]', "not_a_table"),
        (b"Dear dispatcher\nhere are my orders\n", "not_a_table"),
        (random.Random(1).randbytes(5000), "not_a_table"),
        (b"reference,street\n", "no_rows"),
        (b"sep=a\nreferenceastreet\n", "not_a_table"),
        (b"x" * (10 * 1024 * 1024 + 1), "too_large"),
        (b"a," * 60_000, "line_too_long"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\n1\n", "too_many_columns"),
        (HEADER.encode() + b"1,a,b\n" * 50_001, "too_many_rows"),
        (HEADER.encode() + (b"," * 199 + b"1\n") * 8_000, "too_large"),
    ],
)
def test_refused_with_a_code(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_old_excel_is_told_how_to_go_on() -> None:
    assert "XLSX" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "orders.xls").message


def test_a_row_wider_than_any_header_keeps_what_lies_beyond() -> None:
    table = read(HEADER + "1,a,b" + "," * 300 + "far\n")
    assert len(table.rows[0].cells) == table_limits.KEPT_CELLS
    assert table.rows[0].cells[-1] == "far"


# --- workbooks ----------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_become_the_text_a_person_saw() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["reference", "recipient_name", "street", "when", "from", "kg", "zip", "yes", "sum", "moment", "e"])
    sheet.append(
        [1001, "Şahin", "Straße", dt.date(2026, 11, 23), dt.time(9, 30), 1.1 + 2.2, 1067, True, "=A2+1",
         dt.datetime(2026, 11, 23, 18, 0), "#N/A"]
    )  # fmt: skip
    sheet["G2"].number_format = "00000"
    table = read(saved(workbook), "orders.xlsx")
    assert table.rows[0].cells == [
        "1001", "Şahin", "Straße", "2026-11-23", "09:30", "3.3", "01067", "TRUE", "=A2+1", "2026-11-23 18:00", "#N/A",
    ]  # fmt: skip
    assert any("1 cells hold formulas" in note for note in table.notes)


def test_dates_counted_from_1904() -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append(["reference", "date"])
    workbook.active.append(["1", dt.date(2026, 11, 23)])
    assert read(saved(workbook)).rows[0].cells[1] == "2026-11-23"


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    workbook = openpyxl.Workbook()
    hidden = workbook.active
    hidden.append(["secret", "list"])
    hidden.append(["1", "2"])
    hidden.sheet_state = "hidden"
    workbook.create_sheet("Blank")
    orders = workbook.create_sheet("Orders")
    orders.append(["reference", "street"])
    orders.append(["1", "Weg"])
    table = read(saved(workbook), "orders.xlsx")
    assert table.headers == ["reference", "street"]
    assert "“Orders”" in table.notes[0]


def test_shared_strings_gaps_and_line_numbers() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"], sheet["B1"], sheet["C1"] = "reference", "recipient_name", "street"
    sheet["A5"], sheet["C5"] = "x", "Weg"
    assert read(saved(workbook)).rows == [importing.Row(5, ["x", "", "Weg"])]
    strings = "<sst><si><t>a</t></si><si><r><t>b</t></r><rPh><t>zz</t></rPh><r><t>c</t></r></si></sst>"
    body = HEAD_ROW + '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>'
    assert read(workbook_of(SHEET.format(body), **{"xl/sharedStrings.xml": strings})).rows[0].cells == ["a", "", "bc"]


def test_workbook_with_the_name_of_a_text_file() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["reference", "street"])
    workbook.active.append(["1", "Weg"])
    assert "Excel workbook" in read(saved(workbook), "orders.csv").notes[0]


def other_archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")
    return stream.getvalue()


HOSTILE = {
    "truncated": (lambda: workbook_of(SHEET.format(HEAD_ROW))[:-40], "damaged"),
    "broken xml": (lambda: workbook_of("<worksheet><sheetData><row>"), "damaged"),
    "doctype": (
        lambda: workbook_of('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET.format(HEAD_ROW + "<row>&a;</row>")),
        "damaged",
    ),
    "rows backwards": (lambda: workbook_of(SHEET.format(HEAD_ROW + '<row r="9"/><row r="3"/>')), "damaged"),
    "row beyond the grid": (lambda: workbook_of(SHEET.format(HEAD_ROW + '<row r="9999999"/>')), "damaged"),
    "no such string": (lambda: workbook_of(SHEET.format('<row r="1"><c t="s"><v>7</v></c></row>')), "damaged"),
    "wide header": (lambda: workbook_of(SHEET.format(f'<row r="1">{cell("ZZ1", "a")}</row>')), "too_many_columns"),
    "nothing in it": (lambda: workbook_of(SHEET.format("")), "empty"),
    "header only": (lambda: workbook_of(SHEET.format(HEAD_ROW)), "no_rows"),
    "one column": (lambda: workbook_of(SHEET.format(f'<row r="1">{cell("A1", "a")}</row>')), "not_a_table"),
    "too many parts": (
        lambda: workbook_of(SHEET.format(HEAD_ROW), **{f"x/{n}": "" for n in range(1100)}),
        "unpacks_too_large",
    ),
    "huge": (lambda: workbook_of(SHEET.format(" " * 51 * 1024 * 1024)), "unpacks_too_large"),
    "ratio": (lambda: workbook_of(SHEET.format(" " * 20 * 1024 * 1024)), "unpacks_too_large"),
    "endless attribute": (
        lambda: workbook_of(SHEET.format(f'<row r="1" x="{"".join(map(str, range(400_000)))}"/>')),
        "unpacks_too_large",
    ),
    "too many cells": (
        lambda: workbook_of(SHEET.format(HEAD_ROW + f"<row>{'<c/>' * 1_500_001}</row>"), pad=noise()),
        "too_large",
    ),
    "too many rows": (
        lambda: workbook_of(SHEET.format(HEAD_ROW + f"<row>{cell('A', 'x')}</row>" * 50_001), pad=noise()),
        "too_many_rows",
    ),
    "opendocument": (lambda: other_archive("mimetype", "content.xml"), "not_a_table"),
    "word": (lambda: other_archive("word/document.xml"), "not_a_table"),
    "binary workbook": (lambda: other_archive("xl/workbook.bin"), "not_a_table"),
    "no archive": (lambda: b"PK\x03\x04" + b"\0" * 100, "damaged"),
}


def noise() -> str:
    """Something that does not compress, so that a test meets the limit it is after and not the one on the ratio."""
    return random.Random(2).randbytes(200_000).hex()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused(name: str) -> None:
    make, code = HOSTILE[name]
    assert refused(make(), "orders.xlsx").code == code


MEASURED = """
import re, sys, time
from orders import importing
def peak():  # of this program alone; ru_maxrss would begin at what the test runner had reached
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read()).group(1)) / 1024
data = sys.stdin.buffer.read()
before = peak()
started = time.process_time()
try:
    importing.read_table(data, "orders.xlsx")
except importing.FileRefused as refused:
    pass
print(time.process_time() - started, peak() - before)
"""


@pytest.mark.parametrize(
    "make",
    [
        lambda: (HEADER + "1,a\n").encode() + b"\n" * (10 * 1024 * 1024 - 100),
        lambda: HEADER.encode() + (b"ab," * 30_000 + b"\n") * 110,
        lambda: HEADER.encode() + b'1,"' + b"x" * 9_000_000,
        lambda: workbook_of(SHEET.format(HEAD_ROW + "<row/>" * 1_000_000), pad=noise()),
        lambda: workbook_of(SHEET.format(HEAD_ROW + f"<row>{cell('A', 'ş' * 32_000)}</row>" * 700), pad=noise()),
        lambda: workbook_of(
            SHEET.format(HEAD_ROW), pad=noise(), **{"xl/sharedStrings.xml": f"<sst>{'<si/>' * 3_000_000}</sst>"}
        ),
    ],
    ids=["blank lines", "many cells", "open quote", "blank rows", "long texts", "blank strings"],
)
def test_files_made_to_hurt_take_little_time_and_memory(make) -> None:
    result = subprocess.run([sys.executable, "-c", MEASURED], input=make(), cwd=REPO, capture_output=True, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    seconds, extra_megabytes = map(float, result.stdout.split())
    print(f"{seconds:.2f} s, {extra_megabytes:.0f} MB more")
    assert seconds <= 3
    assert extra_megabytes <= 150


def test_the_room_is_pure() -> None:
    code = "import sys, orders.importing; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO).returncode == 0
