// Blocks of cells as text: what is copied from a spreadsheet and pasted into the grid. Pure.

/** Tab-separated text to rows of cells; quoted cells may hold tabs and line breaks. A last empty line is none. */
export function readBlock(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [], cell = "", quoted = false, begun = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
    begun = false;
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (sign === '"' && !begun) {
      quoted = begun = true;
    } else if (sign === "\t") endCell();
    else if (sign === "\n") endRow();
    else if (sign === "\r") {
      if (text[i + 1] !== "\n") endRow();
    } else {
      cell += sign;
      begun = true;
    }
  }
  if (cell || row.length || quoted) endRow();
  return rows;
}

/** Rows of cells as tab-separated text, quoted where it has to be. */
export function writeBlock(rows: string[][]): string {
  const written = (cell: string) => (/["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => row.map(written).join("\t")).join("\n");
}
