"""Bytes of a file to a Table, whatever the file is called: its content decides, its name only earns a note."""

from __future__ import annotations

import dataclasses

from core.words import say
from orders.importing import delimited, encoding, workbook
from orders.importing.table import MAX_FILE_BYTES, FileRefused, Table

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_TEXT_NAMES = (".csv", ".tsv", ".txt", ".tab")


def read_table(data: bytes, filename: str) -> Table:
    """Read an order file. `filename` is only looked at for its ending.

    Raises FileRefused with one of the codes: empty, too_large, not_a_table, encoding, unclosed_quote, line_too_long,
    too_many_rows, too_many_columns, no_rows, damaged, unpacks_too_large.
    """
    if not data:
        raise FileRefused("empty", say("The file is empty."))
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused(
            "too_large",
            say("The file is larger than {max_file_bytes} MB.", max_file_bytes=MAX_FILE_BYTES // 1024 // 1024),
        )
    if data.startswith(_OLD_OFFICE):
        raise FileRefused(
            "not_a_table",
            say(
                "This is an old Excel file (.xls) or one with a password. Save it as XLSX without a password, or "
                "as CSV."
            ),
        )
    name = filename.lower().strip()
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        table = workbook.read_workbook(data)
        note = say("The name ends like a text file but it is an Excel workbook; it was read as one.")
        return _noted(table, note) if name.endswith(_TEXT_NAMES) else table
    table = delimited.read_delimited(data, encoding.detect(data))
    note = say("The name ends like an Excel workbook but it is a text file; it was read as CSV.")
    return _noted(table, note) if name.endswith(_WORKBOOK_NAMES) else table


def _noted(table: Table, note: str) -> Table:
    return dataclasses.replace(table, notes=[note, *table.notes])
