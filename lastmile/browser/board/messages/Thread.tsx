// One conversation: its lines, how far ours have come, and the place to write.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../actions";
import { Icon } from "../parts/Bits";
import { street } from "../parts/Stop";
import { showRoute, showStop } from "../state";
import { format, routes, shownRoutes, stops } from "../store";
import * as api from "./api";
import { newId } from "./ids";
import type { MessageRow, ThreadRow } from "./rows";
import { about, backToInbox, lines, loadOlder, mayWrite, nameOf, older, shownLines, trouble } from "./store";
import { fromUs, quick, roleWord, stateWord } from "./words";
import { n, t } from "../../ui/words";

const MOST = 2000;
const NEARLY = 1800;
/** What was begun and not sent, by thread: it is there again when the thread is opened again. */
const drafts = new Map<string, { id: string; text: string; tried: boolean }>();

function Bubble({ line, kind, day }: { line: MessageRow; kind: ThreadRow["kind"]; day: string }): JSX.Element {
  const ours = fromUs(line);
  return (
    <>
      {day && <li class="talk-day tiny muted" role="separator">{day}</li>}
      <li class={`bubble${ours ? " is-ours" : ""}${line.state === "failed" ? " is-failed" : ""}`} data-message={line.id} data-state={line.state}>
        {line.stop && (
          <button class="bubble-about tiny" disabled={!stops.get(line.stop.id)} onClick={() => line.stop && showStop(line.stop.id)}>
            <Icon name="pin" size="small" />
            {street(line.stop.line)[0]}
          </button>
        )}
        <p class="bubble-text">{line.text}</p>
        <p class="bubble-note tiny numbers">
          {ours ? `${line.author_name}, ` : ""}
          <time dateTime={line.at}>{format.value.time(line.at)}</time>
          {line.broadcast && <span title={t("Sent to several at once")}> · {t("to many")}</span>}
          {ours && <span class="bubble-state"> · {stateWord(line, kind)}</span>}
        </p>
        {line.error && <p class="bubble-error tiny">{line.error}</p>}
      </li>
    </>
  );
}

function Lines({ row }: { row: ThreadRow }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const rows = shownLines.value;
  const newest = rows[rows.length - 1]?.id;
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [newest]);
  let day = "";
  return (
    <div class="talk" ref={box} tabIndex={0} role="log" aria-label={t("Messages with {name}", { name: nameOf(row) })}>
      {older.value.get(row.id) && (
        <button class="button button-small button-quiet talk-older" onClick={() => void loadOlder(row.id)}>
          {t("Earlier messages")}
        </button>
      )}
      <ol class="talk-list">
        {rows.map((line) => {
          const on = format.value.dayOf(new Date(line.at));
          const fresh = on !== day;
          day = on;
          return <Bubble key={line.id} line={line} kind={row.kind} day={fresh ? format.value.dayLong(on) : ""} />;
        })}
      </ol>
      {rows.length === 0 && older.value.has(row.id) && <p class="muted small center talk-none">{t("Nothing was written yet.")}</p>}
    </div>
  );
}

/** Where the line to a recipient goes, before it is written. */
function wayOut(row: ThreadRow): string {
  return row.kind === "driver" ? t("Shown on the driver’s phone.") : t("Goes by e-mail or SMS with the tracking link, where it can be answered.");
}

function Composer({ row }: { row: ThreadRow }): JSX.Element {
  const [text, setText] = useState(() => drafts.get(row.id)?.text ?? "");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  const keep = (next: string): void => {
    setText(next);
    setFault(null);
    // One id for the same words: sent twice, they are written once. Other words after a try are another line.
    const before = drafts.get(row.id);
    const same = before && (!before.tried || before.text === next);
    drafts.set(row.id, { id: same ? before.id : newId(), text: next, tried: false });
  };
  const send = async (): Promise<void> => {
    const draft = drafts.get(row.id);
    if (busy || !draft || !draft.text.trim()) return;
    setBusy(true);
    draft.tried = true;
    try {
      const stop = row.kind === "driver" ? (about.peek()?.id ?? null) : null;
      lines.apply([await api.send(row.id, draft.text, draft.id, stop)]);
      drafts.delete(row.id);
      about.value = null;
      setText("");
      setFault(null);
    } catch (error) {
      setFault(`${sentence(error)} ${t("What you wrote is still here.")}`);
    } finally {
      setBusy(false);
      field.current?.focus();
    }
  };
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      {about.value && row.kind === "driver" && (
        <span class="chip composer-about">
          <Icon name="pin" size="small" />
          {t("About {stop}", { stop: street(about.value.line)[0] })}
          <button type="button" aria-label={t("Not about this stop")} onClick={() => (about.value = null)}>
            <Icon name="close" size="small" />
          </button>
        </span>
      )}
      {!text && (
        <div class="composer-quick" role="group" aria-label={t("Ready answers")}>
          {quick(row.kind).map((words) => (
            <button key={words} type="button" class="chip" onClick={() => { keep(words); field.current?.focus(); }}>
              {words}
            </button>
          ))}
        </div>
      )}
      <div class="composer-row">
        <textarea
          ref={field} class="textarea" rows={2} maxLength={MOST} value={text} aria-label={t("Message to {name}", { name: nameOf(row) })} placeholder={t("Message to {name}", { name: nameOf(row) })}
          aria-describedby="composer-note" onInput={(event) => keep(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              void send();
            }
          }}
        />
        <button class="button button-primary button-icon" aria-label={t("Send")} disabled={busy || !text.trim()}>
          {busy ? <span class="spinner" /> : <Icon name="send" />}
        </button>
      </div>
      {fault ? <p class="error tiny" role="alert">{fault}</p> : (
        <p class="tiny muted" id="composer-note">{text.length > NEARLY ? n("{count} character left", "{count} characters left", MOST - text.length) : wayOut(row)}</p>
      )}
    </form>
  );
}

export function ThreadView({ row }: { row: ThreadRow }): JSX.Element {
  const stop = row.order?.stop && stops.get(row.order.stop) ? row.order.stop : null;
  void routes.changed.value;
  const route = row.driver ? shownRoutes.value.find((one) => one.driver.id === row.driver?.id) : undefined;
  return (
    <section class="thread" data-thread={row.id} aria-label={t("Conversation with {name}", { name: nameOf(row) })} onKeyDown={(event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      backToInbox();
    }}>
      <header class="thread-head">
        <button class="button button-quiet button-icon" aria-label={t("All messages")} onClick={backToInbox}>
          <Icon name="left" />
        </button>
        <div class="grow thread-who">
          <h2 class="clip">{nameOf(row)}</h2>
          <p class="tiny muted clip">{roleWord(row)}{row.order ? `, ${street(row.order.line)[0]}` : ""}</p>
        </div>
        {stop && <button class="button button-small" onClick={() => showStop(stop)}><Icon name="pin" size="small" />{t("Stop")}</button>}
        {route && <button class="button button-small" onClick={() => showRoute(route.id)}><Icon name="route" size="small" />{t("Route")}</button>}
      </header>
      {trouble.value && <p class="notice notice-warn small">{trouble.value}</p>}
      <Lines row={row} />
      {mayWrite.value ? <Composer row={row} /> : <p class="tiny muted composer">{t("Your role reads messages and does not write them.")}</p>}
    </section>
  );
}
