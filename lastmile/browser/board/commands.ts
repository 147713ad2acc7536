// Everything that can be done by a key or found in the palette. Parts register what they can do; the keys, the palette,
// the overlay of keys and the bar over a selection all read the same list.
import { computed, signal } from "@preact/signals";
import { t } from "../ui/words";

export interface Command {
  /** Unique; `selection.…` also stands as a button in the bar over several selected stops. */
  id: string;
  title: string;
  /** The heading in the overlay of keys; by default from the first part of the id. */
  group?: string;
  /** One or several ways to press it: "?", "mod+k" (Ctrl, or Cmd on a Mac), "shift+arrowup", "g u" (one after the other). */
  keys?: string | readonly string[];
  /** A name of static/icons.svg. */
  icon?: string;
  /** Whether it makes sense now; without it, always. May read signals. */
  when?(): boolean;
  run(): void;
}

const known = signal<ReadonlyMap<string, Command>>(new Map());

/** Add a command, or replace the one of that id; returns the way to take it out again. */
export function register(command: Command): () => void {
  known.value = new Map(known.peek()).set(command.id, command);
  return () => {
    if (known.peek().get(command.id) !== command) return;
    const next = new Map(known.peek());
    next.delete(command.id);
    known.value = next;
  };
}

export const commands = computed<Command[]>(() => [...known.value.values()]);

export function possible(command: Command): boolean {
  return command.when?.() ?? true;
}

export function keysOf(command: Command): readonly string[] {
  return command.keys === undefined ? [] : typeof command.keys === "string" ? [command.keys] : command.keys;
}

const GROUPS: Record<string, () => string> = {
  selection: () => t("Selection"), go: () => t("Go to"), pane: () => t("Panes"), timeline: () => t("Timeline"), map: () => t("Map"),
  plan: () => t("Plan"), view: () => t("View"), exceptions: () => t("In the exceptions"),
};

export function groupOf(command: Command): string {
  const first = command.id.split(".")[0] ?? "";
  return command.group ?? GROUPS[first]?.() ?? t("Actions");
}

/** What the bar over a selection offers. */
export const onSelection = computed<Command[]>(() => commands.value.filter((command) => command.id.startsWith("selection.")));

/** Run a command by its id, if it is known and makes sense now; says whether it did. */
export function perform(id: string): boolean {
  const command = known.peek().get(id);
  if (!command || !possible(command)) return false;
  command.run();
  return true;
}
