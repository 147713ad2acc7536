// What the stop under the pointer is: who, when it was planned, when it is expected, and its window.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { format, isLate, stops } from "../store";
import { duration } from "../format";
import { stateWord } from "../words";
import { stopName } from "./describe";
import type { Tipped } from "./Plane";
import { t } from "../../ui/words";

export function Tip({ tip }: { tip: Tipped }): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const [left, setLeft] = useState(tip.x);
  useLayoutEffect(() => {
    const half = (box.current?.offsetWidth ?? 0) / 2 + 8;
    setLeft(Math.min(innerWidth - half, Math.max(half, tip.x)));
  }, [tip.x, tip.stop]);
  const stop = stops.get(tip.stop);
  if (!stop) return null;
  const words = format.value;
  return (
    <div class="map-tip gantt-tip" ref={box} style={{ left: `${left}px`, top: `${tip.y}px` }}>
      <span class="strong">{stopName(stop)}</span>
      <span>{stop.orders[0]?.recipient}</span>
      <span class="numbers muted">
        {stateWord(stop.status)} · {t("planned {time}", { time: words.time(stop.planned_arrival_at) })}
        {stop.arrived_at ? `, ${t("arrived {time}", { time: words.time(stop.arrived_at) })}` : stop.eta_at ? `, ${t("expected {time}", { time: words.time(stop.eta_at) })}` : ""}
      </span>
      {stop.window && <span class="numbers muted">{t("Window {span}", { span: words.span(stop.window) })}</span>}
      {isLate(stop) && <span class="is-late">{t("{time} late", { time: duration(stop.late_s) })}</span>}
    </div>
  );
}
