// On every server-rendered page: theme toggle, toasts, menus, and small maps. Pages work without it.
import "../styles/app.css";
import { toggleTheme } from "../ui/theme";
import { toast, type Tone } from "../ui/toasts";
import { locale, t } from "../ui/words";

function initials(name: string): string {
  const words = name.replace(/@.*/, "").split(/[\s._-]+/).filter(Boolean);
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return ((words[0]?.[0] ?? "?") + (last?.[0] ?? "")).toUpperCase();
}

function dress(root: ParentNode): void {
  for (const item of root.querySelectorAll<HTMLElement>("[data-initials]")) {
    item.dataset.short = initials(item.dataset.initials ?? "");
  }
  for (const zone of root.querySelectorAll<HTMLElement>(".dropzone")) dressDropzone(zone);
  const maps = root.querySelectorAll<HTMLElement>("[data-map]:not([data-shown])");
  if (maps.length) void showMaps([...maps]);
}

function dressDropzone(zone: HTMLElement): void {
  const input = zone.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input || zone.dataset.ready) return;
  zone.dataset.ready = "1";
  const label = document.createElement("span");
  label.className = "dropzone-file";
  label.setAttribute("aria-live", "polite");
  zone.append(label);
  const over = (on: boolean) => () => zone.classList.toggle("is-over", on);
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", over(false));
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    label.textContent = file ? `${file.name} (${Math.max(1, Math.round(file.size / 1024)).toLocaleString(locale())} kB)` : "";
  });
}

/** The map library is large: it is fetched only by pages that show a map, after they are painted. */
async function showMaps(boxes: HTMLElement[]): Promise<void> {
  try {
    const { showMini } = await import("../map/mini");
    for (const box of boxes) await showMini(box);
  } catch (error) {
    console.error(error);
    for (const box of boxes) {
      const note = document.createElement("p");
      note.className = "map-note";
      note.textContent = t("The map could not be loaded. Everything else works.");
      box.append(note);
    }
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-theme-toggle]")) toggleTheme();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!target || !menu.contains(target)) menu.open = false;
  }
  const opener = target?.closest<HTMLElement>("[data-open]");
  if (opener) document.querySelector<HTMLDialogElement>(opener.dataset.open ?? "")?.showModal();
  if (target?.closest("[data-close]")) target.closest("dialog")?.close();
  const back = target?.closest<HTMLElement>("[data-back]");
  if (back) {
    event.preventDefault();
    history.back();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// A form marked data-once is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!("once" in form.dataset)) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// Filters marked data-live send their form as soon as a value is chosen.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  if ("live" in field.dataset) field.closest("form")?.requestSubmit();
});

document.addEventListener("htmx:responseError", (event) => {
  const request = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  const plain = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  toast(plain && request.responseText ? request.responseText : t("The server answered {status}.", { status: request.status }), "bad");
});
document.addEventListener("htmx:sendError", () => toast(t("The server cannot be reached. Nothing was changed."), "bad"));
document.addEventListener("htmx:afterSwap", (event) => dress(event.target as HTMLElement));
document.addEventListener("lastmile:toast", (event) => {
  const { text, tone } = (event as CustomEvent<{ text: string; tone?: Tone }>).detail;
  toast(text, tone);
});

for (const back of document.querySelectorAll<HTMLElement>("[data-back]")) back.hidden = history.length < 2;
dress(document);
