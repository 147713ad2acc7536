// Undo and redo in the head; what each would take back or do again stands in its tooltip.
import type { JSX } from "preact";
import { busy } from "../actions";
import { history, redo, undo } from "../edits";
import { written as inWords } from "../keys";
import { plan } from "../store";
import { Icon } from "./Bits";
import { t } from "../../ui/words";

const MAC = navigator.platform.startsWith("Mac");
const written = (keys: string): string => inWords(keys)[0]?.join(MAC ? "" : "+") ?? "";

export function UndoRedo({ mayPlan }: { mayPlan: boolean }): JSX.Element | null {
  const { undo: last, redo: next } = history.value;
  if (!mayPlan || !plan.value) return null;
  const waits = busy.value === "move";
  return (
    <div class="button-group undo-redo">
      <button
        class="button button-small button-icon"
        disabled={!last || waits}
        aria-label={last ? t("Undo: {what}", { what: last.label }) : t("Nothing to undo")}
        aria-keyshortcuts={MAC ? "Meta+Z" : "Control+Z"}
        title={last ? t("Undo: {what} ({keys})", { what: last.label, keys: written("mod+z") }) : t("Nothing to undo")}
        onClick={() => void undo()}
      >
        <Icon name="undo" size="small" />
      </button>
      <button
        class="button button-small button-icon"
        disabled={!next || waits}
        aria-label={next ? t("Redo: {what}", { what: next.label }) : t("Nothing to redo")}
        aria-keyshortcuts={MAC ? "Meta+Shift+Z" : "Control+Shift+Z"}
        title={next ? t("Redo: {what} ({keys})", { what: next.label, keys: written("mod+shift+z") }) : t("Nothing to redo")}
        onClick={() => void redo()}
      >
        <Icon name="redo" size="small" />
      </button>
    </div>
  );
}
