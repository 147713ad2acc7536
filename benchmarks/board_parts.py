"""What is measured on the board of a large day, part by part: each returns lines for `benchmarks.board`."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from benchmarks.running import quantile, say
from lastmile.local import paths
from tests.journeys.stack import Stack

LONG_MS, HOVERS, EDITS = 100.0, 200, 30
SETTLED_MS = 6000
"""From live until what a page does once it is open (fetch pictures, have the plan made ready for drags) is over."""
PACE = 0.9
"""Vans that moved less often than this share of every two seconds have measured nothing."""
WATCH = """
window.__seen = {}; window.__long = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.__long.push([one.startTime, one.duration]);
}).observe({ type: "longtask", buffered: true });
new MutationObserver(() => {
  const seen = window.__seen;
  const card = document.querySelector("li.route-card .route-open");
  if (card?.querySelector(".route-numbers") && !seen.found) {
    seen.found = performance.now();
    requestAnimationFrame(() => { seen.useful = performance.now(); setTimeout(() => card.click()); });
  }
  if (seen.useful && !seen.opened && document.querySelector("li.route-card.is-open [data-stop]")) {
    seen.opened = performance.now();
    requestAnimationFrame(() => { seen.answered = performance.now(); });
  }
  if (!seen.canvas && document.querySelector("canvas.maplibregl-canvas")) seen.canvas = performance.now();
  if (!seen.live && document.querySelector(".connection")?.textContent === "Live") seen.live = performance.now();
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
"""
CALL = """
window.__call = async (path, body) => {
  const token = /(?:^|; *)csrftoken=([^;]+)/.exec(document.cookie)?.[1]
    ?? document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const began = performance.now();
  const answer = await fetch("/api/v1/" + path, { method: "POST", body: JSON.stringify(body),
    credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": token } });
  const text = await answer.text();
  return { at: performance.timeOrigin + began, ms: performance.now() - began, status: answer.status, text };
};
"""


@dataclass
class Line:
    """One line of the table: what, the value and its unit, and the goal, if it has one (at most so much)."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    more: str = ""
    met: bool | None = field(init=False)

    def __post_init__(self) -> None:
        self.met = None if self.goal is None else self.value <= self.goal


@dataclass
class Scene:
    """The running product with the day laid in it. `laid` is what `benchmarks.large_day lay` told."""

    stack: Stack
    browser: Browser
    laid: dict[str, str]
    routes: int
    state: Any = None

    def context(self, browser: Browser | None = None) -> BrowserContext:
        """A dispatcher who is signed in."""
        context = (browser or self.browser).new_context(
            viewport={"width": 1440, "height": 900}, storage_state=self.state)
        context.add_init_script(WATCH + CALL)
        return context

    def address(self, tomorrow: bool = False) -> str:
        day = self.stack.demo["tomorrow"] if tomorrow else self.stack.demo["day"]
        return f"{self.stack.base_url}/board/?day={day}&depot={self.laid['depot']}"

    def at_the_board(self, context: BrowserContext, *, tomorrow: bool = False) -> Page:
        """A page that shows the day and hears of changes."""
        page = context.new_page()
        page.goto(self.address(tomorrow))
        until = time.monotonic() + 60
        while not page.evaluate("!!(window.__seen.answered && window.__seen.live)"):
            if time.monotonic() > until:
                raise SystemExit(f"the board did not open: {page.evaluate('JSON.stringify(window.__seen)')}")
            page.wait_for_timeout(50)
        return page

    def moving(self, seconds: float) -> Vans:
        return Vans(self, seconds)


class Vans:
    """`benchmarks.large_day drive` as a process of its own; `told` is what it says at its end."""

    def __init__(self, scene: Scene, seconds: float) -> None:
        stack = scene.stack
        self._log = stack.folder / "vans.log"
        words = ["-m", "benchmarks.large_day", "drive", "--tenant", stack.demo["organization_id"], "--routes",
                 str(scene.routes), "--day", stack.demo["day"], "--seconds", str(seconds)]  # fmt: skip
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, *words], stdout=subprocess.PIPE, stderr=log, env=stack.environment, cwd=paths.ROOT)
        assert self._child.stdout is not None
        self._out = self._child.stdout
        if not self._out.readline():
            raise SystemExit(f"the vans did not start:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> dict[str, Any]:
        """Wait for the end of the time given."""
        rest, _ = self._child.communicate(timeout=120)
        if self._child.returncode:
            raise SystemExit(f"the vans failed:\n{self._log.read_text()[-2000:]}")
        told: dict[str, Any] = json.loads(rest)
        return told


# --- First paint -----------------------------------------------------------------------------------------------------


def paint(scene: Scene, runs: int, where: str, browser: Browser | None = None) -> list[Line]:
    """Open the board with an empty browser cache."""
    seen: dict[str, list[float]] = {}
    for _ in range(runs):
        context = scene.context(browser)
        page = scene.at_the_board(context)
        page.wait_for_timeout(4000)
        one = page.evaluate(
            """() => {
              const fetched = performance.getEntriesByType("resource");
              const board = fetched.filter((row) => row.name.includes("/api/v1/board/?"));
              const opening = fetched.filter((row) => row.name.includes("/api/v1/board/opening/"));
              return { ...window.__seen, long: window.__long,
                paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
                asked: board[0].startTime, answered_snapshot: board[0].responseEnd, fetched: board.length,
                first: board[0].responseStart, kilobytes: board[0].decodedBodySize / 1024,
                sent: board[0].encodedBodySize / 1024, openings: opening.length,
                opening: opening[0]?.responseEnd ?? 0, opening_sent: (opening[0]?.encodedBodySize ?? 0) / 1024 };
            }"""
        )
        one["interactive"] = interactive(one["answered"], one["long"])
        one["settled"] = max((start + ms for start, ms in one["long"]), default=0)
        one["longest"] = max((ms for _, ms in one["long"]), default=0)
        one["server"] = one["answered_snapshot"] - one["asked"]
        for name, value in one.items():
            if name != "long":
                seen.setdefault(name, []).append(value)
        context.close()
    middle = {name: statistics.median(values) for name, values in seen.items()}

    def all_of(name: str) -> str:
        return "of " + ", ".join(f"{value:.0f}" for value in seen[name])

    return [
        Line(f"first contentful paint, {where}", middle["paint"], "ms", None, all_of("paint")),
        Line(f"first useful paint, {where}", middle["useful"], "ms", 1500, all_of("useful")),
        Line(f"interactive, {where}", middle["interactive"], "ms", 3000, all_of("interactive")),
        Line("  the first click answered", middle["answered"], "ms", None, all_of("answered")),
        Line("  live", middle["live"], "ms", None, all_of("live")),
        Line("  end of the last task over 50 ms", middle["settled"], "ms", None, all_of("settled")),
        Line("  opening there", middle["opening"], "ms", None,
             f"{middle['opening_sent']:.0f} kB on the wire, asked for {middle['openings']:g} times"),
        Line("  snapshot, request to last byte", middle["server"], "ms", None, all_of("server")),
        Line("  snapshot, size", middle["kilobytes"], "kB", None, f"{middle['sent']:.0f} kB on the wire"),
        Line("  snapshots fetched", middle["fetched"], ""),
        Line("  longest task while opening", middle["longest"], "ms", None, all_of("longest")),
    ]


def interactive(answered: float, long: list[list[float]]) -> float:
    """When the first click was answered and a second without a long task (over 50 ms) began."""
    at = answered
    for start, ms in sorted(long):
        if start + ms > at and start < at + 1000:
            at = start + ms
    return at


# --- What a drag asks ------------------------------------------------------------------------------------------------


def drag(scene: Scene) -> list[Line]:
    """Hover over places of the 1,000-stop plan: each question from the browser to the answer's last byte."""
    context = scene.context()
    page = scene.at_the_board(context, tomorrow=True)
    told: dict[str, Any] = page.evaluate(
        """async ([plan, day, depot, hovers]) => {
          const board = await (await fetch(`/api/v1/board/?day=${day}&depot=${depot}`)).json();
          let seed = 7;
          const pick = (list) => list[(seed = (seed * 48271) % 2147483647) % list.length];
          const ms = [], bad = [];
          let first = 0;
          for (let n = 0; n <= hovers; n++) {
            const route = pick(board.routes);
            const position = seed % (route.stops_total + 1);
            const body = { stops: [pick(board.stops).id], shift: route.shift, position };
            const said = await window.__call(`plans/${plan}/consequences/`, body);
            if (said.status !== 200) bad.push(said.text);
            if (n === 0) first = said.ms; else ms.push(said.ms);
            await new Promise((done) => setTimeout(done, 60));
          }
          return { ms, bad, first, stops: board.stops.length };
        }""",
        [scene.laid["tomorrow"], scene.stack.demo["tomorrow"], scene.laid["depot"], HOVERS],
    )
    context.close()
    if told["bad"]:
        raise SystemExit(f"a hover was refused: {told['bad'][0][:300]}")
    p95, p50, most = quantile(told["ms"], 0.95), statistics.median(told["ms"]), max(told["ms"])
    return [
        Line("drag: consequence p95", p95, "ms", 100,
             f"{HOVERS} hovers, {told['stops']} stops; p50 {p50:.0f}, most {most:.0f}"),
        Line("  the first question (the plan is made ready)", told["first"], "ms"),
    ]


# --- A change on another screen --------------------------------------------------------------------------------------

_SHOWN = """
([to]) => {
  const count = () => document.querySelector(`li.route-card[data-route="${to}"] .route-numbers`)?.textContent ?? "";
  const before = count();
  window.__shown = new Promise((tell) => {
    const watch = new MutationObserver(() => {
      if (count() === before) return;
      watch.disconnect();
      tell({ dom: performance.timeOrigin + performance.now() });
    });
    watch.observe(document.querySelector("#board-list"), { childList: true, subtree: true, characterData: true });
  });
}
"""
# Not looked for again and again: that would take processor time from what is measured.
_AWAITED = "() => Promise.race([window.__shown, new Promise((tell) => setTimeout(tell, 60_000, null))])"


def push(scene: Scene, title: str, browser: Browser | None = None) -> list[Line]:
    """One dispatcher moves a stop to another route; the other's card of that route shows one more."""
    mine, theirs = scene.context(browser), scene.context(browser)
    desk, other = scene.at_the_board(mine), scene.at_the_board(theirs)
    desk.wait_for_timeout(SETTLED_MS)
    day = scene.stack.demo["day"]
    rows = desk.evaluate(
        """async ([day, depot]) => {
          const board = await (await fetch(`/api/v1/board/?day=${day}&depot=${depot}`)).json();
          const later = board.routes.filter((row) => row.status === "distributed");
          return { routes: later, stops: board.stops.filter((row) => later.some((one) => one.id === row.route)) };
        }""",
        [day, scene.laid["depot"]],
    )
    routes, stops = rows["routes"], rows["stops"]
    whole, answer, after = [], [], []
    for number in range(EDITS):
        stop = stops[number * 5 % len(stops)]
        to = next(one for one in routes[number % len(routes) :] + routes if one["id"] != stop["route"])
        other.evaluate(_SHOWN, [to["id"]])
        body = {"changes": [{"stop": stop["id"], "shift": to["shift"], "position": 2}], "despite_locks": True}
        said = desk.evaluate(
            "([plan, body]) => window.__call(`plans/${plan}/edits/`, body)", [scene.laid["plan"], body])
        if said["status"] != 200:
            raise SystemExit(f"an edit was refused: {said['text'][:300]}")
        stop["route"] = to["id"]
        shown = other.evaluate(_AWAITED)
        if not shown:
            raise SystemExit(f"edit {number + 1} was not shown within a minute: {said}")
        whole.append(shown["dom"] - said["at"])
        answer.append(said["ms"])
        after.append(shown["dom"] - said["at"] - said["ms"])
        desk.wait_for_timeout(300)
    mine.close()
    theirs.close()
    told = f"{EDITS} edits; p50 {statistics.median(whole):.0f}, most {max(whole):.0f}"
    return [
        Line(f"push: edit to the other's screen, p95, {title}", quantile(whole, 0.95), "ms", 300, told),
        Line("  of it the edit's own answer, p50", statistics.median(answer), "ms", None,
             f"p95 {quantile(answer, 0.95):.0f}"),
        Line("  from the answer to the other's screen, p50", statistics.median(after), "ms", None,
             f"p95 {quantile(after, 0.95):.0f}"),
    ]


# --- Vans on the move ------------------------------------------------------------------------------------------------


def tasks(scene: Scene, seconds: float, title: str, browser: Browser | None = None) -> list[Line]:
    """Tasks of the page's main thread while all vans move, by the wall (`longtask`) and by its own processor time."""
    used = browser or scene.browser
    context = scene.context(used)
    page = scene.at_the_board(context)
    page.wait_for_timeout(SETTLED_MS)
    vans = scene.moving(seconds + 6)
    page.wait_for_timeout(3000)
    page.evaluate("() => { window.__long = []; }")
    used.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    load = os.getloadavg()[0]
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    before = metrics(session)
    page.wait_for_timeout(seconds * 1000)
    after = metrics(session)
    long = [ms for _, ms in page.evaluate("window.__long")]
    traced = json.loads(used.stop_tracing())["traceEvents"]
    told = vans.stop()
    context.close()
    own = long_tasks(traced)
    say(f"  {title}: {told}; load {load:.1f}")
    for task in own[:8]:
        say(f"    task {task['wall']:.0f} ms, {task['own']:.0f} ms of processor: {task['what']}")
    kept = told["fixes_a_second"] >= PACE * told["vans"] / 2
    busy = (after["TaskDuration"] - before["TaskDuration"]) / seconds * 100
    longest = max((task["own"] for task in own), default=0.0)
    return [
        Line(f"tasks over 100 ms, {told['vans']} vans, {seconds:.0f} s, {title}",
             sum(1 for ms in long if ms > LONG_MS), "", 0 if kept else None,
             f"{_pace(kept)}longest {max(long, default=0):.0f} ms, {len(long)} over 50 ms; "
             f"{told['fixes_a_second']} fixes a second"),
        Line("  of them with over 100 ms of processor", sum(1 for task in own if task["own"] > LONG_MS), "", None,
             f"longest {longest:.0f} ms"),
        Line("  main thread busy", busy, "%", None,
             f"script {(after['ScriptDuration'] - before['ScriptDuration']) / seconds * 100:.0f} %"),
    ]


def _pace(kept: bool) -> str:
    return "" if kept else "PACE NOT KEPT, no verdict; "


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own counters of the page since they were enabled, seconds and bytes."""
    return {row["name"]: float(row["value"]) for row in session.send("Performance.getMetrics")["metrics"]}


def long_tasks(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The main threads' tasks over 50 ms of a trace, longest first: wall and processor time, and what ran in them."""
    mains = {(one["pid"], one["tid"]) for one in events
             if one.get("name") == "thread_name" and one["args"].get("name") == "CrRendererMain"}  # fmt: skip
    by_thread = [one for one in events if one.get("ph") == "X" and (one["pid"], one["tid"]) in mains]
    runs = [one for one in by_thread if one["name"].endswith("RunTask") and one["dur"] > 50_000]
    found = []
    for run in runs:
        inside: Counter[str] = Counter()
        for one in by_thread:
            if run["ts"] <= one["ts"] < run["ts"] + run["dur"] and one is not run and one["dur"] > 2000:
                data = one.get("args", {}).get("data") or {}
                inside[f"{one['name']} {data.get('functionName') or ''}".strip()] += round(one["dur"] / 1000)
        what = ", ".join(f"{name} {ms} ms" for name, ms in inside.most_common(5))
        found.append({"wall": run["dur"] / 1000, "own": run.get("tdur", 0) / 1000, "what": what})
    return sorted(found, key=lambda task: -task["wall"])


# --- Memory ----------------------------------------------------------------------------------------------------------


def heap(scene: Scene, minutes: float, title: str, browser: Browser | None = None) -> list[Line]:
    """The page's heap after a collection of garbage, every ten seconds while all vans move."""
    context = scene.context(browser)
    page = scene.at_the_board(context)
    session = context.new_cdp_session(page)
    page.wait_for_timeout(5000)
    vans = scene.moving(minutes * 60 + 10)
    page.wait_for_timeout(5000)
    began, at, used = time.monotonic(), [], []
    while time.monotonic() - began < minutes * 60:
        session.send("HeapProfiler.collectGarbage")
        used.append(session.send("Runtime.getHeapUsage")["usedSize"] / 2**20)
        at.append((time.monotonic() - began) / 60)
        page.wait_for_timeout(10_000)
    told = vans.stop()
    context.close()
    kept = told["fixes_a_second"] >= PACE * told["vans"] / 2
    slope = statistics.linear_regression(at, used).slope if len(at) > 2 else 0.0
    return [
        Line(f"heap: growth a minute over {minutes:g} minutes, {title}", slope, "MB", 0.25 if kept else None,
             f"{_pace(kept)}{used[0]:.1f} MB at first, {used[-1]:.1f} at the end, most {max(used):.1f}; "
             f"{told['fixes_a_second']} fixes a second"),
    ]
