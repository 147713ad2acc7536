// Short sentences in the corner. Errors stay until closed; the rest goes by itself.
import { t } from "./words";

export type Tone = "go" | "info" | "warn" | "bad";

const SHOWN_MS = 6000;

export interface ToastAction {
  label: string;
  run: () => void;
}

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

const ICONS: Record<Tone, string> = { go: "check", info: "info", warn: "warn", bad: "warn" };

export function toast(text: string, tone: Tone = "go", action?: ToastAction): void {
  const box = document.querySelector("[data-toasts]");
  if (!box) return;
  for (const same of box.querySelectorAll<HTMLElement>(".toast")) if (same.dataset.text === text) same.remove();
  const item = document.createElement("div");
  item.className = "toast";
  item.dataset.tone = tone;
  item.dataset.text = text;
  const words = document.createElement("p");
  words.textContent = text;
  item.append(icon(ICONS[tone]), words);
  if (action) {
    const button = document.createElement("button");
    button.className = "toast-action";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      item.remove();
      action.run();
    });
    item.append(button);
  }
  const close = document.createElement("button");
  close.setAttribute("aria-label", t("Close"));
  close.append(icon("close"));
  close.addEventListener("click", () => item.remove());
  item.append(close);
  box.append(item);
  while (box.childElementCount > 4) box.firstElementChild?.remove();
  if (tone !== "bad") setTimeout(() => item.remove(), SHOWN_MS);
}
