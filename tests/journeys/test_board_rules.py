"""The board's own rules as plain functions, run by node: rows, lines, gliding vans, words of numbers and instants."""

from __future__ import annotations

from pathlib import Path

from tests import node

RULES = """
import assert from "node:assert/strict";
import { signed, duration, formatFor, shiftDay } from "./lastmile/browser/board/format";
import * as store from "./lastmile/browser/board/store";
import { Fleet, vanLabel } from "./lastmile/browser/board/vans";
import * as selection from "./lastmile/browser/board/selection";
import { keysOf, possible, register, commands, onSelection } from "./lastmile/browser/board/commands";
import { find, nameOf, written } from "./lastmile/browser/board/keys";
import { decode, metres, nearest } from "./lastmile/browser/map/polyline";
import { inkOn } from "./lastmile/browser/map/images";
import { areaOf, isInside, outlined } from "./lastmile/browser/map/ring";

const stop = (id, version, more = {}) => ({
  id, version, plan: "p", route: null, sequence: null, status: "planned", place: { line: "A 1, Town", lat: 49, lon: 8 },
  orders: [], window: null, service_s: 60, planned_arrival_at: null, planned_departure_at: null, eta_at: null,
  arrived_at: null, departed_at: null, late_s: 0, unassigned: null, skills: [], load: {}, priority: "normal",
  outcome: null, ...more });
const route = (id, version, more = {}) => ({
  id, version, plan: "p", shift: "s" + id, driver: { id: "d" + id, name: "Driver " + id },
  vehicle: { id: "v", name: "V" },
  depot: "dp", status: "optimized", color: "#2563eb", starts_at: null, ends_at: null, distance_m: 1000, duration_s: 60,
  cost_cents: 100, load: {}, capacity: {}, rest: null, geometry: "", ...more });
const plan = { id: "p", version: 3, day: "2026-11-23", depot: "dp", status: "optimized", operation: null, pending: 0 };
const snapshot = (stops, routes) => ({
  at: "2026-11-23T08:00:00Z", day: "2026-11-23",
  organization: { id: "o", name: "O", timezone: "Europe/Berlin", currency: "EUR" },
  depots: [{ id: "dp", name: "Depot", lat: 49, lon: 8, version: 1 }], zones: [], drivers: [], vehicles: [], shifts: [],
  plan, routes, stops,
  orders: { ready: [], needs_attention: [] }, positions: [], operations: [], exceptions: [],
  map: { style_url: null, pmtiles_url: null, bbox: null, center: null, attribution: "" } });
const picture = () => JSON.stringify([
  store.shownRoutes.value.map((row) => [row.id, store.stopsOf(row.id).map((one) => [one.id, one.version, one.status])]),
  store.unassigned.value.map((one) => one.id), store.totals.value]);

// An old snapshot and the rows after it show the same as a fresh snapshot.
const before = [stop("1", 1, { route: "a", sequence: 2 }), stop("2", 1, { route: "a", sequence: 1 }), stop("3", 1)];
const left = { status: "unassigned", unassigned: { code: "no_capacity", message: "No van has room." } };
const after = [stop("1", 2, { route: "a", sequence: 1, status: "allocated" }),
               stop("2", 3, { route: "b", sequence: 1 }), stop("3", 2, left)];
store.takeSnapshot(snapshot(before, [route("a", 1)]));
assert.equal(store.day.value, "2026-11-23", "the server says which day it is");
store.takeRows({ stop: after.slice(0, 2), route: [route("b", 1)] });
store.takeRows({ stop: [after[2], before[0]], route: [route("b", 0, { status: "cancelled" })] });
const followed = picture();
store.takeSnapshot(snapshot(after, [route("a", 1), route("b", 1)]));
assert.equal(picture(), followed);

// What is older than what is known changes nothing, also after the row has gone.
store.takeRows({ stop: [{ id: "2", version: 5, gone: true }] });
store.takeRows({ stop: [stop("2", 4, { route: "b", sequence: 1 })] });
assert.equal(store.stopsOf("b").length, 0);
store.takeRows({ stop: [stop("2", 6, { route: "b", sequence: 1 })] });
assert.equal(store.stopsOf("b").length, 1);
const held = store.stopsOf("a");
store.takeRows({ stop: [stop("2", 7, { route: "b", sequence: 1, late_s: 90 })] });
assert.equal(store.stopsOf("a"), held, "a route whose stops did not change keeps its list");
assert.equal(store.totals.value.late, 1);

// The opening shows a day before its snapshot is there: its counts stand for the rows that are still on their way.
{
const begin = (day, more = {}) => ({
  ...snapshot([stop("1", 1, { route: "a", sequence: 1 })], [route("a", 1), route("b", 1)]), day, whole: ["a"],
  counts: { done: 3, failed: 1, waiting: 2, ready: 4, needs_attention: 5, shifts: 6 },
  plan: { ...plan, summary: { stops: 40, unassigned: 7, late: 9 } }, ...more });
store.takeOpening(begin("2026-11-23"));
assert.equal(store.opening.value, null, "a snapshot that is there is not overwritten");
const shut = () => { store.loaded.value = false; store.opening.value = null; };
shut();
store.takeOpening(begin("2026-11-22"));
assert.equal(store.opening.value, null, "another day was chosen meanwhile");
store.takeOpening(begin("2026-11-23", { routes: [] }));
assert.equal(store.opening.value, null, "a day without routes waits for its snapshot");
store.takeOpening(begin("2026-11-23"));
assert.deepEqual(store.opening.value.whole, ["a"]);
const { stops: all, done, failed, unassigned, late, routes: of_day, distance_m } = store.totals.value;
assert.deepEqual([all, done, failed, unassigned, late, of_day, distance_m], [40, 3, 1, 7, 9, 2, 2000]);
assert.deepEqual(store.counts.value, { ready: 4, waiting: 2, unassigned: 5, attention: 5, shifts: 6 });
store.takeSnapshot(snapshot(after, [route("a", 1), route("b", 1)]));
assert.equal(store.opening.value, null);
assert.equal(picture(), followed, "nothing of the opening is left");
assert.deepEqual(store.counts.value, { ready: 0, waiting: 0, unassigned: 1, attention: 0, shifts: 0 });
store.takeRows({ stop: [stop("2", 7, { route: "b", sequence: 1, late_s: 90 })] });
}

// A plan of another day is none of this board's business.
store.takeRows({ plan: [{ ...plan, id: "q", version: 9, day: "2026-11-24" }] });
assert.equal(store.plan.value.id, "p");

// Lines: the example of the format's description; a place on a line that passes twice is found from where one is.
const line = decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@");
assert.deepEqual(line, [[-120.2, 38.5], [-120.95, 40.7], [-126.453, 43.252]]);
const there = [[8, 49], [8.01, 49], [8.01, 49.0001], [8, 49.0001]];
assert.equal(nearest(there, [8.005, 49.00002]).index, 0);
assert.equal(nearest(there, [8.005, 49.00008], 1).index, 2);
assert.ok(Math.abs(metres([8, 49], [8, 49.001]) - 111.2) < 0.5);

// Vans glide along the corner of their route, and stand at the fix in the end.
const bend = [[8, 49], [8.002, 49], [8.002, 49.002]];
const fix = (version, lon, lat) => ({
  id: "d", driver: "d", route: "r", version, lon, lat, heading: 90, speed_mps: 9, fix_at: "" });
const fleet = new Fleet();
fleet.take([fix(1000, 8.001, 49)], () => bend, 0);
assert.equal(fleet.moving(0), false);
fleet.take([fix(3000, 8.002, 49.001)], () => bend, 2000);
let off = 0;
for (let at = 2000; at <= 4000; at += 50) {
  const place = fleet.where("d", at);
  off = Math.max(off, nearest(bend, [place.lon, place.lat]).off_m);
}
assert.ok(off < 1, `it cut the corner by ${off} m`);
const end = fleet.where("d", 10_000);
assert.deepEqual([end.lon, end.lat], [8.002, 49.001]);
assert.equal(fleet.moving(10_000), false);
fleet.take([fix(4000, 8.5, 49.5)], () => bend, 11_000);
assert.equal(fleet.moving(11_000), false, "a jump of kilometres is shown at once");
fleet.take([], () => bend, 12_000);
assert.equal(fleet.where("d", 12_000), null);

// Words: the organization's time zone and units, signs, days across a change of the clocks.
const berlin = formatFor({ id: "", name: "", timezone: "Europe/Berlin", currency: "EUR", distance_unit: "mi" });
assert.equal(berlin.time("2026-11-23T23:30:00Z"), "00:30");
assert.equal(berlin.dayOf(new Date("2026-11-23T23:30:00Z")), "2026-11-24");
assert.equal(berlin.distance(16_200), "10 mi");
assert.equal(berlin.span(null), "any time");
assert.equal(shiftDay("2026-10-25", 1), "2026-10-26");
assert.deepEqual([signed(60, "1 min"), signed(-60, "1 min"), signed(0, "0 s")], ["+1 min", "−1 min", "0 s"]);
assert.deepEqual([duration(59), duration(-90), duration(11_100)], ["59 s", "2 min", "3 h 05"]);
const noon = { id: "", name: "", timezone: "UTC", currency: "EUR", clock: "12h" };
assert.deepEqual(["00:05", "12:05", "15:30"].map((at) => formatFor(noon).time(`2026-11-23T${at}:00Z`)),
  ["12:05 am", "12:05 pm", "3:30 pm"]);
assert.equal(formatFor(noon).span({ start: "2026-11-23T09:00:00Z", end: "2026-11-23T13:00:00Z" }), "9:00 am–1:00 pm");
assert.equal(formatFor({ ...noon, clock: "24h" }).time("2026-11-23T00:05:00Z"), "00:05");
assert.deepEqual([vanLabel("Ada Okoro", 4, false), vanLabel("Ada Okoro", 59, false), vanLabel("Ada Okoro", 185, false),
  vanLabel("Ada Okoro", 900, true)], ["Ada", "Ada, 40 s ago", "Ada: no position for 3 min", "Ada"]);

// One selection: alone, also, up to there, a range that follows Shift and the arrow keys; what is gone is not counted.
store.takeSnapshot(snapshot(["1", "2", "3", "4"].map((id, at) => stop(id, 1, { route: "a", sequence: at + 1,
  load: { weight_g: 1000, volume_ml: 0, pieces: 1 } })).concat(stop("off", 1, { status: "unassigned" })),
  [route("a", 1)]));
const chosen = () => selection.pickedStops.value.map((one) => one.id).join("");
selection.pickOnly("2");
selection.pickTo("4");
assert.equal(chosen(), "234");
selection.pickTo("1");
assert.equal(chosen(), "12", "a range turns round its anchor");
selection.pickAlso("4");
selection.pickAlso("1");
assert.equal(chosen(), "24");
selection.growTo("1", "2");
selection.growTo("2", "3");
assert.equal(chosen(), "123");
selection.growTo("3", "2");
assert.equal(chosen(), "12", "a range shrinks the way it grew");
selection.pickAll(["3", "off"], true);
assert.equal(chosen(), "123off");
const { stops: held_stops, service_s, weight_g, routes: on, unassigned: none } = selection.pickedSums.value;
assert.deepEqual([held_stops, service_s, weight_g, on, none], [4, 240, 3000, 1, 1]);
store.takeRows({ stop: [{ id: "3", version: 2, gone: true }] });
assert.equal(chosen(), "12off");
selection.unpick();
assert.equal(chosen(), "");

// Commands and their keys: sequences wait, sentences that make no sense now are passed over, single keys can be off.
let ran = "";
const leave = register({ id: "selection.lock", title: "Lock", keys: ["l", "g l"], when: () => ran !== "no",
  run: () => (ran += "l") });
register({ id: "view.find", title: "Find", keys: "mod+k", run: () => (ran += "k") });
const all = commands.value;
assert.deepEqual(all.map((one) => keysOf(one).length), [2, 1]);
assert.equal(onSelection.value.length, 1);
assert.equal(find("l", null, all, true)?.id, "selection.lock");
assert.equal(find("g", null, all, true), "wait");
assert.equal(find("l", "g", all, true)?.id, "selection.lock");
assert.equal(find("l", null, all, false), null);
assert.equal(find("g", null, all, false), null);
assert.equal(find("mod+k", null, all, false)?.id, "view.find");
ran = "no";
assert.equal(find("l", null, all, true), null);
assert.equal(possible(all[0]), false);
leave();
assert.equal(commands.value.length, 1);
const key = (name, more = {}) =>
  nameOf({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
assert.deepEqual([key("?", { shiftKey: true }), key("A", { shiftKey: true }), key("k", { metaKey: true }), key(" "),
  key("ArrowUp", { shiftKey: true }), key("/")], ["?", "shift+a", "mod+k", "space", "shift+arrowup", "/"]);
assert.deepEqual([written("g u"), written("shift+arrowup"), written("+")], [[["G"], ["U"]], [["Shift", "↑"]], [["+"]]]);
assert.deepEqual([inkOn("#2563eb"), inkOn("#f4bf63")], ["#ffffff", "#0d1714"]);
"""

RULES += """
// A line drawn by hand becomes an outline: few corners, no loops, nothing where there is no area.
const circle = Array.from({ length: 500 }, (_, at) => [100 * Math.cos(at / 80), 100 * Math.sin(at / 80)]); // over 2 pi
const round = outlined(circle, 120, 400);
assert.ok(round.length >= 12 && round.length <= 120, String(round.length));
assert.ok(Math.abs(areaOf(round) / (Math.PI * 1e4) - 1) < 0.05);
assert.ok(isInside(0, 0, round) && isInside(97, 0, round) && !isInside(103, 0, round));
const bow = outlined([[0, 0], [100, 100], [100, 0], [0, 130]], 120, 400);
assert.ok(bow.length === 3 && isInside(20, 60, bow) && !isInside(90, 50, bow), "the larger side of a crossing stays");
assert.deepEqual(outlined([[0, 0], [50, 0.2], [100, 0]], 120, 400), []);
assert.deepEqual(outlined([[0, 0], [9, 0], [9, 9], [0, 9]], 120, 400), []);
assert.deepEqual(outlined([[5, 5]], 120, 400), []);
const spiral = circle.map(([x, y], at) => [x * (1 - at / 5000), y * (1 - at / 5000)].map((one) => Math.round(one)));
const clean = outlined([...spiral, ...spiral.slice(0, 40).map(([x, y]) => [x * 0.8, y * 0.8])], 120, 400);
assert.ok(clean.every(([x, y]) => Math.hypot(x, y) > 82), "what is drawn past the beginning is left out");
const jagged = Array.from({ length: 600 }, (_, at) => {
  const far = at % 2 ? 300 : 200;
  return [far * Math.cos((at * Math.PI) / 300), far * Math.sin((at * Math.PI) / 300)];
});
assert.ok(outlined(jagged, 120, 400).length <= 120);
"""


def test_the_boards_own_rules(tmp_path: Path) -> None:
    """Old snapshot + rows == fresh snapshot; nothing older wins; vans stay on their roads; numbers read right."""
    node.assert_rules_hold(RULES, tmp_path)
