// Rows of the timeline in words: for the tooltip, for screen readers, for the line below the pointer.
import { silenceOf } from "../ages";
import { duration, inside } from "../format";
import type { RouteRow, StopRow } from "../rows";
import { format, isLate } from "../store";
import { outcomeWord, stateWord } from "../words";
import { n, t } from "../../ui/words";

/** Street before town: what tells stops apart. */
function street(line: string): string {
  return line.split(",")[0] ?? line;
}

export function stopName(stop: StopRow): string {
  return `${stop.sequence ? `${stop.sequence}. ` : ""}${street(stop.place.line)}`;
}

/** One sentence with everything the block shows. */
export function stopWords(stop: StopRow): string {
  const words = format.value;
  const parts = [stop.orders[0]?.recipient ?? "", inside(stateWord(stop.status))];
  if (stop.outcome) parts.push(inside(outcomeWord(stop.outcome)));
  if (stop.planned_arrival_at) parts.push(t("planned {time}", { time: words.time(stop.planned_arrival_at) }));
  if (stop.arrived_at) parts.push(t("arrived {time}", { time: words.time(stop.arrived_at) }));
  else if (stop.eta_at && stop.eta_at !== stop.planned_arrival_at) parts.push(t("expected {time}", { time: words.time(stop.eta_at) }));
  if (stop.departed_at) parts.push(t("left {time}", { time: words.time(stop.departed_at) }));
  if (stop.window) parts.push(t("window {span}", { span: words.span(stop.window) }));
  if (isLate(stop)) parts.push(t("{time} late", { time: duration(stop.late_s) }));
  return parts.filter(Boolean).join(", ");
}

export function routeWords(route: RouteRow, stops: readonly StopRow[]): string {
  const words = format.value;
  const late = stops.filter(isLate).length;
  const silence = route.status === "started" ? silenceOf(route.driver.id) : "";
  return [
    `${route.driver.name}, ${route.vehicle.name}`,
    inside(stateWord(route.status)),
    n("{count} stop", "{count} stops", stops.length),
    `${words.time(route.started_at ?? route.starts_at)}–${words.time(route.completed_at ?? route.ends_at)}`,
    late ? t("{late} late", { late }) : "",
    silence ? t("no position for {time}", { time: silence }) : "",
  ].filter(Boolean).join(", ");
}
