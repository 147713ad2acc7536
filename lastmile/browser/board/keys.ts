// The keyboard: which command a key means. Keys that are typed into a field stay with the field.
import { signal } from "@preact/signals";
import { commands, keysOf, possible, type Command } from "./commands";
import { t } from "../ui/words";

const SEQUENCE_MS = 1_500;
const KEPT = "board.single-keys";

/** The first key of a sequence ("g") that waits for its second. */
export const begun = signal<string | null>(null);
/** Whether single letters are commands; who speaks to the machine turns them off. */
export const singleKeys = signal(stored());

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

function stored(): boolean {
  try {
    return globalThis.localStorage?.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

export function allowSingleKeys(on: boolean): void {
  singleKeys.value = on;
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // Kept for this page only.
  }
}

/** A key as commands write it: "mod+k", "shift+arrowdown", "?", "g". */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  // A sign like "?" already says that Shift was held; letters and named keys do not.
  if (event.shiftKey && (event.key.length > 1 || key !== key.toUpperCase())) parts.push("shift");
  return [...parts, key === " " ? "space" : key].join("+");
}

/** Whether what is typed there belongs to the element itself. */
export function typesInto(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select");
}

/** The command for what was pressed, or "wait" when it is the beginning of one. */
export function find(pressed: string, before: string | null, all: readonly Command[], single: boolean): Command | "wait" | null {
  const whole = before ? `${before} ${pressed}` : pressed;
  if (!single && !whole.includes("mod+") && whole.length === 1) return null;
  let starts = false;
  for (const command of all) {
    for (const keys of keysOf(command)) {
      if (keys === whole && possible(command)) return command;
      starts ||= keys.startsWith(`${whole} `);
    }
  }
  return starts && single ? "wait" : null;
}

let timer = 0;

function forget(): void {
  clearTimeout(timer);
  begun.value = null;
}

/** What these do in a field belongs to the field: its own undo, its own text. */
const EDITING = new Set(["mod+z", "mod+shift+z", "mod+y", "mod+a", "mod+c", "mod+x", "mod+v"]);

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const pressed = nameOf(event);
  const held = pressed.startsWith("mod+");
  if (document.querySelector("dialog[open]") || (typesInto(event.target) && (!held || EDITING.has(pressed)))) return forget();
  const found = find(pressed, begun.peek(), commands.peek(), singleKeys.peek());
  if (found === "wait") {
    event.preventDefault();
    begun.value = pressed;
    clearTimeout(timer);
    timer = window.setTimeout(forget, SEQUENCE_MS);
    return;
  }
  forget();
  if (!found) return;
  event.preventDefault();
  found.run();
}

export function listen(): void {
  document.addEventListener("keydown", onKey);
}

const SIGNS: Record<string, () => string> = {
  arrowup: () => "↑", arrowdown: () => "↓", arrowleft: () => "←", arrowright: () => "→", enter: () => t("Enter"), escape: () => t("Esc"), space: () => t("Space"),
  home: () => t("Home"), end: () => t("End"), pageup: () => t("Page up"), pagedown: () => t("Page down"), delete: () => t("Delete"), backspace: () => t("Backspace"),
};

/** How keys are written on the screen: for "mod+k" → ["Ctrl", "K"]; the parts of a sequence are lists of their own. */
export function written(keys: string): string[][] {
  return keys.split(" ").map((one) =>
    one.split(/\+(?=.)/).map((part) => {
      if (part === "mod") return isMac ? "⌘" : t("Ctrl");
      if (part === "shift") return t("Shift");
      if (part === "alt") return isMac ? "⌥" : t("Alt");
      return SIGNS[part]?.() ?? part.toUpperCase();
    }),
  );
}
