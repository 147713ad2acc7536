"""Order files to order drafts: a pure room (no Django, no clock, no network).

table = read_table(data, filename)            # bytes to text cells, or FileRefused
mapping = propose(table.headers, remembered)  # which column is which field; .override(user's choice)
parsed = parse(table, mapping, day=…, timezone=…, defaults=…)
failed_rows_csv(table, parsed.faults)         # what to mend and send again
"""

from orders.importing.columns import Column, Mapping, propose, signature
from orders.importing.drafts import Defaults, Draft, Fault, Parsed, Recipient
from orders.importing.export import failed_rows_csv, safe_cell
from orders.importing.fields import FIELDS, Field
from orders.importing.parse import parse
from orders.importing.read import read_table
from orders.importing.table import FileRefused, Row, Table

__all__ = [
    "FIELDS",
    "Column",
    "Defaults",
    "Draft",
    "Fault",
    "Field",
    "FileRefused",
    "Mapping",
    "Parsed",
    "Recipient",
    "Row",
    "Table",
    "failed_rows_csv",
    "parse",
    "propose",
    "read_table",
    "safe_cell",
    "signature",
]
