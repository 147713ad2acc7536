"""Whatever comes in: a table or a refusal, a draft or a fault, never anything else, and no row lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import pathlib
import zipfile
import zoneinfo

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orders import importing
from orders.importing.fields import FIELDS

DAY = dt.date(2026, 11, 23)
ZONES = st.sampled_from(["Europe/Berlin", "Europe/Istanbul", "America/New_York", "Pacific/Apia"]).map(zoneinfo.ZoneInfo)
HEADER = b"reference,recipient_name,street,weight_kg,window_start\n"

ODD_CELLS = st.sampled_from(
    ["", " ", "-4", "1.234,5", "1,234", "1e9", "25:61", "09:00", "24:00", "12 pm", "2026-11-23", "03/04/2027",
     "2100-01-01", "2026-11-23T09:00+01:00", "2026-11-24 02:00", "no-at-sign", "a@b.de", "+49 6221 123456", "=1+1",
     "@x", "N\0UL", "'=1", "\u202e", "x" * 2001, "#REF!", "DE", "Türkiye", "urgent", "photo", "fridge;two person",
     "49,4", "8.7", "0", "'", '"', "\ud800", "-", "99999999999999999999", "٣", "²", "1²:30", "1\u06603:00"]
)  # fmt: skip
CELLS = st.one_of(ODD_CELLS, st.text(max_size=30), st.from_regex(r"[0-9.,:/ +-]{0,16}", fullmatch=True))


def account(table: importing.Table, mapping: importing.Mapping, zone: zoneinfo.ZoneInfo) -> importing.Parsed:
    """Parse and check that each row is in exactly one of drafts and faults."""
    result = importing.parse(table, mapping, day=DAY, timezone=zone)
    drafts, faulty = [draft.line for draft in result.drafts], result.faulty_lines()
    assert len(drafts) == len(set(drafts))
    assert set(drafts) | faulty == {row.line for row in table.rows}
    assert not set(drafts) & faulty
    for draft in result.drafts:
        assert draft.reference and draft.recipient.name
        assert draft.street or draft.address_line or draft.lat is not None
        assert (draft.window_start_at is None) == (draft.window_end_at is None)
        if draft.window_start_at is not None and draft.window_end_at is not None:
            assert draft.window_start_at < draft.window_end_at
            assert draft.window_start_at.tzinfo is dt.UTC
            assert draft.window_start_at.astimezone(zone).date() == draft.delivery_on
        assert abs((draft.delivery_on - DAY).days) <= 365
        assert min(draft.weight_g, draft.volume_ml, draft.pieces, draft.pallets, draft.service_s) >= 0
        assert draft.priority in ("normal", "high", "urgent")
        assert draft.proof_required in ("none", "photo", "signature", "pin")
        repr(draft).encode()  # no lone surrogate gets through
        assert "\0" not in draft.recipient.name + draft.street + draft.instructions + draft.reference
    for fault in result.faults:
        assert fault.message.startswith(f"Line {fault.line}") and len(fault.message) < 400
        assert len(fault.value) <= 80
        fault.message.encode()
    return result


def read_and_account(data: bytes, name: str) -> None:
    try:
        table = importing.read_table(data, name)
    except importing.FileRefused as refused:
        assert refused.code and refused.message.endswith(".")
        return
    assert len({row.line for row in table.rows}) == len(table.rows)
    assert all(len(row.cells) <= 201 for row in table.rows)
    mapping = importing.propose(table.headers, {})
    importing.signature(table.headers)
    if mapping.missing:
        mapping = mapping.override(dict(zip(table.headers, ("reference", "recipient_name", "street"), strict=False)))
    if mapping.missing:
        return
    result = account(table, mapping, zoneinfo.ZoneInfo("Europe/Berlin"))
    importing.failed_rows_csv(table.headers, importing.failed_rows(table, result.faults), table.delimiter)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", ""]))
@example(b"a,b\r\n\xff\xfe", "a.csv")
def test_random_bytes(data: bytes, name: str) -> None:
    read_and_account(data, name)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_random_bytes_below_a_sound_header(tail: bytes, encoding: str) -> None:
    read_and_account(HEADER.decode().encode(encoding) + tail, "a.csv")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8), st.sampled_from(",;\t|"))
def test_random_text_files(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADER.decode().strip().split(","))
    writer.writerows(rows)
    read_and_account(out.getvalue().encode("utf-8", "replace"), "a.csv")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=6),
    st.sampled_from(["text", "xlsx"]),
    ZONES,
)
def test_random_tables_with_every_field(rows: list[list[str]], kind: str, zone: zoneinfo.ZoneInfo) -> None:
    table = importing.Table(list(FIELDS), [importing.Row(n, cells) for n, cells in enumerate(rows, 2)], [], kind)
    result = account(table, importing.propose(table.headers, {}), zone)
    importing.failed_rows_csv(table.headers, importing.failed_rows(table, result.faults), table.delimiter)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([name for name in FIELDS if name not in ("reference", "recipient_name", "street")]), CELLS, ZONES
)
def test_one_odd_cell_in_a_sound_row_is_a_draft_or_a_fault_of_its_column(
    field: str, text: str, zone: zoneinfo.ZoneInfo
) -> None:
    headers = ["reference", "recipient_name", "street", field]
    table = importing.Table(headers, [importing.Row(2, ["R", "N", "Weg", text])], [])
    result = account(table, importing.propose(headers, {}), zone)
    columns = {fault.column for fault in result.faults}
    assert columns <= ({field, ""} if field in ("lat", "lon") else {field})


def sound_workbook() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.append(["reference", "recipient_name", "street"])
    for n in range(3):
        workbook.active.append([n, "Ä", dt.date(2026, 11, 23)])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


WORKBOOK = sound_workbook()  # once: it holds the time of its making


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_workbook_with_changed_bytes(data: st.DataObject) -> None:
    stream = io.BytesIO(WORKBOOK)
    if data.draw(st.booleans()):  # inside a part, packed soundly again
        out = io.BytesIO()
        with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w") as target:
            victim = data.draw(st.sampled_from(sorted(source.namelist())))
            for name in source.namelist():
                content = source.read(name)
                target.writestr(name, mangled(content, data) if name == victim else content)
        read_and_account(out.getvalue(), "a.xlsx")
    else:
        read_and_account(mangled(stream.getvalue(), data), "a.xlsx")


def mangled(content: bytes, data: st.DataObject) -> bytes:
    """Some bytes overwritten, cut out or put in."""
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    return content[:start] + data.draw(st.binary(max_size=20)) + content[end:]


def test_this_room_has_no_file_beyond_400_lines() -> None:
    room = pathlib.Path(importing.__file__).parent
    assert [path.name for path in room.glob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []
