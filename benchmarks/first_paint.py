"""How soon the board is on the screen of a dispatcher who opens it.

    python -m benchmarks.first_paint [--runs 5] [--extract FILE.osm.pbf --orders FILE.csv]

Chromium without a graphics card opens the board of a planned and distributed day of 200 orders, signed in, with an
empty and with a filled browser cache. Measured by the browser from the start of the navigation: first contentful paint,
first useful content (the first route's card with its driver and its numbers), and the map's first tiles drawn.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.pipeline import ORDERS, variant
from benchmarks.running import Api, arguments, machine, need, row, running, say
from tests.journeys.stack import Stack

GOAL_MS = 1500
_WATCH = """
window.__seen = {};
new MutationObserver(() => {
  if (!window.__seen.useful && document.querySelector("li.route-card .route-numbers")) {
    requestAnimationFrame(() => { window.__seen.useful ??= performance.now(); });
  }
  const canvas = document.querySelector("canvas.maplibregl-canvas");
  if (!window.__seen.canvas && canvas) window.__seen.canvas = performance.now();
}).observe(document, { childList: true, subtree: true });
"""


def prepare(stack: Stack, api: Api, orders: int = ORDERS) -> None:
    """Import, plan and distribute the day."""
    file, day = Path(stack.demo["orders"]), stack.demo["day"]
    api.hand_in(file.name, variant(file, orders, "paint"), day)
    api.located(day)
    plan = api.ask("POST", "plans/", json={"day": day, "depot": stack.demo["depot"]})
    api.ended(api.ask("POST", f"plans/{plan['id']}:optimize", json={"seconds": 10})["id"])
    api.ask("POST", f"plans/{plan['id']}:distribute")


def signed_in(browser: Browser, stack: Stack) -> BrowserContext:
    """A context with a session of the dispatcher's and nothing else."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{stack.base_url}/sign-in/?next=/organizations/")
    page.get_by_label("E-mail").fill(stack.demo["dispatcher"]["email"])
    page.get_by_label("Password").fill(stack.demo["dispatcher"]["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/organizations/")
    state = context.storage_state()
    context.close()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state)
    context.add_init_script(_WATCH)
    return context


def opened(context: BrowserContext, stack: Stack) -> dict[str, float]:
    """Open the board once; milliseconds from the start of the navigation."""
    page = context.new_page()
    page.goto(f"{stack.base_url}/board/?day={stack.demo['day']}")
    while not page.evaluate("!!(window.__seen.useful && window.__seen.canvas)"):  # the page's policy forbids eval
        page.wait_for_timeout(50)
    seen: dict[str, float] = page.evaluate(
        """() => ({ ...window.__seen,
             paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
             answer: performance.getEntriesByType("navigation")[0].responseEnd })"""
    )
    page.close()
    return seen


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.set_defaults(runs=5)
    given = parser.parse_args()
    say(machine())
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with running(given.extract, given.orders) as stack, sync_playwright() as playwright:
        prepare(stack, Api(stack))
        time.sleep(3)
        drawing = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=[*root, *drawing])
        say(f"Chromium {browser.version}; load now {os.getloadavg()[0]:.1f}")
        context = signed_in(browser, stack)
        opened(context, stack)  # the server is warm, and so is the browser's own start
        for title in ("empty cache", "filled cache"):
            seen = []
            for _ in range(given.runs):
                if title == "empty cache":
                    context.close()
                    context = signed_in(browser, stack)
                seen.append(opened(context, stack))
            for name, words in (
                ("answer", "HTML has arrived"), ("paint", "first contentful paint"),
                ("useful", "first useful content"), ("canvas", "map begins"),
            ):  # fmt: skip
                goal = GOAL_MS if name in ("paint", "useful") else None
                say(row(f"{title}: {words}", [one[name] for one in seen], "ms", goal))
        browser.close()


if __name__ == "__main__":
    main()
