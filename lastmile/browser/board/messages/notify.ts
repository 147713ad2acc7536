// The machine's own notifications for new lines: only when the user asked for them, and without a sound.
import { signal } from "@preact/signals";
import { toast } from "../../ui/toasts";
import type { MessageRow, ThreadRow } from "./rows";
import { t } from "../../ui/words";

const KEY = "messages.notify";
const possible = typeof Notification !== "undefined";

function wanted(): boolean {
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

/** off: not asked for · on · denied: the browser refuses · impossible: this browser has none. */
export const notifying = signal<"off" | "on" | "denied" | "impossible">(
  !possible ? "impossible" : Notification.permission === "denied" ? "denied" : wanted() && Notification.permission === "granted" ? "on" : "off",
);

export async function toggleNotifying(): Promise<void> {
  if (notifying.peek() === "on") {
    notifying.value = "off";
  } else if (possible) {
    const said = await Notification.requestPermission();
    notifying.value = said === "granted" ? "on" : said === "denied" ? "denied" : "off";
  }
  try {
    localStorage.setItem(KEY, notifying.peek() === "on" ? "yes" : "no");
  } catch {
    // Kept for this page only.
  }
}

/** Tell of a new line, where the user is not looking at it already. */
export function announce(thread: ThreadRow, line: MessageRow, show: () => void): void {
  const name = thread.driver?.name ?? thread.order?.recipient ?? "";
  if (document.visibilityState === "visible") {
    const there = document.querySelector(`[data-thread="${thread.id}"]`) !== null;
    if (!there) toast(`${name}: ${line.text.length > 120 ? `${line.text.slice(0, 119)}…` : line.text}`, "info", { label: t("Show"), run: show });
    return;
  }
  if (notifying.peek() !== "on") return;
  const note = new Notification(name, { body: line.text.slice(0, 300), tag: thread.id, silent: true });
  note.onclick = () => {
    window.focus();
    show();
    note.close();
  };
}
