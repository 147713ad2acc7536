"""The rows that failed, as a file to mend and send again; and the one way text gets into any exported cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from orders.importing.drafts import Fault
from orders.importing.table import Table
from orders.importing.values import FORMULA_STARTS

LINE_HEADER = "import_line"
REASON_HEADER = "import_reason"


def safe_cell(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before = + - @ tab and line break.

    Their full-width forms and leading blanks count too; zero characters are dropped. The importer takes the apostrophe
    off again. Source: OWASP, "CSV Injection".
    """
    text = text.replace("\0", "")
    bare = text.lstrip(" \u00a0\u3000\ufeff")
    return "'" + text if bare[:1] and bare[0] in FORMULA_STARTS else text


def failed_rows_csv(table: Table, faults: Sequence[Fault]) -> bytes:
    """The faulty rows of a table as CSV: their line, all reasons, then their cells under the file's own headers.

    UTF-8 with a byte order mark (Excel needs it), the delimiter of the file that came in, every cell quoted and safe.
    """
    reasons: dict[int, list[str]] = {}
    for fault in faults:
        reasons.setdefault(fault.line, []).append(fault.message)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter, quoting=csv.QUOTE_ALL)
    skipped = {index for index, name in enumerate(table.headers) if name in (LINE_HEADER, REASON_HEADER)}
    headers = [name for index, name in enumerate(table.headers) if index not in skipped]
    writer.writerow([LINE_HEADER, REASON_HEADER, *map(safe_cell, headers)])
    for row in table.rows:
        if row.line in reasons:
            cells = [cell for index, cell in enumerate(row.cells) if index not in skipped]
            writer.writerow([str(row.line), *map(safe_cell, [" ".join(reasons[row.line]), *cells])])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
