// Small pieces that every view is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Stop, StopOrder } from "../core/rows";
import { failed } from "../core/day";
import { OUTCOME, OUTCOME_DONE, PROOF, W } from "../words";

const icons = document.documentElement.dataset.icons ?? "";

/** Icons that the common sheet of icons has not. */
const OWN: Record<string, JSX.Element> = {
  arrow: <path d="M12 3.5 19 20l-7-4-7 4z" />,
  cup: <path d="M5 9h11v5a5 5 0 0 1-5 5h-1a5 5 0 0 1-5-5zM16 10.500h1.500a2.500 2.500 0 0 1 0 5H16M8 3.500v2.500M12.500 3.500v2.500" />,
  flag: <path d="M6 21V4M6 4.500h11l-2.500 4 2.500 4H6" />,
  later: <path d="M12 7.500V12l3 2M4 12a8 8 0 1 0 2.600-5.900M6.500 2.700v3.600h3.600" />,
  eye: <><path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z" /><circle cx="12" cy="12" r="2.800" /></>,
  hidden: <path d="m4 4 16 16M9.500 5.900A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-2.800 3.500M6 7.500A15.500 15.500 0 0 0 2.500 12S6 18.500 12 18.500c1.600 0 3-.400 4.200-1M10 10a2.800 2.800 0 0 0 4 4" />,
  door: <path d="M6 21V4.500h12V21M3.500 21h17M14.500 12.500v.1" />,
};

export function Icon({ name, size = "" }: { name: string; size?: "" | "small" | "large" | "huge" }) {
  const own = OWN[name];
  return (
    <svg class={`icon${size ? ` icon-${size}` : ""}`} aria-hidden="true" {...(own ? { viewBox: "0 0 24 24" } : {})}>
      {own ?? <use href={`${icons}#${name}`} />}
    </svg>
  );
}

interface SheetProps {
  title: string;
  onClose: () => void;
  foot?: ComponentChildren;
  /** Covers the whole screen. */
  full?: boolean;
  children: ComponentChildren;
}

/** A dialog from the bottom edge; focus stays in it, Escape and the phone's back gesture close it. */
export function Sheet({ title, onClose, foot, full, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog} class={`sheet${full ? " sheet-full" : ""}`} aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="sheet-frame">
        <header class="sheet-head">
          <h2 id={id} tabIndex={-1} autofocus>{title}</h2>
          <button type="button" class="round" aria-label={W.close} onClick={onClose}><Icon name="close" /></button>
        </header>
        <div class="sheet-body">{children}</div>
        {foot && <footer class="sheet-foot">{foot}</footer>}
      </div>
    </dialog>
  );
}

interface BigProps {
  icon?: string; tone?: "primary" | "soft" | "bad" | "plain"; onClick?: () => void; children: ComponentChildren;
  busy?: boolean; type?: "button" | "submit"; wide?: boolean;
}

/** A button for a thumb in a glove. */
export function Big({ icon, tone = "plain", onClick, children, busy, type = "button", wide }: BigProps) {
  return (
    <button type={type} class={`big big-${tone}${wide ? " big-wide" : ""}`} aria-disabled={busy || undefined} onClick={() => !busy && onClick?.()}>
      {busy ? <span class="spinner" /> : icon && <Icon name={icon} size="large" />}
      <span>{children}</span>
    </button>
  );
}

export function ProofChip({ proof }: { proof: string }) {
  if (proof === "none") return null;
  const icon = proof === "photo" ? "camera" : proof === "pin" ? "key" : "signature";
  return <span class="chip chip-violet"><Icon name={icon} size="small" />{W.needs(PROOF[proof] ?? proof)}</span>;
}

export function PriorityChip({ priority }: { priority: string }) {
  if (priority === "normal") return null;
  return <span class={`chip ${priority === "urgent" ? "chip-bad" : "chip-warn"}`}><Icon name="bolt" size="small" />{priority === "urgent" ? W.urgent : W.high}</span>;
}

export function proofsOf(stop: Stop): string[] {
  return [...new Set(stop.orders.map((order) => order.proof_required))].filter((proof) => proof !== "none");
}

export function recipients(stop: Stop): string {
  return [...new Set(stop.orders.map((order) => order.recipient).filter(Boolean))].join(", ") || stop.orders.map((order) => order.reference).join(", ");
}

export function phones(stop: Stop): StopOrder[] {
  const seen = new Set<string>();
  return stop.orders.filter((order) => order.phone && !seen.has(order.phone) && seen.add(order.phone));
}

/** How a stop ended, in words and in a tone. */
export function ending(stop: Stop): { word: string; tone: "go" | "bad" | "warn" } {
  if (stop.outcome === "mixed") return { word: W.partly, tone: "warn" };
  if (failed(stop.outcome)) return { word: OUTCOME[stop.outcome ?? ""] ?? W.notDelivered, tone: "bad" };
  return { word: OUTCOME_DONE[stop.outcome ?? ""] ?? W.delivered, tone: "go" };
}
