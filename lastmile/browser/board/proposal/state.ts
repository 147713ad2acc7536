// Previews on the board: the run that looks for one, those that wait, and the one that is looked at.
import { computed, effect, signal } from "@preact/signals";
import { toast } from "../../ui/toasts";
import { sentence } from "../actions";
import { refresh } from "../live";
import type { OperationRow } from "../rows";
import { operations, plan } from "../store";
import * as api from "./api";
import type { Fleet, Proposal, ProposalRow, Wanted } from "./rows";
import { t } from "../../ui/words";

/** Which dialog is open: optimise again, what if, or the table of all that is open. */
export const asking = signal<"again" | "what_if" | "compare" | null>(null);
/** The proposal that is looked at, in the place of the lists. */
export const shown = signal<Proposal | null>(null);
/** All proposals of the plan that nobody has decided. */
export const waiting = signal<ProposalRow[]>([]);
/** What the map draws: the routes as they are, or those of a proposal. */
export const onMap = signal<Proposal | null>(null);
export const busy = signal<"start" | "accept" | "reject" | "arrange" | "open" | null>(null);
/** Why the last thing asked here was refused, as a sentence. */
export const refusal = signal<string | null>(null);

/** Runs that were started in this tab: their proposal opens by itself. */
const mine = new Set<string>();
const PATIENCE_MS = 2_500;

/** The run for this plan that is under way. */
export const proposing = computed<OperationRow | null>(() => {
  const id = plan.value?.id;
  const rows = operations.all().filter((row) => row.kind === "propose" && (row.status === "queued" || row.status === "running"));
  return rows.find((row) => mine.has(row.id) || row.progress.plan === id) ?? null;
});

async function doing(what: NonNullable<typeof busy.value>, work: () => Promise<void>): Promise<boolean> {
  if (busy.peek()) return false;
  busy.value = what;
  refusal.value = null;
  try {
    await work();
    return true;
  } catch (error) {
    refusal.value = sentence(error);
    return false;
  } finally {
    busy.value = null;
  }
}

function started(row: OperationRow): void {
  mine.add(row.id);
  operations.apply([row]);
  asking.value = null;
  shown.value = null;
  onMap.value = null;
}

export function again(wanted: Wanted, fresh = false): Promise<boolean> {
  return doing("start", async () => {
    const row = plan.peek();
    if (row) started(await api.again(row.id, wanted, fresh));
  });
}

export function whatIf(fleet: Fleet, seconds: number): Promise<boolean> {
  return doing("start", async () => {
    const row = plan.peek();
    if (row) started(await api.whatIf(row.id, fleet, seconds));
  });
}

export async function open(id: string): Promise<void> {
  await doing("open", async () => {
    const row = await api.one(id);
    if (row.plan !== plan.peek()?.id) return;
    shown.value = row;
    onMap.value = row;
    asking.value = null;
  });
  if (refusal.peek()) toast(refusal.peek() ?? "", "bad");
}

/** Back to the lists; the proposal waits. */
export function close(): void {
  shown.value = null;
  onMap.value = null;
  refusal.value = null;
}

export function accept(groups: string[] | null): Promise<boolean> {
  return doing("accept", async () => {
    const row = shown.peek();
    if (!row) return;
    try {
      const now = await api.accept(row.id, groups);
      await refresh();
      if (now.decided_at) {
        close();
        toast(t("The plan is as it was shown."));
      } else {
        shown.value = now;
        toast(t("This change is in the plan."));
      }
    } catch (error) {
      shown.value = await api.one(row.id);
      throw error;
    } finally {
      void list();
    }
  });
}

export function reject(id: string): Promise<boolean> {
  return doing("reject", async () => {
    await api.reject(id);
    if (shown.peek()?.id === id) close();
    if (onMap.peek()?.id === id) onMap.value = null;
    toast(t("Left as it was: the plan has not changed."), "info");
    await list();
  });
}

/** Make real what a what-if needs, and leave it to the dispatcher to optimise again. */
export function arrange(): Promise<boolean> {
  return doing("arrange", async () => {
    const row = shown.peek();
    if (!row) return;
    await api.arrange(row.id);
    await api.reject(row.id);
    close();
    await refresh();
    void list();
    toast(t("The shifts are changed. Now optimise again."));
    asking.value = "again";
  });
}

export async function list(): Promise<void> {
  const id = plan.peek()?.id;
  try {
    const rows = id ? await api.list(id) : [];
    if (plan.peek()?.id === id) waiting.value = rows;
    if (!rows.length && asking.peek() === "compare") asking.value = null;
  } catch {
    // The list comes with the next change; what is on the screen stays.
  }
}

async function ended(row: OperationRow): Promise<void> {
  mine.delete(row.id);
  await list();
  if (row.status === "failed") refusal.value = t("No preview was made. {why} The plan is as it was.", { why: row.error ?? "" });
  const made = row.result?.proposal;
  if (row.status === "succeeded" && typeof made === "string" && !shown.peek()) await open(made);
}

/** Follow runs and the plan; called once when the board starts. */
export function follow(): void {
  const seen = new Set<string>();
  effect(() => {
    for (const row of operations.all()) {
      if (row.kind !== "propose" || seen.has(row.id) || row.status === "queued" || row.status === "running") continue;
      seen.add(row.id);
      if (mine.has(row.id)) void ended(row);
      else void list();
    }
  });
  // A run whose end was missed with the socket is asked for.
  setInterval(() => {
    for (const id of mine) {
      const known = operations.get(id);
      if (known && known.status !== "queued" && known.status !== "running") continue;
      api.operation(id).then((row) => operations.apply([row])).catch(() => undefined);
    }
  }, PATIENCE_MS);
  let last = "";
  effect(() => {
    const id = plan.value?.id ?? "";
    if (id === last) return;
    last = id;
    close();
    waiting.value = [];
    if (id) void list();
  });
  // The plan went on: what is looked at may be stale.
  let timer = 0;
  effect(() => {
    void plan.value?.version;
    clearTimeout(timer);
    const id = shown.peek()?.id;
    if (!id || busy.peek()) return;
    timer = window.setTimeout(() => {
      api.one(id).then((row) => {
        if (shown.peek()?.id === id) shown.value = row;
      }).catch(() => undefined);
    }, 400);
  });
}
