// What the dispatcher asks the server to do. The answer's rows go into the store; errors become sentences.
import { signal } from "@preact/signals";
import { toast } from "../ui/toasts";
import * as api from "./api";
import { refresh } from "./live";
import { clearSelection } from "./state";
import { day, depot, loaded, opening, operations, plan, takePlan } from "./store";
import { n, t } from "../ui/words";

export type Busy = "plan" | "distribute" | "cancel" | "move";
export const busy = signal<Busy | null>(null);

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : t("That did not work. Nothing was changed.");
}

async function doing<T>(what: Busy, work: () => Promise<T>): Promise<T | null> {
  if (busy.peek()) return null;
  busy.value = what;
  try {
    return await work();
  } catch (error) {
    toast(sentence(error), "bad");
    // What was refused may mean that the picture here is old.
    void refresh();
    return null;
  } finally {
    busy.value = null;
  }
}

/** Open the day's plan if there is none, and have it optimised. */
export function planDay(seconds: number | null): Promise<unknown> {
  return doing("plan", async () => {
    const place = depot.peek();
    if (!place) return;
    const row = await api.openPlan(day.peek(), place);
    takePlan(row);
    const operation = await api.optimize(row.id, seconds);
    operations.apply([operation]);
    takePlan({ ...row, status: "optimizing", operation: operation.id });
    await refresh();
  });
}

/** End the solve now; the best routes found so far are kept. */
export function cancelSolve(operation: string): Promise<unknown> {
  return doing("cancel", async () => {
    operations.apply([await api.cancelOperation(operation)]);
    toast(t("Stopping: the best routes found so far are kept."), "info");
  });
}

export function distribute(): Promise<unknown> {
  return doing("distribute", async () => {
    const row = plan.peek();
    if (!row) return;
    takePlan(await api.distribute(row.id));
    toast(n("{count} route sent to the drivers.", "{count} routes sent to the drivers.", row.summary.routes));
    await refresh();
  });
}

export function showDay(next: string): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(next) || next === day.peek()) return;
  clearSelection();
  day.value = next;
  opening.value = null;
  loaded.value = false;
  void refresh();
}

export function showDepot(next: string): void {
  if (next === depot.peek()) return;
  clearSelection();
  depot.value = next;
  opening.value = null;
  loaded.value = false;
  void refresh();
}
