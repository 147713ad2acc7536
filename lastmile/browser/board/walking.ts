// Arrow keys in the lists: up and down walk over routes and stops, right and left open and close, Shift selects on the way.
import { growTo } from "./selection";

const LINES = ".route-open, .stop-open, .left-open";

/** The lines that can be walked over, from top to bottom. */
function lines(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(LINES)].filter((line) => line.tabIndex >= 0);
}

function stopOf(line: HTMLElement | undefined): string | null {
  return line?.closest<HTMLElement>("[data-stop]")?.dataset.stop ?? null;
}

export function walk(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const line = (event.target as HTMLElement).closest<HTMLElement>(LINES);
  if (!line || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = lines(list);
  const at = all.indexOf(line);
  let next: HTMLElement | undefined;
  if (event.key === "ArrowDown") next = all[at + 1];
  else if (event.key === "ArrowUp") next = all[at - 1];
  else if (event.key === "Home") next = all[0];
  else if (event.key === "End") next = all[all.length - 1];
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const card = line.closest("[data-route]")?.querySelector<HTMLElement>(".route-open");
    const open = card?.getAttribute("aria-expanded") === "true";
    if (!card || (event.key === "ArrowRight") === open) return;
    event.preventDefault();
    card.focus();
    card.click();
    return;
  } else return;
  event.preventDefault();
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  const stop = stopOf(next);
  // A range grows only over what is seen in this list.
  if (event.shiftKey && stop) growTo(stopOf(line), stop, all.map(stopOf).filter((id): id is string => id !== null));
}

/** Put the keyboard into the list: on what is selected, else on its first line. */
export function enterList(): void {
  const list = document.getElementById("board-list");
  const line = list?.querySelector<HTMLElement>(".exception.is-open .exception-open, .is-selected .stop-open, .is-selected .left-open, .is-selected > .route-open") ?? list?.querySelector<HTMLElement>(LINES);
  (line ?? document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]'))?.focus();
}
