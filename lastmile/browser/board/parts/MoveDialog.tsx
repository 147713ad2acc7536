// Moving a stop by hand: choose where to, see what it leads to, then apply, or read why it cannot be.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { busy, sentence } from "../actions";
import * as api from "../edit_api";
import { move, shiftOf } from "../edits";
import { duration, signed } from "../format";
import type { Consequence, StopRow } from "../rows";
import { moving } from "../state";
import { drivers, format, plan, shownRoutes, shownStop, stopsOf } from "../store";
import { Icon } from "./Bits";
import { Modal } from "./Modal";
import { freeShifts } from "./Routes";
import { street, title } from "./Stop";
import { n, t } from "../../ui/words";

interface Lane {
  id: string;
  name: string;
  closed: string | null;
}

function lanes(stop: StopRow): Lane[] {
  const found: Lane[] = shownRoutes.value.map((route) => ({
    id: route.id,
    name: `${route.driver.name}, ${n("{count} stop", "{count} stops", stopsOf(route.id).length)}`,
    closed: route.status === "started" ? t("on the road") : route.status === "completed" ? t("completed") : null,
  }));
  for (const shift of freeShifts()) found.push({ id: `shift:${shift.id}`, name: `${drivers.get(shift.driver)?.name ?? t("Driver")}, ${t("no route yet")}`, closed: null });
  if (stop.route) found.push({ id: "off", name: t("Off its route"), closed: null });
  return found;
}

type Look = { kind: "waiting" } | { kind: "none" } | { kind: "known"; row: Consequence } | { kind: "refused"; words: string };

export function MoveDialog(): JSX.Element | null {
  const wish = moving.value;
  const stop = wish ? shownStop(wish.stop) : undefined;
  if (!wish || !stop) return null;
  return <Dialog key={wish.stop} stop={stop} group={wish.stops ?? [wish.stop]} target={wish.target} />;
}

interface Asked {
  stop: StopRow;
  /** The ids of all that go together, `stop` among them. */
  group: readonly string[];
  target: { lane: string; position: number | null } | null;
}

function Dialog({ stop, group, target }: Asked): JSX.Element {
  const options = lanes(stop);
  const others = (lane: string): StopRow[] => stopsOf(lane).filter((row) => !group.includes(row.id));
  const firstLane = target?.lane ?? stop.route ?? options.find((lane) => !lane.closed && lane.id !== "off")?.id ?? "off";
  const [lane, setLane] = useState(firstLane);
  const end = others(lane).length;
  const here = lane === stop.route ? (stop.sequence ?? 1) - 1 : null;
  const [position, setPosition] = useState(target && target.position !== null ? target.position : (lane === stop.route && !target ? (here ?? end) : end));
  const [look, setLook] = useState<Look>({ kind: "waiting" });
  const at = Math.min(position, end);
  const same = group.length === 1 && lane === stop.route && at === here;
  const [first] = street(stop.place.line);

  useEffect(() => {
    if (same || (lane === "off" && !stop.route)) {
      setLook({ kind: "none" });
      return;
    }
    setLook({ kind: "waiting" });
    const ask = new AbortController();
    const timer = setTimeout(() => {
      const shift = shiftOf(lane);
      if (!plan.value || shift === undefined) return;
      api
        .consequences(plan.value.id, group, shift, shift === null ? null : at, ask.signal)
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
  const locked = look.kind === "known" && look.row.locked.length > 0;
  const apply = async (): Promise<void> => {
    const ended = await move({ stops: group, lane, position: at, despiteLocks: locked });
    if (ended.kind === "stands_against") setLook({ kind: "known", row: ended.row });
    else if (ended.kind === "failed") setLook({ kind: "refused", words: ended.words });
    else close();
  };
  const ok = look.kind === "known" && look.row.broken.length === 0;

  return (
    <Modal
      name="move"
      title={group.length > 1 ? n("Move {count} stop", "Move {count} stops", group.length) : t("Move {stop}", { stop: first })}
      note={group.length > 1 ? n("{stop} and {count} other", "{stop} and {count} others", group.length - 1, { stop: first }) : title(stop)}
      close={close}
      foot={
        <>
          <button class="button" onClick={close}>
            {t("Cancel")}
          </button>
          <button class="button button-primary" form="move-form" disabled={!ok || busy.value === "move"}>
            {busy.value === "move" ? <span class="spinner" /> : <Icon name="check" />}
            {doing(lane === "off", locked)}
          </button>
        </>
      }
    >
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
            <label for="move-lane">{t("Route")}</label>
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
                  {option.closed ? ` (${option.closed})` : option.id === stop.route ? ` (${t("now")})` : ""}
                </option>
              ))}
            </select>
          </div>
          {lane !== "off" && !lane.startsWith("shift:") && (
            <div class="field">
              <label for="move-position">{t("Place on the route")}</label>
              <select class="select" id="move-position" value={String(at)} onChange={(event) => setPosition(Number(event.currentTarget.value))}>
                {places.map((row, index) => (
                  <option key={row.id} value={index}>
                    {index + 1}. {t("before {stop}", { stop: street(row.place.line)[0] })}
                    {lane === stop.route && index === here ? ` (${t("now")})` : ""}
                  </option>
                ))}
                <option value={end}>
                  {end + 1}. {end ? t("at the end") : t("the only stop")}
                  {lane === stop.route && end === here ? ` (${t("now")})` : ""}
                </option>
              </select>
            </div>
          )}
        </div>
        <Outcome look={look} off={lane === "off"} />
      </form>
    </Modal>
  );
}

function doing(off: boolean, anyway: boolean): string {
  if (off) return anyway ? t("Take off the route anyway") : t("Take off the route");
  return anyway ? t("Move anyway") : t("Move");
}

function Delta({ value, text, label }: { value: number; text: string; label: string }): JSX.Element {
  return (
    <div class={`delta ${value > 0 ? "is-more" : value < 0 ? "is-less" : ""}`}>
      <span class="numbers delta-value">{signed(value, text)}</span>
      <span class="tiny muted">{label}</span>
    </div>
  );
}

/** The first five, and how many more. */
function some(names: readonly string[]): string {
  const first = names.slice(0, 5).join("; ");
  return names.length > 5 ? t("{names} and {more} more", { names: first, more: names.length - 5 }) : first;
}

function Outcome({ look, off }: { look: Look; off: boolean }): JSX.Element {
  if (look.kind === "none") return <p class="muted small">{t("It is there already: choose another route or place.")}</p>;
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
        <Delta value={row?.delta_s ?? 0} text={row ? duration(row.delta_s) : "…"} label={t("on the road")} />
        <Delta value={row?.delta_m ?? 0} text={row ? format.value.distance(Math.abs(row.delta_m)) : "…"} label={t("driving")} />
        <Delta value={row?.delta_cents ?? 0} text={row ? format.value.money(Math.abs(row.delta_cents)) : "…"} label={t("cost")} />
        <Delta value={row?.newly_late.length ?? 0} text={row ? String(row.newly_late.length) : "…"} label={t("newly late")} />
      </div>
      {row && row.newly_late.length > 0 && (
        <div class="notice notice-warn small">
          <Icon name="clock" />
          <div>{t("Would be late: {stops}.", { stops: some(row.newly_late) })}</div>
        </div>
      )}
      {row && row.promises_broken.length > 0 && (
        <div class="notice notice-warn small">
          <Icon name="clock" />
          <div>{t("Told another time: {stops}.", { stops: some(row.promises_broken) })}</div>
        </div>
      )}
      {row && row.locked.length > 0 && (
        <div class="notice notice-warn small" role="alert">
          <Icon name="lock" />
          <div>
            {row.locked.map((words) => (
              <p key={words}>{words}</p>
            ))}
            <p class="muted">{off ? t("It can be moved all the same. Off its route nothing is locked.") : t("It can be moved all the same. The lock then holds it at its new place.")}</p>
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
