// What is being dragged, under the pointer, with what dropping it here would lead to.
import type { JSX } from "preact";
import { dragged, dropAt } from "../drag";
import { foresight, parts } from "../foresight";
import { drivers, format, routes, shifts } from "../store";
import { Icon } from "./Bits";
import { street } from "./Stop";
import { n, t } from "../../ui/words";

const WIDTH_PX = 300;
const HEIGHT_PX = 130;

function Outlook(): JSX.Element | null {
  const ahead = foresight.value;
  if (!ahead) return <span class="ghost-more">{t("Drop it on a driver, or on Unassigned.")}</span>;
  if (ahead.kind === "asking") return <span class="ghost-more">…</span>;
  if (ahead.kind === "none") return <span class="ghost-more ghost-bad">{ahead.words}</span>;
  const { broken, locked } = ahead.row;
  const against = broken[0] ?? locked[0];
  return (
    <>
      <span class="ghost-parts numbers">
        {parts(ahead.row, format.value).map((part) => (
          <span key={part.text} class={`ghost-${part.tone}`}>
            {part.text}
          </span>
        ))}
      </span>
      {against !== undefined && (
        <span class="ghost-more ghost-bad row gap-1">
          <Icon name={broken.length ? "warn" : "lock"} size="small" />
          {against}
        </span>
      )}
    </>
  );
}

function laneName(): string {
  const lane = dropAt.value?.lane;
  if (!lane) return "";
  if (lane === "off") return (dragged.value?.stops.length ?? 1) > 1 ? t("off their routes") : t("off its route");
  const driver = lane.startsWith("shift:") ? shifts.value.find((row) => row.id === lane.slice(6))?.driver : routes.get(lane)?.driver.id;
  const position = dropAt.value?.position;
  const name = driver ? drivers.get(driver)?.name : undefined;
  if (!name) return "";
  return position === null || position === undefined ? t("to {driver}, best place", { driver: name }) : t("to {driver}, as stop {number}", { driver: name, number: position + 1 });
}

export function Ghost(): JSX.Element | null {
  const now = dragged.value;
  if (!now) return null;
  const left = now.x + 14 + WIDTH_PX > window.innerWidth ? Math.max(4, now.x - WIDTH_PX - 6) : now.x + 14;
  const above = now.y + HEIGHT_PX > window.innerHeight;
  return (
    <div class="ghost" style={{ transform: `translate(${left}px, ${now.y + (above ? -10 : 12)}px)${above ? " translateY(-100%)" : ""}` }} aria-hidden="true">
      <span class="ghost-head">
        <Icon name="pin" size="small" />
        <span class="clip">{now.stops.length > 1 ? n("{count} stop", "{count} stops", now.stops.length) : street(now.stop.place.line)[0]}</span>
        <span class="ghost-lane clip">{laneName()}</span>
      </span>
      <Outlook />
    </div>
  );
}
