// The conversation with the office: lines, ready answers, and the place to write. Works without a connection.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { addressParts, dayWord, time } from "../format";
import { dayIn } from "../core/day";
import * as state from "../state";
import { newId } from "../store/outbox";
import { Big, Icon } from "../views/parts";
import { fromOffice, type Line, type OutLine } from "./rows";
import { conversation, looking, markRead, outgoing, unread } from "./state";
import * as store from "./store";
import { M, QUICK } from "./words";

const MOST = 2000;
const NEARLY = 1800;
let draft = "";

async function write(text: string, about: OutLine["stop"]): Promise<void> {
  const driver = state.session.value?.driver.id ?? "";
  await store.add({ id: newId(), driver, text, device_at: new Date().toISOString(), stop: about, state: "waiting", message: "" });
  await state.changed();
}

function dayOf(at: string): string {
  return dayIn(state.day.value?.organization.timezone ?? "UTC", new Date(at));
}

function About({ line }: { line: string }) {
  return <span class="speech-about"><Icon name="pin" size="small" /><span class="clip">{addressParts(line)[0]}</span></span>;
}

function Said({ line }: { line: Line }) {
  const office = fromOffice(line);
  return (
    <li class={`speech${office ? "" : " is-mine"}`} data-testid="line" data-state={line.state}>
      {line.stop && <About line={line.stop.line} />}
      <p class="speech-text">{line.text}</p>
      <p class="speech-note numbers">{office ? `${line.author_name}, ` : ""}{time(line.at)}{!office && <> · {line.state === "read" ? M.seen : M.sent}</>}</p>
    </li>
  );
}

function Waiting({ row }: { row: OutLine }) {
  const refused = row.state === "refused";
  const note = refused ? `${M.refused}: ${row.message}` : state.online.value && state.sending.value ? M.sendingNow : M.waiting;
  return (
    <li class={`speech is-mine is-${row.state}`} data-testid="line" data-state={row.state}>
      {row.stop && <About line={row.stop.line} />}
      <p class="speech-text">{row.text}</p>
      <p class="speech-note numbers"><Icon name={refused ? "warn" : "clock"} size="small" />{time(row.device_at)} · {note}</p>
      {refused && <button type="button" class="button tall" onClick={() => void store.drop(row.id).then(state.reload)}>{M.drop}</button>}
    </li>
  );
}

export function Messages() {
  const rows = conversation.value;
  const own = outgoing.value.filter((row) => !rows.some((line) => line.client_id === row.id));
  const end = useRef<HTMLDivElement>(null);
  const newest = own[own.length - 1]?.id ?? rows[rows.length - 1]?.id;
  useLayoutEffect(() => end.current?.scrollIntoView({ block: "end" }), [newest]);
  useEffect(() => {
    looking.value = true;
    return () => {
      looking.value = false;
    };
  }, []);
  const news = unread.value.length;
  useEffect(() => {
    if (!news || document.visibilityState !== "visible") return;
    void markRead().then((changed) => {
      if (changed) state.sendSoon();
    });
  }, [news, state.now.value]);
  let day = "";
  return (
    <section class="messages" aria-labelledby="messages-title">
      <h1 id="messages-title" class="only-heard">{M.title}</h1>
      {rows.length + own.length === 0 && (
        <div class="empty-note"><Icon name="chat" size="huge" /><p class="lead">{M.none}</p><p class="muted">{M.noneHint}</p></div>
      )}
      <ol class="lines" role="log">
        {rows.map((line) => {
          const on = dayOf(line.at);
          const fresh = on !== day;
          day = on;
          return (
            <>
              {fresh && <li class="speech-day muted" key={on}>{on === dayOf(new Date(state.now.value).toISOString()) ? M.today : dayWord(on)}</li>}
              <Said key={line.id} line={line} />
            </>
          );
        })}
        {own.map((row) => <Waiting key={row.id} row={row} />)}
      </ol>
      <div ref={end} />
    </section>
  );
}

/** Under the conversation; stays on the screen. */
export function Composer() {
  const text = useSignal(draft);
  const alone = useSignal(false);
  const fault = useSignal("");
  const at = state.stop.value;
  const about = at && !alone.value ? { id: at.id, line: at.place.line } : null;
  const put = (next: string): void => {
    draft = next;
    text.value = next;
    fault.value = "";
  };
  const send = async (words: string): Promise<void> => {
    const clean = words.trim();
    if (!clean) return;
    try {
      await write(clean, about);
      if (words === text.value) put("");
    } catch (error) {
      console.error(error);
      fault.value = M.kept;
    }
  };
  return (
    <form class="write" onSubmit={(event) => { event.preventDefault(); void send(text.value); }}>
      {at && (
        <label class="write-about"><input type="checkbox" checked={!alone.value} onChange={(event) => { alone.value = !event.currentTarget.checked; }} />
          <span class="clip">{M.about(addressParts(at.place.line)[0])}</span></label>
      )}
      <div class="write-quick" role="group" aria-label={M.quick}>
        {QUICK.map((words) => <button key={words} type="button" class="chip" onClick={() => void send(words)}>{words}</button>)}
      </div>
      <div class="write-row">
        <textarea class="textarea" rows={1} maxLength={MOST} aria-label={M.placeholder} placeholder={M.placeholder} value={text.value} onInput={(event) => put(event.currentTarget.value)} />
        <Big tone="primary" icon="send" type="submit"><span class="only-heard">{M.send}</span></Big>
      </div>
      {text.value.length > NEARLY && <p class="muted small">{M.left(MOST - text.value.length)}</p>}
      <p class="error" role="alert">{fault.value}</p>
    </form>
  );
}
