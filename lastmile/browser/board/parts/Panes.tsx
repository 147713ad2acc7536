// On narrow screens: which pane is seen. A tablet also shows them side by side.
import type { JSX } from "preact";
import { type View, view } from "../state";
import { resize } from "../timeline/state";
import { Icon } from "./Bits";
import { t } from "../../ui/words";

const PANES: [View, () => string, string][] = [
  ["split", () => t("Split"), "layers"],
  ["list", () => t("List"), "orders"],
  ["map", () => t("Map"), "pin"],
  ["timeline", () => t("Timeline"), "clock"],
];

export function Panes(): JSX.Element {
  return (
    <div class="segmented pane-switch" role="group" aria-label={t("View")}>
      {PANES.map(([name, label, icon]) => (
        <button
          key={name}
          class={`pane-${name}`}
          aria-pressed={view.value === name}
          onClick={() => {
            view.value = name;
            if (name === "timeline") resize({ folded: false });
          }}
        >
          <Icon name={icon} size="small" />
          {label()}
        </button>
      ))}
    </div>
  );
}
