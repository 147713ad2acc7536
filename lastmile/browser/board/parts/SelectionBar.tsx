// Over the map while several stops are selected: how many, what they weigh and take, and what can be done with them.
import type { JSX } from "preact";
import { onSelection, possible } from "../commands";
import { duration, litres, number, weight } from "../format";
import { picked, pickedSums } from "../selection";
import { clearSelection } from "../state";
import { Icon } from "./Bits";
import { n, t } from "../../ui/words";

export function SelectionBar(): JSX.Element | null {
  if (picked.value.size < 2) return null;
  const sums = pickedSums.value;
  const where = [sums.routes ? n("on {count} route", "on {count} routes", sums.routes) : "", sums.unassigned ? t("{count} on none", { count: sums.unassigned }) : ""].filter(Boolean).join(", ");
  return (
    <div class="selection-bar" role="region" aria-label={t("Selection")}>
      <p class="selection-words" role="status">
        <span class="strong">{n("{count} stop", "{count} stops", sums.stops)}</span>
        <span class="small">{where}</span>
      </p>
      <dl class="selection-sums numbers small">
        <div>
          <dt>{t("Service")}</dt>
          <dd>{duration(sums.service_s)}</dd>
        </div>
        <div>
          <dt>{t("Weight")}</dt>
          <dd>{weight(sums.weight_g)}</dd>
        </div>
        {sums.pieces > 0 && (
          <div>
            <dt>{t("Pieces")}</dt>
            <dd>{number(sums.pieces)}</dd>
          </div>
        )}
        {sums.volume_ml > 0 && (
          <div>
            <dt>{t("Volume")}</dt>
            <dd>{litres(sums.volume_ml)}</dd>
          </div>
        )}
      </dl>
      <div class="selection-actions">
        {onSelection.value.filter(possible).map((command) => (
          <button key={command.id} class="button button-small" onClick={() => command.run()}>
            {command.icon && <Icon name={command.icon} size="small" />}
            {command.title}
          </button>
        ))}
      </div>
      <button class="button button-quiet button-small button-icon" aria-label={t("Clear the selection")} title={t("Clear the selection (Esc)")} onClick={clearSelection}>
        <Icon name="close" size="small" />
      </button>
    </div>
  );
}
