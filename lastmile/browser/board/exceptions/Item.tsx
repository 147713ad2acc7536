// One exception: a line of the queue; opened, what can be done about it, each with what it leads to.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../actions";
import { duration } from "../format";
import { memo } from "../memo";
import type { ExceptionRow } from "../rows";
import { hoveredStop, view, showRoute, showStop } from "../state";
import { format, serverNow, stops } from "../store";
import { Icon } from "../parts/Bits";
import * as api from "./api";
import { acknowledge, busy, choose, dismiss, dismissing, fix, resolve } from "./queueing";
import { chipOf, eventWords, says, title, where } from "./words";
import { t } from "../../ui/words";

const reasons = (): string[] => [t("Known already"), t("Agreed with the recipient"), t("False alarm")];

function ItemInner({ row, open, mayPlan }: { row: ExceptionRow; open: boolean; mayPlan: boolean }): JSX.Element {
  const kind = chipOf(row);
  const age = Math.max(0, (serverNow() - Date.parse(row.since_at)) / 1000);
  return (
    <li
      class={`exception${open ? " is-open" : ""}`}
      data-exception={row.id}
      data-kind={row.kind}
      data-tone={kind.tone}
      onPointerEnter={() => (hoveredStop.value = row.stop)}
      onPointerLeave={() => (hoveredStop.value = null)}
    >
      <button class="exception-open" aria-expanded={open} onClick={() => choose(open ? null : row.id)}>
        <span class="exception-mark">
          <Icon name={kind.icon} size="small" />
        </span>
        <span class="exception-words">
          <span class="row gap-2">
            <span class="strong clip">{title(row)}</span>
            <span class={`chip chip-${kind.tone}`}>{kind.word}</span>
          </span>
          {where(row) && <span class="tiny muted clip">{where(row)}</span>}
          <span class="small">{says(row, format.value)}</span>
          {row.taken_by && (
            <span class="tiny muted row gap-1">
              <Icon name="person" size="small" />
              {t("{name} looks after it", { name: row.taken_by.name })}
            </span>
          )}
        </span>
        <span class="tiny muted numbers nowrap" title={t("Since {time}", { time: format.value.time(row.since_at) })}>
          {duration(age)}
        </span>
      </button>
      {open && <Body row={row} mayPlan={mayPlan} />}
    </li>
  );
}

export const Item = memo(ItemInner);

type Known = { state: "waiting" } | { state: "known"; answer: api.FixesRow } | { state: "refused"; words: string };

function Body({ row, mayPlan }: { row: ExceptionRow; mayPlan: boolean }): JSX.Element {
  const [known, setKnown] = useState<Known>({ state: "waiting" });
  useEffect(() => {
    const ask = new AbortController();
    api
      .fixes(row.id, ask.signal)
      .then((answer) => setKnown({ state: "known", answer }))
      .catch((error: unknown) => {
        if (!ask.signal.aborted) setKnown({ state: "refused", words: sentence(error) });
      });
    return () => ask.abort();
  }, [row.id, row.version]);
  return (
    <div class="exception-body">
      {row.proposal && (
        <p class="notice notice-info small">
          <Icon name="bolt" />
          <span>{t("Automation proposes: {what}", { what: row.proposal.words })}</span>
        </p>
      )}
      {known.state === "waiting" && (
        <p class="small muted row gap-2" role="status">
          <span class="spinner" /> {t("Working out what could be done…")}
        </p>
      )}
      {known.state === "refused" && <p class="small muted">{known.words}</p>}
      {known.state === "known" && <Versions rows={known.answer.versions} />}
      {known.state === "known" && <Fixes row={row} fixes={known.answer.fixes} mayPlan={mayPlan} />}
      {mayPlan && (dismissing.value === row.id ? <Reason row={row} /> : <Actions row={row} />)}
      {known.state === "known" && known.answer.history.length > 1 && <History rows={known.answer.history} />}
    </div>
  );
}

function Fixes({ row, fixes, mayPlan }: { row: ExceptionRow; fixes: api.FixRow[]; mayPlan: boolean }): JSX.Element | null {
  const usable = fixes.filter((one) => mayPlan || one.does !== "do");
  if (usable.length === 0) return null;
  return (
    <ul class="fix-list" aria-label={t("What can be done")}>
      {usable.map((one) => (
        <li key={one.key}>
          <FixButton row={row} one={one} />
        </li>
      ))}
    </ul>
  );
}

function FixButton({ row, one }: { row: ExceptionRow; one: api.FixRow }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const best = row.proposal ? row.proposal.fix === one.key : one.best;
  const words = (
    <>
      <Icon name={one.icon} size="small" />
      <span class="fix-words">
        <span class="strong">{one.title}</span>
        <span class="tiny fix-consequence">{one.consequence}</span>
      </span>
    </>
  );
  if (one.does === "call") {
    return (
      <a class="fix" href={one.href}>
        {words}
      </a>
    );
  }
  if (asking) {
    return (
      <form
        class="fix-reason"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) void fix(row.id, one.key, reason.trim());
        }}
      >
        <label class="small strong" for={`why-${row.id}`}>
          {t("{fix}: why?", { fix: one.title })}
        </label>
        <input class="input" id={`why-${row.id}`} autocomplete="off" value={reason} maxLength={200} required autofocus onInput={(event) => setReason(event.currentTarget.value)} />
        <div class="row">
          <button class="button button-small button-primary">{one.title}</button>
          <button class="button button-small button-quiet" type="button" onClick={() => setAsking(false)}>
            {t("Cancel")}
          </button>
        </div>
      </form>
    );
  }
  const act = (): void => {
    if (one.does === "open") {
      showStop(one.href);
      if (view.peek() !== "split") view.value = "map";
    } else if (one.reason) setAsking(true);
    else void fix(row.id, one.key);
  };
  return (
    <button class={`fix${best ? " is-best" : ""}`} disabled={busy.value === row.id} onClick={act}>
      {words}
    </button>
  );
}

function Versions({ rows }: { rows: api.VersionRow[] }): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <div class="versions">
      {rows.map((one) => (
        <div class="version" key={one.who}>
          <span class="tiny muted">
            {one.who}
            {one.at ? `, ${format.value.time(one.at)}` : ""}
          </span>
          <span class="small">{one.says}</span>
        </div>
      ))}
    </div>
  );
}

function Actions({ row }: { row: ExceptionRow }): JSX.Element {
  const waits = busy.value === row.id;
  return (
    <div class="row-wrap gap-2">
      <button class="button button-small" disabled={waits} aria-keyshortcuts="a" onClick={() => void acknowledge(row.id)}>
        {row.status === "open" ? t("Take it") : t("Take over")}
      </button>
      <button class="button button-small" disabled={waits} aria-keyshortcuts="e" onClick={() => void resolve(row.id)}>
        {t("Resolve")}
      </button>
      <button class="button button-small button-quiet" disabled={waits} aria-keyshortcuts="x" onClick={() => (dismissing.value = row.id)}>
        {t("Dismiss…")}
      </button>
      {(row.stop ? stops.get(row.stop) : undefined) ? (
        <button class="link small push" onClick={() => row.stop && showStop(row.stop)}>
          {t("Show the stop")}
        </button>
      ) : row.route ? (
        <button class="link small push" onClick={() => row.route && showRoute(row.route)}>
          {t("Show the route")}
        </button>
      ) : row.order ? (
        <a class="small push" href={`/orders/${row.order}/`}>
          {t("Show the order")}
        </a>
      ) : null}
    </div>
  );
}

function Reason({ row }: { row: ExceptionRow }): JSX.Element {
  const [reason, setReason] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const back = (): void => {
    dismissing.value = null;
    document.querySelector<HTMLElement>(`[data-exception="${row.id}"] .exception-open`)?.focus();
  };
  return (
    <form
      class="fix-reason"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        back();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim()) void dismiss(row.id, reason.trim());
      }}
    >
      <label class="small strong" for={`dismiss-${row.id}`}>
        {t("Why does this need nobody?")}
      </label>
      <div class="row-wrap gap-1">
        {reasons().map((words) => (
          <button class="chip-button" type="button" key={words} onClick={() => void dismiss(row.id, words)}>
            {words}
          </button>
        ))}
      </div>
      <input class="input" ref={field} id={`dismiss-${row.id}`} value={reason} maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} />
      <div class="row">
        <button class="button button-small button-primary" disabled={!reason.trim() || busy.value === row.id}>
          {t("Dismiss")}
        </button>
        <button class="button button-small button-quiet" type="button" onClick={back}>
          {t("Cancel")}
        </button>
      </div>
    </form>
  );
}

function History({ rows }: { rows: api.HistoryRow[] }): JSX.Element {
  return (
    <details class="exception-history small">
      <summary>{t("What happened so far")}</summary>
      <ul>
        {rows.map((one) => (
          <li key={one.at + one.event}>
            <span class="numbers muted">{format.value.time(one.at)}</span> {eventWords(one.event, one.actor)}
            {one.reason ? `: ${one.reason}` : ""}
          </li>
        ))}
      </ul>
    </details>
  );
}
