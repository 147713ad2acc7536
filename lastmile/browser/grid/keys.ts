// The grid by keyboard and clipboard, as in a spreadsheet.
import { number } from "../board/format";
import { toast } from "../ui/toasts";
import { readBlock, writeBlock } from "./cells";
import type { Edit } from "./rows";
import { anchor, change, cursor, editing, jump, lineAt, marked, positionOf, shownCount, textOf, undo, width } from "./state";
import { t } from "../ui/words";

const MOST_CELLS = 5_000;

export function moveTo(row: number, column: number, extend = false): void {
  if (extend) anchor.value ??= cursor.value;
  else anchor.value = null;
  cursor.value = {
    row: Math.max(0, Math.min(shownCount.peek() - 1, row)),
    column: Math.max(0, Math.min(width.peek() - 1, column)),
  };
}

export function startEdit(mayWrite: boolean, text?: string): void {
  const line = lineAt(cursor.peek().row);
  if (!mayWrite || !line) return;
  anchor.value = null;
  editing.value = { text: text ?? textOf(line, cursor.peek().column), all: text !== undefined };
}

export function commit(text: string, rows: number, columns: number): void {
  const { row, column } = cursor.peek();
  const line = lineAt(row);
  editing.value = null;
  if (line && text !== textOf(line, column)) void change([{ position: line.position, column, text }]);
  moveTo(row + rows, column + columns);
}

/** A key pressed on the grid while no cell is being edited. Returns whether it was one of ours. */
export function pressed(event: KeyboardEvent, page: number, mayWrite: boolean): boolean {
  const { row, column } = cursor.peek();
  const far = event.ctrlKey || event.metaKey;
  const more = event.shiftKey;
  switch (event.key) {
    case "ArrowDown":
      if (event.altKey) jump(1);
      else moveTo(far ? shownCount.peek() - 1 : row + 1, column, more);
      return true;
    case "ArrowUp":
      if (event.altKey) jump(-1);
      else moveTo(far ? 0 : row - 1, column, more);
      return true;
    case "ArrowRight": moveTo(row, far ? width.peek() - 1 : column + 1, more); return true;
    case "ArrowLeft": moveTo(row, far ? 0 : column - 1, more); return true;
    case "PageDown": moveTo(row + page, column, more); return true;
    case "PageUp": moveTo(row - page, column, more); return true;
    case "Home": moveTo(far ? 0 : row, 0, more); return true;
    case "End": moveTo(far ? shownCount.peek() - 1 : row, width.peek() - 1, more); return true;
    case "F8": jump(more ? -1 : 1); return true;
    case "Enter": case "F2": startEdit(mayWrite); return true;
    case "Escape": anchor.value = null; return false;
    case "Delete": case "Backspace": if (mayWrite) clear(); return true;
    case "z": case "Z":
      if (far && mayWrite) undo();
      else if (!far) startEdit(mayWrite, event.key);
      return true;
  }
  if (event.key.length === 1 && !far && !event.altKey) {
    startEdit(mayWrite, event.key);
    return true;
  }
  return false;
}

function clear(): void {
  const edits: Edit[] = [];
  const { top, bottom, left, right } = marked();
  for (let row = top; row <= bottom; row++) {
    const line = lineAt(row);
    for (let column = left; line && column <= right; column++) {
      if (textOf(line, column)) edits.push({ position: line.position, column, text: "" });
    }
  }
  if (edits.length > MOST_CELLS) toast(t("At most {most} cells are changed at once.", { most: number(MOST_CELLS) }), "warn");
  else void change(edits);
}

export function copied(): string {
  const { top, bottom, left, right } = marked();
  const rows: string[][] = [];
  for (let row = top; row <= bottom; row++) {
    const line = lineAt(row);
    if (line) rows.push(Array.from({ length: right - left + 1 }, (_, i) => textOf(line, left + i)));
  }
  return writeBlock(rows);
}

/** A block from the clipboard, laid over the grid from the cursor on; one cell fills the whole marked block. */
export function pasted(text: string): void {
  const block = readBlock(text);
  if (!block.length) return;
  const { top, left, bottom, right } = marked();
  const single = block.length === 1 && block[0]!.length === 1;
  const rows = single ? bottom - top + 1 : block.length;
  const columns = single ? right - left + 1 : Math.max(...block.map((row) => row.length));
  const edits: Edit[] = [];
  for (let r = 0; r < rows && top + r < shownCount.peek(); r++) {
    for (let c = 0; c < columns && left + c < width.peek(); c++) {
      const cell = single ? block[0]![0] : block[r]?.[c];
      if (cell !== undefined) edits.push({ position: positionOf(top + r), column: left + c, text: cell });
    }
  }
  if (edits.length > MOST_CELLS) {
    toast(t("This is a block of {cells} cells; at most {most} are pasted at once.", { cells: number(edits.length), most: number(MOST_CELLS) }), "warn");
    return;
  }
  if (rows > shownCount.peek() - top || columns > width.peek() - left) {
    toast(t("The block is larger than the grid from here on: what lies beyond was left out."), "warn");
  }
  void change(edits);
  if (!single) {
    anchor.value = { row: top, column: left };
    cursor.value = { row: Math.min(shownCount.peek() - 1, top + rows - 1), column: Math.min(width.peek() - 1, left + columns - 1) };
  }
}
