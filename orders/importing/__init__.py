"""Order files to order drafts: a pure room (no Django, no clock, no network).

table = read_table(data, filename)            # bytes to text cells, or FileRefused
mapping = propose(table.headers, remembered)  # which column is which field; .override(user's choice)
parsed = parse(table, mapping, day=…, timezone=…, defaults=…)
failed_rows_csv(table.headers, failed_rows(table, parsed.faults))  # what to mend and send again
"""

from orders.importing.columns import Column, Mapping, mapping_of, propose, signature
from orders.importing.drafts import Defaults, Draft, Fault, Habits, Parsed, Recipient
from orders.importing.export import FailedRow, failed_rows, failed_rows_csv, failed_rows_xlsx, safe_cell
from orders.importing.fields import FIELDS, Field
from orders.importing.parse import habits_of, parse
from orders.importing.read import read_table
from orders.importing.table import FileRefused, Row, Table

__all__ = [
    "FIELDS",
    "Column",
    "Defaults",
    "Draft",
    "FailedRow",
    "Fault",
    "Field",
    "FileRefused",
    "Habits",
    "Mapping",
    "Parsed",
    "Recipient",
    "Row",
    "Table",
    "failed_rows",
    "failed_rows_csv",
    "failed_rows_xlsx",
    "habits_of",
    "mapping_of",
    "parse",
    "propose",
    "read_table",
    "safe_cell",
    "signature",
]
