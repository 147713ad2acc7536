// Moving a stop by hand: choose where to, see what it leads to, then apply, or read why it cannot be.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { applyMove, busy, sentence } from "../actions";
import * as api from "../api";
import { duration, signed } from "../format";
import type { Consequence, StopRow } from "../rows";
import { moving } from "../state";
import { drivers, format, shownRoutes, shownStop, stopsOf } from "../store";
import { count } from "../words";
import { Icon } from "./Bits";
import { freeShifts } from "./Routes";
import { street, title } from "./Stop";

interface Lane {
  id: string;
  name: string;
  closed: string | null;
}

function lanes(stop: StopRow): Lane[] {
  const found: Lane[] = shownRoutes.value.map((route) => ({
    id: route.id,
    name: `${route.driver.name}, ${count(stopsOf(route.id).length, "stop")}`,
    closed: route.status === "started" ? "on the road" : route.status === "completed" ? "completed" : null,
  }));
  for (const shift of freeShifts()) found.push({ id: `shift:${shift.id}`, name: `${drivers.get(shift.driver)?.name ?? "Driver"}, no route yet`, closed: null });
  if (stop.route) found.push({ id: "off", name: "Off its route", closed: null });
  return found;
}

function targetOf(lane: string, position: number): api.Target {
  if (lane === "off") return { route: null, shift: null, position: 0 };
  if (lane.startsWith("shift:")) return { route: null, shift: lane.slice(6), position: 0 };
  return { route: lane, shift: null, position };
}

type Look = { kind: "waiting" } | { kind: "none" } | { kind: "known"; row: Consequence } | { kind: "refused"; words: string };

export function MoveDialog(): JSX.Element | null {
  const wish = moving.value;
  const stop = wish ? shownStop(wish.stop) : undefined;
  if (!wish || !stop) return null;
  return <Dialog key={wish.stop} stop={stop} target={wish.target} />;
}

function Dialog({ stop, target }: { stop: StopRow; target: { lane: string; position: number } | null }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const options = lanes(stop);
  const others = (lane: string): StopRow[] => stopsOf(lane).filter((row) => row.id !== stop.id);
  const firstLane = target?.lane ?? stop.route ?? options.find((lane) => !lane.closed && lane.id !== "off")?.id ?? "off";
  const [lane, setLane] = useState(firstLane);
  const end = others(lane).length;
  const here = lane === stop.route ? (stop.sequence ?? 1) - 1 : null;
  const [position, setPosition] = useState(target && target.position >= 0 ? target.position : (lane === stop.route && !target ? (here ?? end) : end));
  const [look, setLook] = useState<Look>({ kind: "waiting" });
  const at = Math.min(position, end);
  const same = lane === stop.route && at === here;
  const [first] = street(stop.place.line);

  useEffect(() => {
    box.current?.showModal();
  }, []);

  useEffect(() => {
    if (same || (lane === "off" && !stop.route)) {
      setLook({ kind: "none" });
      return;
    }
    setLook({ kind: "waiting" });
    const ask = new AbortController();
    const timer = setTimeout(() => {
      api
        .move(stop, targetOf(lane, at), true, ask.signal)
        .then((row) => setLook({ kind: "known", row }))
        .catch((error: unknown) => {
          if (!ask.signal.aborted) setLook({ kind: "refused", words: sentence(error) });
        });
    }, 120);
    return () => {
      clearTimeout(timer);
      ask.abort();
    };
  }, [lane, at, stop.version]);

  const places = useMemo(() => others(lane), [lane, stop.version, stopsOf(lane)]);
  const close = (): void => {
    moving.value = null;
  };
  const apply = async (): Promise<void> => {
    const name = options.find((option) => option.id === lane)?.name.replace(/,[^,]*$/, "") ?? "";
    const words = lane === "off" ? `${first} is off its route.` : lane === stop.route ? `${first} is now stop ${at + 1}.` : `${first} is now with ${name}.`;
    const answer = await applyMove(stop, targetOf(lane, at), words);
    if (typeof answer === "string") setLook({ kind: "refused", words: answer });
    else close();
  };
  const ok = look.kind === "known" && look.row.broken.length === 0;

  return (
    <dialog class="dialog" ref={box} aria-labelledby="move-title" onClose={close} onClick={(event) => event.target === box.current && close()}>
      <div class="dialog-head">
        <div>
          <h2 id="move-title">Move {first}</h2>
          <p class="muted small">{title(stop)}</p>
        </div>
        <button class="button button-quiet button-icon" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <form
        class="dialog-body"
        id="move-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ok) void apply();
        }}
      >
        <div class="fields">
          <div class="field">
            <label for="move-lane">Route</label>
            <select
              class="select"
              id="move-lane"
              value={lane}
              onChange={(event) => {
                setLane(event.currentTarget.value);
                setPosition(Infinity);
              }}
            >
              {options.map((option) => (
                <option key={option.id} value={option.id} disabled={option.closed !== null}>
                  {option.name}
                  {option.closed ? ` (${option.closed})` : option.id === stop.route ? " (now)" : ""}
                </option>
              ))}
            </select>
          </div>
          {lane !== "off" && !lane.startsWith("shift:") && (
            <div class="field">
              <label for="move-position">Place on the route</label>
              <select class="select" id="move-position" value={String(at)} onChange={(event) => setPosition(Number(event.currentTarget.value))}>
                {places.map((row, index) => (
                  <option key={row.id} value={index}>
                    {index + 1}. before {street(row.place.line)[0]}
                    {lane === stop.route && index === here ? " (now)" : ""}
                  </option>
                ))}
                <option value={end}>
                  {end + 1}. {end ? "at the end" : "the only stop"}
                  {lane === stop.route && end === here ? " (now)" : ""}
                </option>
              </select>
            </div>
          )}
        </div>
        <Outcome look={look} />
      </form>
      <div class="dialog-foot">
        <button class="button" onClick={close}>
          Cancel
        </button>
        <button class="button button-primary" form="move-form" disabled={!ok || busy.value === "move"}>
          {busy.value === "move" ? <span class="spinner" /> : <Icon name="check" />}
          {lane === "off" ? "Take off the route" : "Move"}
        </button>
      </div>
    </dialog>
  );
}

function Delta({ value, text, label }: { value: number; text: string; label: string }): JSX.Element {
  return (
    <div class={`delta ${value > 0 ? "is-more" : value < 0 ? "is-less" : ""}`}>
      <span class="numbers delta-value">{signed(value, text)}</span>
      <span class="tiny muted">{label}</span>
    </div>
  );
}

function Outcome({ look }: { look: Look }): JSX.Element {
  if (look.kind === "none") return <p class="muted small">It is there already: choose another route or place.</p>;
  if (look.kind === "refused") {
    return (
      <div class="notice notice-bad" role="alert">
        <Icon name="warn" />
        <div>{look.words}</div>
      </div>
    );
  }
  const row = look.kind === "known" ? look.row : null;
  return (
    <div class="stack gap-3" aria-live="polite" aria-busy={row === null}>
      <div class={`deltas${row ? "" : " is-waiting"}`}>
        <Delta value={row?.delta_s ?? 0} text={row ? duration(row.delta_s) : "…"} label="on the road" />
        <Delta value={row?.delta_m ?? 0} text={row ? format.value.distance(Math.abs(row.delta_m)) : "…"} label="driving" />
        <Delta value={row?.delta_cents ?? 0} text={row ? format.value.money(Math.abs(row.delta_cents)) : "…"} label="cost" />
        <Delta value={row?.newly_late.length ?? 0} text={row ? String(row.newly_late.length) : "…"} label="newly late" />
      </div>
      {row && row.newly_late.length > 0 && (
        <div class="notice notice-warn small">
          <Icon name="clock" />
          <div>
            Would be late: {row.newly_late.slice(0, 5).join("; ")}
            {row.newly_late.length > 5 ? ` and ${row.newly_late.length - 5} more` : ""}.
          </div>
        </div>
      )}
      {row && row.broken.length > 0 && (
        <div class="notice notice-bad small" role="alert">
          <Icon name="warn" />
          <ul>
            {row.broken.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
