// The list of orders: choosing many, columns, keyboard. The rows are the server's.
import "../orders/list.css";

const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>('#chosen input[name="order"]')];
let last: HTMLInputElement | null = null;

function tell(): void {
  const all = boxes(), on = all.filter((box) => box.checked);
  const bar = document.querySelector<HTMLElement>("[data-chosen]");
  if (bar) bar.hidden = on.length === 0;
  const count = document.querySelector("[data-chosen-count]");
  if (count) count.textContent = String(on.length);
  const head = document.querySelector<HTMLInputElement>("[data-choose-all]");
  if (head) {
    head.checked = on.length > 0 && on.length === all.length;
    head.indeterminate = on.length > 0 && on.length < all.length;
  }
  for (const box of all) box.closest("tr")?.classList.toggle("is-selected", box.checked);
}

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  if (target.closest('[data-open="#save-view"]')) {
    // The dialog outlives the list, whose search goes on in the address.
    const query = document.querySelector<HTMLInputElement>('#save-view input[name="query"]');
    if (query) query.value = location.search.slice(1);
  }
  if (target instanceof HTMLInputElement && target.name === "order") {
    const all = boxes();
    if ((event as MouseEvent).shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(target)].sort((a, b) => a - b) as [number, number];
      for (const box of all.slice(from, to + 1)) box.checked = target.checked;
    }
    last = target;
    tell();
  } else if (target.matches("[data-choose-all]")) {
    for (const box of boxes()) box.checked = (target as HTMLInputElement).checked;
    tell();
  } else if (target.closest("[data-choose-none]")) {
    for (const box of boxes()) box.checked = false;
    tell();
  }
});

document.addEventListener("change", (event) => {
  const target = event.target as HTMLElement;
  // Typing has searched already: leaving the field must not fetch the list again under the pointer.
  if (target.id === "q") event.stopPropagation();
  if (!target.matches("[data-column]")) return;
  const names = [...document.querySelectorAll<HTMLInputElement>("[data-column]:checked")].map((box) => box.value);
  const held = document.querySelector<HTMLInputElement>('#filters input[name="columns"]');
  if (held) held.value = names.join(",");
}, { capture: true });

// "/" to the search, j and k along the rows, x chooses the row that has the focus.
document.addEventListener("keydown", (event) => {
  const at = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || at.matches('input:not([type="checkbox"]), select, textarea') || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    document.getElementById("q")?.focus();
  } else if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll<HTMLElement>("#chosen .row-target, #chosen tbody tr:not(:has(.row-target)) input")];
    const here = links.findIndex((link) => link.closest("tr")?.contains(at) ?? false);
    links[Math.max(0, Math.min(links.length - 1, here + (event.key === "j" ? 1 : -1)))]?.focus();
  } else if (event.key === "x") {
    const box = at.closest("tr")?.querySelector<HTMLInputElement>('input[name="order"]');
    if (!box) return;
    box.checked = !box.checked;
    last = box;
    tell();
  } else return;
  event.preventDefault();
});

document.addEventListener("htmx:afterSwap", (event) => {
  tell();
  const dialog = (event.target as HTMLElement).querySelector<HTMLDialogElement>("dialog[data-modal]");
  if (!dialog) return;
  dialog.showModal();
  // What was changed shows in the list behind, under the same search.
  if ("done" in dialog.dataset) dialog.addEventListener("close", () => location.reload());
});
window.addEventListener("pageshow", tell);
tell();
