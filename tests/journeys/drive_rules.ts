// Checks of the driver's page's plain functions; `test_drive.py` bundles and runs them. A failed one throws.
import assert from "node:assert/strict";
import { apply, current, progress, withReports } from "../../lastmile/browser/drive/core/day";
import { draftOf, emptyDraft, lacks, reportData } from "../../lastmile/browser/drive/core/attempt";
import { backoff } from "../../lastmile/browser/drive/store/sender";
import { thinned } from "../../lastmile/browser/drive/store/outbox";

for (let n = 1, before = 0; n < 12; n++) {
  const longest = backoff(n, 1), least = backoff(n, 0);
  assert.ok(least >= longest * 0.59 && longest <= 60000 && longest >= before);
  before = longest;
}
assert.equal(backoff(1, 1), 2000);
assert.equal(backoff(99, 1), 60000);

for (const [count, most] of [[2001, 1500], [10, 3], [5, 5], [7, 0], [3000, 2999]]) {
  const gone = thinned(count, most);
  assert.equal(count - gone.size, Math.min(count, most), `${count} to ${most}`);
}
const gone = thinned(2001, 1500);
assert.ok([...gone].every((index) => index < 2001 * 0.8), "the newest fixes stay");

const order = (id, proof) => ({ id, reference: id, recipient: id, phone: "", status: "", priority: "normal", proof_required: proof, instructions: "" });
const stop = (id, sequence, ...orders) => ({ id, sequence, status: "allocated", orders, arrived_at: null, departed_at: null, outcome: null, place: { line: id } });
const day = {
  day: "2026-11-23", driver: { id: "d", name: "D", duty: "off_duty" }, route: { id: "r", status: "distributed" },
  stops: [stop("b", 2, order("o2", "none")), stop("a", 1, order("o1", "photo"), order("o3", "pin")), stop("c", 3, order("o4", "none"))],
};
let minute = 0;
const report = (type, stop, data = {}) => ({ id: `${++minute}`, type, stop, data, sequence: minute, device_at: new Date(minute * 60000).toISOString() });
const states = (rows) => Object.fromEntries(rows.stops.map((one) => [one.id, one.status]));

assert.equal(apply(day, report("arrived", "a")), day, "nothing is reached before the route starts");
assert.equal(apply(day, report("route_started", undefined, { route: "other" })), day);
let now = apply(day, report("route_started", undefined, { route: "r" }));
assert.deepEqual(states(now), { a: "next", b: "out_for_delivery", c: "out_for_delivery" });
assert.equal(now.driver.duty, "on_duty");
assert.equal(current(now).id, "a");
now = apply(now, report("skipped", "a"));
assert.equal(current(now).id, "b");
now = apply(now, report("arrived", "c"));
assert.deepEqual(states(now), { a: "skipped", b: "out_for_delivery", c: "arrived" });
now = apply(now, report("attempted", "c", { outcome: "failed_not_home" }));
assert.equal(apply(now, report("attempted", "c", { outcome: "delivered_to_recipient" })), now, "one attempt a stop");
assert.equal(current(now).id, "c");
now = apply(now, report("arrived", "a"));
assert.deepEqual(states(now), { a: "arrived", b: "out_for_delivery", c: "departed" }, "what was left is departed");
now = apply(now, report("attempted", "a", { outcome: "delivered_to_recipient", orders: [{ order: "o3", outcome: "failed_damaged" }] }));
assert.equal(now.stops.find((one) => one.id === "a").outcome, "mixed");
now = apply(now, report("departed", "a"));
assert.equal(current(now).id, "b");
assert.deepEqual(progress(now), { total: 3, done: 2, failed: 1, delivered: 1, skipped: 0 });
assert.equal(apply(now, report("arrived", "gone")), now);
assert.equal(withReports(day, []), day);
now = apply(now, report("route_completed", undefined, { route: "r" }));
assert.equal(now.route.status, "completed");
assert.equal(now.stops.length, 2);

const at = day.stops[1];
const form = { ...emptyDraft(at, "deliver") };
assert.deepEqual(lacks(at, form), ["outcome", "photo", "pin"]);
const filled = { ...form, outcome: "delivered_to_recipient", photos: ["p"], pin: "12" };
assert.deepEqual(lacks(at, filled), []);
assert.deepEqual(lacks(at, { ...filled, pin: "" }), ["pin"]);
assert.deepEqual(lacks(at, { ...filled, pin: "", orders: { o3: "failed_damaged" } }), [], "what fails needs no proof");
assert.deepEqual(lacks(at, { ...filled, outcome: "delivered_to_third_party" }), ["name"]);
assert.deepEqual(lacks(at, { ...emptyDraft(at, "fail"), outcome: "failed_other" }), ["note"]);
assert.deepEqual(reportData(at, { ...filled, orders: { o3: "failed_damaged" } }), {
  outcome: "delivered_to_recipient", uploads: ["p"], orders: [{ order: "o3", outcome: "failed_damaged" }],
});
const again = draftOf("a", { outcome: "delivered_to_recipient", uploads: ["p", "s"], pin: "12" }, new Map([["p", "photo"], ["s", "signature"]]));
assert.deepEqual([again.photos, again.signature, again.pin], [["p"], "s", ""]);
