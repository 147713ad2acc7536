// The map beside the lists: routes, stops, depots and moving vans; picking on it selects in the lists and back.
import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { onTheme, theme } from "../../ui/theme";
import type { BoardMap, MapStop, Picked } from "../../map/map";
import { duration } from "../format";
import { whenCalm, whenIdle } from "../idle";
import { drawPeople } from "../people/marks";
import { forgetPictures, lineOf, orderPicture, routePicture, stopPicture } from "../picture";
import { anchor, picked as chosen } from "../selection";
import { startDrag } from "../grabbing";
import { clearSelection, hoveredStop, pressStop, selectedRoute, selectedStop, showRoute } from "../state";
import {
  day, depot, depots, format, loaded, map as mapRow, positions, ready, routes, serverNow, shownRoutes, shownStops, stops,
  stopsByRoute, stopsOf, unassigned, waiting, zones,
} from "../store";
import { routesOf as proposedRoutes, stopsOf as proposedStops } from "../proposal/picture";
import { onMap } from "../proposal/state";
import { Fleet, STALE_S, vanLabel } from "../vans";
import { stateWord } from "../words";
import { Icon } from "./Bits";
import { Lasso, LassoTools } from "./Lasso";
import { street, title } from "./Stop";
import { toggle as toggleZones } from "../zones/commands";
import { onMap as zonesOnMap } from "../zones/picture";
import { shown as zonesShown } from "../zones/state";
import { t } from "../../ui/words";

/** Between two pictures of moving vans; many vans are redrawn less often, no eye follows two hundred. */
const GLIDE_MS = 80;
const GLIDE_MANY_MS = 240;
const MANY = 60;
const PLAIN = "#7c8a83";

/** Whether WebGL is drawn by more than the processor, as far as the browser says. */
function graphicsCard(): boolean {
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const named = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(context.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|basic render/i.test(renderer);
}

interface Tip {
  picked: NonNullable<Picked>;
  x: number;
  y: number;
}

export function MapPane({ workerUrl, mayPlan }: { workerUrl: string; mayPlan: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<BoardMap | null>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);

  useEffect(() => {
    let stopAll = (): void => undefined;
    let gone = false;
    const begin = async (): Promise<void> => {
      const { createMap } = await import("../../map/map");
      const row = mapRow.peek();
      const element = box.current;
      if (gone || !element || !row) return;
      const map = createMap(element, {
        pmtilesUrl: row.pmtiles_url, styleUrl: row.style_url, bbox: row.bbox, attribution: row.attribution, theme: theme(), workerUrl,
      });
      held.current = map;
      fitAll(map, false);
      map.onNote(setNote);
      map.onPick(pick);
      if (mayPlan) map.onGrab((id, event) => grabStop(id, event));
      map.onHover((picked, at) => {
        hoveredStop.value = picked?.kind === "stop" ? picked.id : null;
        setTip(picked && picked.kind !== "route" && at ? { picked, x: at.x, y: at.y } : null);
      });
      const stops = [drawRows(map), drawVans(map), drawSelection(map), drawPeople(map), onTheme((next) => map.setTheme(next))];
      stopAll = () => {
        for (const stop of stops) stop();
        map.destroy();
      };
    };
    // The library is fetched once the day is there and the page has nothing else to do. Begun beside the snapshot, a map
    // drawn without a graphics card takes from the server what makes the day come later. It compiles its shaders in pieces
    // of up to half a second, too: there whoever has just opened the day gets a calm second for the lists first.
    const wait = effect(() => {
      if (mapRow.value && loaded.value && !held.current) {
        (graphicsCard() ? whenIdle : whenCalm)(() => {
          wait();
          begin().catch((error: unknown) => {
            console.error(error);
            setBroken(true);
          });
        });
      }
    });
    return () => {
      gone = true;
      wait();
      stopAll();
    };
  }, []);

  return (
    <section class="map-pane" aria-label={t("The day on the map")}>
      <div class="map-canvas" ref={box} />
      {broken && <p class="map-broken">{t("This browser cannot draw the map. The lists show everything it would.")}</p>}
      <Lasso box={box} map={held} />
      <div class="map-tools">
        <button class="button button-icon" aria-label={t("Show everything")} title={t("Show everything")} onClick={() => held.current && fitAll(held.current)}>
          <Icon name="fit" />
        </button>
        <div class="map-zoom">
          <button class="button button-icon" aria-label={t("Closer")} onClick={() => held.current?.zoom(1)}>
            <Icon name="plus" />
          </button>
          <button class="button button-icon" aria-label={t("Farther")} onClick={() => held.current?.zoom(-1)}>
            <Icon name="minus" />
          </button>
        </div>
        <LassoTools />
        {zones.all().length > 0 && (
          <button class="button button-icon map-zones" aria-label={t("Zones on the map")} aria-pressed={zonesShown.value} title={t("Zones on the map")} onClick={toggleZones}>
            <Icon name="layers" />
          </button>
        )}
      </div>
      {note && <p class="map-note">{note}</p>}
      {tip && <MapTip tip={tip} />}
    </section>
  );
}

/** Dragging a stop on the map starts the same drag as in the list; Shift is for the rectangle. */
function grabStop(id: string, event: MouseEvent): boolean {
  const stop = stops.get(id);
  return stop !== undefined && !event.shiftKey && startDrag(event, stop);
}

function pick(picked: Picked, event: MouseEvent): void {
  if (!picked) {
    if (!event.ctrlKey && !event.metaKey) clearSelection();
  } else if (picked.kind === "stop") pressStop(picked.id, event);
  else if (picked.kind === "route") showRoute(picked.id);
  else {
    const route = shownRoutes.peek().find((row) => row.driver.id === picked.id);
    if (route) showRoute(route.id);
  }
}

function MapTip({ tip }: { tip: Tip }): JSX.Element | null {
  const { picked, x, y } = tip;
  let body: JSX.Element | null = null;
  if (picked.kind === "stop") {
    const stop = stops.get(picked.id);
    if (stop) {
      body = (
        <>
          <span class="strong">
            {stop.sequence ? `${stop.sequence}. ` : ""}
            {street(stop.place.line)[0]}
          </span>
          <span>{title(stop)}</span>
          <span class="numbers muted">
            {stateWord(stop.status)}
            {stop.route ? `, ${format.value.time(stop.arrived_at ?? stop.eta_at ?? stop.planned_arrival_at)}` : ""}
            {stop.window ? ` (${format.value.span(stop.window)})` : ""}
          </span>
        </>
      );
    }
  } else if (picked.kind === "van") {
    const fix = positions.get(picked.id);
    const route = shownRoutes.peek().find((row) => row.driver.id === picked.id);
    const age = fix ? Math.max(0, (serverNow() - Date.parse(fix.fix_at)) / 1000) : 0;
    body = (
      <>
        <span class="strong">{route?.driver.name ?? t("Driver")}</span>
        {route && <span>{route.vehicle.name}</span>}
        <span class={age > STALE_S ? "is-late" : "muted"}>{age < 5 ? t("position now") : t("position {time} old", { time: duration(age) })}</span>
      </>
    );
  }
  if (!body) return null;
  return (
    <div class="map-tip" style={{ left: `${x}px`, top: `${y}px` }}>
      {body}
    </div>
  );
}

/** Every stop and order of the day, and its depot. */
function fitAll(map: BoardMap, calm = true): void {
  const points: [number, number][] = depots.peek().filter((row) => row.id === depot.peek()).map((row) => [row.lon, row.lat]);
  for (const stop of shownStops.peek()) if (stop.place.lat !== null && stop.place.lon !== null) points.push([stop.place.lon, stop.place.lat]);
  for (const order of ready.peek()) if (order.place.lat !== null && order.place.lon !== null) points.push([order.place.lon, order.place.lat]);
  map.fit(points.length > 1 ? points : [], { calm });
}

/**
 * Draw again, in a task of its own, when what `read` reads has changed: the lists follow the same rows, and neither holds
 * the other up. Of a day that has not come whole nothing is drawn.
 */
function inOwnTask(read: () => unknown, draw: () => void): () => void {
  let timer = 0;
  const stop = effect(() => {
    if (!loaded.value) return;
    read();
    timer ||= window.setTimeout(() => {
      timer = 0;
      draw();
    });
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

/** Routes, stops and depots follow the store; the picture is fitted once for each day. */
function drawRows(map: BoardMap): () => void {
  let fitted = "";
  const stopRoutes = inOwnTask(() => [onMap.value, shownRoutes.value, stopsByRoute.value], () => {
    if (onMap.peek()) map.setRoutes(proposedRoutes(onMap.peek()!));
    else map.setRoutes(shownRoutes.peek().map((route) => routePicture(route, stopsOf(route.id))));
  });
  const stopStops = inOwnTask(() => [onMap.value, shownRoutes.value, stopsByRoute.value, unassigned.value, waiting.value, ready.value], () => {
    const proposed = onMap.peek();
    if (proposed) {
      map.setStops(proposedStops(proposed));
      return;
    }
    const shown: MapStop[] = [];
    for (const route of shownRoutes.peek()) {
      for (const stop of stopsOf(route.id)) {
        const one = stopPicture(stop, route.color);
        if (one) shown.push(one);
      }
    }
    for (const stop of [...unassigned.peek(), ...waiting.peek()]) {
      const one = stopPicture(stop, PLAIN);
      if (one) shown.push(one);
    }
    for (const order of ready.peek()) {
      const one = orderPicture(order, PLAIN);
      if (one) shown.push(one);
    }
    map.setStops(shown);
  });
  const stopDepots = effect(() => {
    map.setDepots(depots.value.filter((row) => row.id === depot.value));
  });
  const stopZones = effect(() => map.setZones(zonesOnMap.value));
  const stopFit = effect(() => {
    const key = `${day.value}|${depot.value}|${shownRoutes.value.length > 0}`;
    if (!loaded.value || key === fitted) return;
    const first = fitted === "";
    if (!first) forgetPictures();
    fitted = key;
    fitAll(map, !first);
  });
  return () => [stopRoutes, stopStops, stopDepots, stopZones, stopFit].forEach((stop) => stop());
}

/** Vans glide between fixes at up to 12 pictures a second, and stand still when nothing moves. */
function drawVans(map: BoardMap): () => void {
  const fleet = new Fleet();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  const draw = (): void => {
    const now = performance.now();
    const server = serverNow();
    const byDriver = new Map(shownRoutes.peek().map((route) => [route.driver.id, route]));
    map.setVans(
      positions.all().flatMap((fix) => {
        const route = byDriver.get(fix.driver);
        const place = fleet.where(fix.driver, calm.matches ? Infinity : now);
        if (!route || !place) return [];
        const age = (server - Date.parse(fix.fix_at)) / 1000;
        const stale = age > STALE_S && route.status !== "completed";
        return [{ id: fix.driver, route: route.id, ...place, color: route.color, stale, label: vanLabel(route.driver.name, age, route.status === "completed") }];
      }),
    );
    if (!fleet.moving(now) || calm.matches) {
      clearInterval(timer);
      timer = 0;
    }
  };
  const stop = effect(() => {
    const rows = positions.all();
    if (!loaded.value) return;
    void shownRoutes.value;
    void serverNow();
    fleet.take(rows, (id) => {
      const route = routes.get(id);
      return route ? lineOf(route) : undefined;
    }, performance.now());
    draw();
    const pace = rows.length > MANY ? GLIDE_MANY_MS : GLIDE_MS;
    if (!timer && fleet.moving(performance.now())) timer = window.setInterval(draw, pace);
  });
  return () => {
    stop();
    clearInterval(timer);
  };
}

function drawSelection(map: BoardMap): () => void {
  let shownRoute: string | null = null;
  let shownStopId: string | null = null;
  const stopSelect = effect(() => {
    if (!loaded.value) return;
    const route = selectedRoute.value;
    const stop = selectedStop.value ?? (chosen.value.size === 1 ? anchor.value : null);
    map.select(route, stop);
    const row = route && route !== shownRoute ? routes.get(route) : undefined;
    const place = stop && stop !== shownStopId ? stops.get(stop)?.place : undefined;
    if (place && place.lat !== null && place.lon !== null) {
      const { lon, lat } = place;
      // The drawer is measured once it has been drawn.
      requestAnimationFrame(() => map.reveal([lon, lat], document.querySelector<HTMLElement>(".drawer")?.offsetWidth ?? 0));
    } else if (row && !stop) map.fit(lineOf(row), { padding: 72 });
    shownRoute = route;
    shownStopId = stop;
  });
  const stopChoose = effect(() => map.choose(chosen.value.size > 1 ? chosen.value : new Set()));
  const stopHover = effect(() => map.hover(hoveredStop.value));
  return () => {
    stopSelect();
    stopChoose();
    stopHover();
  };
}
