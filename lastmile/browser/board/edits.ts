// The dispatcher's edits: stops moved or locked as one, undone and made again. The server keeps them; what is on the
// screen follows its answers. What somebody else changed meanwhile is asked about, never overwritten in silence.
import { effect, signal } from "@preact/signals";
import { toast } from "../ui/toasts";
import { busy, sentence } from "./actions";
import { ApiError } from "./api";
import * as api from "./edit_api";
import type { ChangedRow, DoneRow, EditRow, Seen } from "./edit_api";
import { register } from "./commands";
import { refresh } from "./live";
import type { Consequence, LockStrength, StopRow } from "./rows";
import { picked, pickedStops } from "./selection";
import { moving, selectedStop } from "./state";
import { isMovable, plan, routes, stops } from "./store";
import { n, t } from "../ui/words";

/** What undo and redo would take. */
export const history = signal<{ undo: EditRow | null; redo: EditRow | null }>({ undo: null, redo: null });
/** What somebody else changed while this dispatcher decided, and how to do it all the same. */
export const conflict = signal<{ stops: ChangedRow[]; anyway: () => void } | null>(null);
/** Stops whose move or lock is on its way to the server. */
export const onTheirWay = signal<ReadonlySet<string>>(new Set());
/** Locks chosen by the keyboard that are not sent yet. */
export const chosenLocks = signal<ReadonlyMap<string, LockStrength | null>>(new Map());

/** Which stops a key or a drag is about. Whoever lets several be chosen puts its own answer here. */
export const inHand = {
  stops: (): string[] => (selectedStop.peek() ? [selectedStop.peek() as string] : []),
};

/** The stops that go along when this one is dragged: all in hand that may move, if it is one of them. */
export function along(stop: StopRow): string[] {
  const hand = inHand.stops();
  if (!hand.includes(stop.id)) return [stop.id];
  return hand.filter((id) => {
    const row = stops.get(id);
    return row !== undefined && isMovable(row);
  });
}

/** The shift that a lane names: a route's id, `shift:<id>`, or `off`. Undefined for a route that is gone. */
export function shiftOf(lane: string): string | null | undefined {
  if (lane === "off") return null;
  if (lane.startsWith("shift:")) return lane.slice(6);
  return routes.get(lane)?.shift;
}

/** How a move ended; a consequence says which rules or locks stand against it. */
export type Ended =
  | { kind: "done" }
  | { kind: "stands_against"; row: Consequence; words: string }
  | { kind: "asked" }
  | { kind: "failed"; words: string };

interface Wish {
  stops: readonly string[];
  lane: string;
  position: number | null;
  despiteLocks?: boolean;
  seen?: Seen;
}

/** Move stops as one edit. The answer's rows come by the snapshot; a toast offers to undo it. */
export async function move(wish: Wish): Promise<Ended> {
  const id = plan.peek()?.id;
  const shift = shiftOf(wish.lane);
  if (!id || shift === undefined) return { kind: "failed", words: t("This route is gone meanwhile. Nothing was moved.") };
  const changes = wish.stops.map((stop, index) => ({
    stop,
    shift,
    position: shift === null || wish.position === null ? null : wish.position + index,
  }));
  const seen = wish.seen ?? versions(wish.stops);
  try {
    const done = await sending(wish.stops, () => api.edit(id, changes, seen, wish.despiteLocks ?? false));
    await finished(done, (what) => t("Moved: {what}.", { what }));
    return { kind: "done" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "rule_broken" || error.code === "locked") {
      return { kind: "stands_against", row: error.details as Consequence, words: error.message };
    }
    if (error.code === "changed_meanwhile" && hasStops(error.details)) {
      const { stops: changed } = error.details;
      conflict.value = {
        stops: changed,
        anyway: () => void drop({ ...wish, seen: { ...seen, ...Object.fromEntries(changed.map((one) => [one.id, one.now.version])) } }),
      };
      return { kind: "asked" };
    }
    if (error.status !== 0) void refresh();
    return { kind: "failed", words: error.status === 0 ? `${error.message} ${stayed(wish.stops)}` : error.message };
  }
}

/** A drop: applied at once. What a rule or a lock stands against opens the dialog instead. */
export async function drop(wish: Wish): Promise<void> {
  const ended = await move(wish);
  if (ended.kind === "failed") toast(ended.words, "bad");
  if (ended.kind === "stands_against") openDialog(wish);
}

export function openDialog(wish: Wish): void {
  moving.value = { stop: wish.stops[0] ?? "", stops: wish.stops, target: { lane: wish.lane, position: wish.position } };
}

export async function undo(id: string | null = null): Promise<void> {
  const row = plan.peek();
  if (!row || (id === null && !history.peek().undo)) return;
  await going((what) => t("Undone: {what}.", { what }), () => api.undo(row.id, id));
}

export async function redo(): Promise<void> {
  const row = plan.peek();
  if (!row || !history.peek().redo) return;
  await going((what) => t("Done again: {what}.", { what }), () => api.redo(row.id));
}

/** Lock stops, or (null) free them. */
export async function lock(ids: readonly string[], strength: LockStrength | null): Promise<void> {
  const row = plan.peek();
  const wanted = ids.filter((id) => {
    const stop = stops.get(id);
    return stop?.route && isMovable(stop) && stop.lock !== strength;
  });
  if (!row || wanted.length === 0) return;
  try {
    const done = await sending(wanted, () => api.lock(row.id, wanted, strength, versions(wanted)));
    await finished(done, (what) => (strength ? t("Locked: {what}.", { what }) : t("Unlocked: {what}.", { what })));
  } catch (error) {
    if (error instanceof ApiError && error.code === "changed_meanwhile" && hasStops(error.details)) {
      conflict.value = { stops: error.details.stops, anyway: () => void refresh().then(() => lock(ids, strength)) };
      return;
    }
    toast(sentence(error), "bad");
    void refresh();
  }
}

const STRENGTHS: (LockStrength | null)[] = [null, "driver", "order", "position"];
const SETTLE_MS = 700;
let settling = 0;

/** The next strength for the stops in hand: shown at once, sent when the key rests. */
export function cycleLock(): void {
  const ids = inHand.stops().filter((id) => {
    const stop = stops.get(id);
    return stop?.route && isMovable(stop);
  });
  const first = ids[0];
  if (first === undefined) {
    toast(t("Select a stop on a route first: L locks it to its driver, its order or its position."), "info");
    return;
  }
  const known = chosenLocks.peek();
  const now = known.has(first) ? (known.get(first) ?? null) : (stops.get(first)?.lock ?? null);
  const next = STRENGTHS[(STRENGTHS.indexOf(now) + 1) % STRENGTHS.length] ?? null;
  chosenLocks.value = new Map([...known, ...ids.map((id) => [id, next] as const)]);
  clearTimeout(settling);
  settling = window.setTimeout(() => {
    const wanted = [...chosenLocks.peek()];
    void Promise.all(
      STRENGTHS.map((strength) => lock(wanted.filter(([, one]) => one === strength).map(([id]) => id), strength)),
    ).finally(() => (chosenLocks.value = new Map()));
  }, SETTLE_MS);
}

/** Keep undo and redo as the server knows them, and hear the keys. */
export function follow(mayPlan: boolean): void {
  let known = "";
  effect(() => {
    const row = plan.value;
    const mark = row ? `${row.id} ${row.version}` : "";
    if (!mayPlan || mark === known) return;
    known = mark;
    if (!row) {
      history.value = { undo: null, redo: null };
      return;
    }
    // Not being able to ask is no trouble of its own: the next row asks again.
    api.list(row.id).then(take, () => (known = ""));
  });
  if (!mayPlan) return;
  inHand.stops = () => (picked.peek().size > 0 ? pickedStops.peek().map((stop) => stop.id) : selectedStop.peek() ? [selectedStop.peek() as string] : []);
  register({ id: "plan.undo", title: t("Undo"), keys: "mod+z", icon: "undo", when: () => history.value.undo !== null, run: () => void undo() });
  register({ id: "plan.redo", title: t("Do again"), keys: ["mod+shift+z", "mod+y"], icon: "redo", when: () => history.value.redo !== null, run: () => void redo() });
  register({ id: "selection.lock", title: t("Lock, or change the lock"), keys: "l", icon: "lock", when: () => picked.value.size > 0 || selectedStop.value !== null, run: cycleLock });
}

function versions(ids: readonly string[]): Seen {
  return Object.fromEntries(ids.map((id) => [id, stops.get(id)?.version ?? 1]));
}

function take(row: { undo: EditRow | null; redo: EditRow | null }): void {
  history.value = { undo: row.undo, redo: row.redo };
}

async function sending<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
  onTheirWay.value = new Set([...onTheirWay.peek(), ...ids]);
  busy.value = "move";
  try {
    return await work();
  } finally {
    busy.value = null;
    onTheirWay.value = new Set([...onTheirWay.peek()].filter((id) => !ids.includes(id)));
  }
}

async function finished(done: DoneRow, words: (what: string) => string): Promise<void> {
  take(done);
  await refresh();
  const made = done.edit;
  if (made) toast(words(made.label), "go", { label: t("Undo"), run: () => void undo(made.id) });
}

async function going(words: (what: string) => string, work: () => Promise<DoneRow>): Promise<void> {
  if (busy.peek()) return;
  busy.value = "move";
  try {
    const done = await work();
    take(done);
    await refresh();
    toast(words(done.edit?.label ?? ""), "info");
  } catch (error) {
    toast(sentence(error), "bad");
    void refresh();
  } finally {
    busy.value = null;
  }
}

function stayed(ids: readonly string[]): string {
  return n("The stop stays where it was.", "{count} stops stay where they were.", ids.length);
}

function hasStops(details: unknown): details is { stops: ChangedRow[] } {
  return typeof details === "object" && details !== null && "stops" in details;
}
