// The rows of a file: only those in sight are drawn, so that fifty thousand are as quick as fifty.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../board/parts/Bits";
import { commit, copied, moveTo, pasted, pressed, startEdit } from "./keys";
import type { LineRow } from "./rows";
import { anchor, busy, choose, cursor, editing, lineAt, marked, meta, shownCount, textOf, version, want, width } from "./state";
import { t } from "../ui/words";

export const ROW_PX = 34;
const OVERSCAN = 12;
const WIDE = new Set(["recipient_name", "street", "address", "delivery_instructions", "recipient_email"]);

export function Grid({ mayWrite }: { mayWrite: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const count = shownCount.value;
  const columns = meta.value?.columns ?? [];
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - OVERSCAN);
  const last = Math.min(count - 1, Math.ceil((view.top + view.height) / ROW_PX) + OVERSCAN);
  const { row, column } = cursor.value;
  void version.value;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    let frame = 0;
    const measure = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    };
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => void want(first, last), 60);
    return () => clearTimeout(timer);
  }, [first, last, count, version.value]);

  useLayoutEffect(() => {
    const element = box.current;
    const head = element?.querySelector<HTMLElement>(".grid-head");
    const side = element?.querySelector<HTMLElement>(".grid-line");
    if (!element || !head) return;
    const top = row * ROW_PX, room = element.clientHeight - head.offsetHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + room) element.scrollTop = top + ROW_PX - room + 16;
    const cell = head.querySelectorAll<HTMLElement>(".grid-th")[column];
    if (cell && side) {
      const left = cell.offsetLeft, fixed = side.offsetWidth;
      if (left - fixed < element.scrollLeft) element.scrollLeft = left - fixed;
      else if (left + cell.offsetWidth > element.scrollLeft + element.clientWidth) {
        element.scrollLeft = left + cell.offsetWidth - element.clientWidth;
      }
    }
  }, [row, column]);

  const onKey = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const begun = editing.peek();
    if (begun) {
      // Typed faster than the field could be drawn: not a letter is lost.
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
        editing.value = { text: begun.text + event.key, all: true };
        event.preventDefault();
      }
      return;
    }
    if (pressed(event, Math.max(1, Math.floor(view.height / ROW_PX) - 3), mayWrite)) event.preventDefault();
  };
  const clip = (event: ClipboardEvent, take: boolean) => {
    if (editing.peek() || event.target !== box.current) return;
    event.preventDefault();
    if (take) event.clipboardData?.setData("text/plain", copied());
    else if (mayWrite && !busy()) pasted(event.clipboardData?.getData("text/plain") ?? "");
  };
  const wide: number[] = columns.map((one) => (WIDE.has(one.field) ? 11.5 : 8));
  if (width.value > columns.length) wide.push(10);
  const template = `var(--grid-line) var(--grid-why) ${wide.slice(0, -1).map((rem) => `${rem}rem`).join(" ")} minmax(${wide.at(-1) ?? 8}rem, 1fr)`;
  const total = `calc(var(--grid-line) + var(--grid-why) + ${wide.reduce((sum, rem) => sum + rem, 0)}rem)`;
  const rows: JSX.Element[] = [];
  for (let at = first; at <= last; at++) rows.push(<Line key={at} at={at} line={lineAt(at)} mayWrite={mayWrite} />);
  const active = lineAt(row);

  return (
    <>
      <Says line={active} column={column} />
      <div
        ref={box} class="grid-box" role="grid" tabIndex={0} aria-label={t("Rows of the file")} aria-rowcount={count + 1}
        aria-colcount={width.value + 2} aria-readonly={!mayWrite} aria-multiselectable="true" aria-busy={busy()}
        aria-activedescendant={active ? `cell-${row}-${column}` : undefined} aria-describedby="grid-says"
        style={{ "--grid-columns": template, "--grid-width": `max(100%, ${total})` }} onKeyDown={onKey}
        onCopy={(event) => clip(event, true)} onPaste={(event) => clip(event, false)}
      >
        <div class="grid-head grid-row" role="row" aria-rowindex={1}>
          <div class="grid-line" role="columnheader" aria-colindex={1}>{t("Line")}</div>
          <div class="grid-why" role="columnheader" aria-colindex={2}>{t("What is wrong")}</div>
          {columns.map((one, index) => (
            <ColumnHead key={index} index={index} header={one.header} field={one.field} mayWrite={mayWrite} />
          ))}
          {width.value > columns.length && <div class="grid-th" role="columnheader"><span class="clip">{t("Beyond the columns")}</span></div>}
        </div>
        <div class="grid-rows" style={{ height: `${count * ROW_PX}px` }} role="presentation">
          <div style={{ transform: `translateY(${first * ROW_PX}px)` }} role="presentation">{rows}</div>
        </div>
      </div>
    </>
  );
}

function ColumnHead({ index, header, field, mayWrite }: { index: number; header: string; field: string; mayWrite: boolean }): JSX.Element {
  const fields = meta.value?.fields ?? [];
  const unnamed = !header;
  return (
    <div class={`grid-th${field ? "" : " is-out"}`} role="columnheader" aria-colindex={index + 3}>
      <span class="clip" title={header}>{header || t("(no name)")}</span>
      <select
        class="grid-field" aria-label={t("Column {name} is", { name: header || index + 1 })} disabled={!mayWrite || busy() || unnamed} value={field}
        onChange={(event) => void choose(header, event.currentTarget.value)}
      >
        <option value="">{t("Left out")}</option>
        {fields.map((one) => <option key={one.name} value={one.name}>{one.label}</option>)}
      </select>
    </div>
  );
}

function Line({ at, line, mayWrite }: { at: number; line: LineRow | undefined; mayWrite: boolean }): JSX.Element {
  const columns = width.value;
  if (!line) {
    return (
      <div class="grid-row is-loading" role="row" aria-rowindex={at + 2} aria-busy="true">
        <div class="grid-line" role="rowheader"><span class="muted">…</span></div>
      </div>
    );
  }
  const block = marked();
  const inRows = at >= block.top && at <= block.bottom;
  const cells: JSX.Element[] = [];
  for (let column = 0; column < columns; column++) {
    const fault = line.faults.find((one) => one.column === column);
    const here = cursor.value.row === at && cursor.value.column === column;
    const on = inRows && column >= block.left && column <= block.right && anchor.value !== null;
    const text = textOf(line, column);
    cells.push(
      <div
        key={column} id={`cell-${at}-${column}`} role="gridcell" aria-colindex={column + 3} aria-selected={here || on}
        aria-invalid={fault ? "true" : undefined} title={fault?.message ?? (text.length > 24 ? text : undefined)}
        class={`grid-cell${fault ? " is-bad" : ""}${here ? " is-here" : ""}${on ? " is-marked" : ""}`}
        onPointerDown={(event) => event.button === 0 && !(event.target instanceof HTMLInputElement) && moveTo(at, column, event.shiftKey)}
        onDblClick={() => startEdit(mayWrite)}
      >
        {here && editing.value ? <Editor /> : text}
        {fault && <span class="only-heard">{fault.message}</span>}
      </div>,
    );
  }
  return (
    <div class={`grid-row is-${line.status}`} role="row" aria-rowindex={at + 2}>
      <div class="grid-line numbers" role="rowheader">
        <Icon name={line.status === "bad" ? "warn" : "check"} size="small" />
        {line.order ? <a href={`/orders/${line.order}/`} tabIndex={-1} title={t("To its order")}>{line.line}</a> : <span>{line.line}</span>}
      </div>
      <div class="grid-why clip" role="gridcell" aria-colindex={2} title={line.faults.map((one) => one.message).join(" ")}>
        {line.faults.length ? line.faults.map((one) => one.message).join(" ") : <span class="muted">{word(line)}</span>}
      </div>
      {cells}
    </div>
  );
}

function word(line: LineRow): string {
  if (line.status !== "imported") return t("Ready to be imported");
  switch (line.outcome) {
    case "updated": return t("Imported: its order is updated");
    case "unchanged": return t("Here already, unchanged");
    case "kept": return t("Here already, left as planned");
    default: return t("Imported");
  }
}

/** The field over the cell at the cursor. Enter goes down, Tab goes on, Escape gives up. */
function Editor(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true });
    if (editing.peek()?.all) field.current?.setSelectionRange(2000, 2000);
    else field.current?.select();
  }, []);
  const back = () => document.querySelector<HTMLElement>(".grid-box")?.focus({ preventScroll: true });
  const end = (text: string, rows: number, columns: number) => {
    if (done.current) return;
    done.current = true;
    commit(text, rows, columns);
    if (rows || columns) back();
  };
  return (
    <input
      ref={field} class="grid-edit" defaultValue={editing.peek()?.text ?? ""} maxLength={2000} aria-label={t("New text of the cell")}
      onKeyDown={(event) => {
        const text = event.currentTarget.value;
        if (event.key === "Enter") end(text, event.shiftKey ? -1 : 1, 0);
        else if (event.key === "Tab") end(text, 0, event.shiftKey ? -1 : 1);
        else if (event.key === "Escape") {
          done.current = true;
          editing.value = null;
          back();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onBlur={(event) => end(event.currentTarget.value, 0, 0)}
    />
  );
}

/** The sentence about the cell at the cursor, heard by screen readers as well. */
function Says({ line, column }: { line: LineRow | undefined; column: number }): JSX.Element {
  const faults = line?.faults.filter((one) => one.column === column || one.column === null) ?? [];
  const header = meta.value?.columns[column]?.header ?? "";
  return (
    <div id="grid-says" class={`grid-says${faults.length ? " is-bad" : ""}`} role="status" aria-live="polite">
      {line && <span class="numbers strong">{t("Line {number}", { number: line.line })}{header && `, ${header}`}</span>}
      {faults.length > 0 && <span>{faults.map((one) => one.message).join(" ")}</span>}
      {!faults.length && line && <span class="muted clip">{textOf(line, column) || t("empty")}</span>}
    </div>
  );
}
