// Under a route's stops: write to its driver, or to the recipients who still wait.
import type { JSX } from "preact";
import { Icon } from "../parts/Bits";
import type { RouteRow, StopRow } from "../rows";
import { isDone } from "../store";
import { openBroadcast } from "./Broadcast";
import { mayWrite } from "./store";
import { WriteButton } from "./WriteButton";
import { t } from "../../ui/words";

export function RouteWrite({ route, stops }: { route: RouteRow; stops: StopRow[] }): JSX.Element | null {
  if (!mayWrite.value) return null;
  const left = stops.filter((stop) => !isDone(stop)).map((stop) => stop.id);
  return (
    <li class="route-write row-wrap">
      <WriteButton to={{ driver: route.driver.id }} label={t("Message {name}", { name: route.driver.name })} quiet />
      {left.length > 0 && (
        <button class="button button-small button-quiet" onClick={() => openBroadcast({ stops: left, drivers: [] })}>
          <Icon name="send" size="small" />
          {t("Recipients…")}
        </button>
      )}
    </li>
  );
}
