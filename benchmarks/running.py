"""The product as real processes with a durable PostgreSQL, and medians of what is measured on it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from lastmile.local import paths, services
from tests.journeys.stack import Stack


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that every benchmark on the running product has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extract", type=Path, metavar="FILE.osm.pbf", help="a real place (default: a generated city)")
    parser.add_argument("--orders", type=Path, metavar="FILE.csv", help="its orders (default: made for the city)")
    parser.add_argument("--runs", type=int, default=3, help="how often each thing is measured (default %(default)s)")
    return parser


@contextmanager
def running(extract: Path | None, orders: Path | None) -> Iterator[Stack]:
    """The stack on a PostgreSQL of its own that writes to disk as in production; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lastmile-benchmark-"))
    base = paths.private().parent if os.geteuid() == 0 else folder
    home = base / f"{paths.NAME}-benchmark-{os.getpid()}"
    ports = {"postgres": paths.free_port()}
    ports["redis"] = paths.free_port()
    embedded = services.Services(home, ports, logs=folder)
    try:
        embedded.start()
        told = embedded.environment()
        stack = Stack(
            folder, owner_url=told["DATABASE_OWNER_URL"], app_url=told["DATABASE_URL"], extract=extract, orders=orders
        )
        stack.up()
        try:
            yield stack
        finally:
            stack.down()
    finally:
        embedded.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


class Api:
    """The JSON doors by the demonstration's key; every refusal ends the benchmark."""

    def __init__(self, stack: Stack) -> None:
        self.client = httpx.Client(
            base_url=f"{stack.base_url}/api/v1", headers={"Authorization": f"Bearer {stack.demo['api_key']}"},
            timeout=60, trust_env=False)  # fmt: skip

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """One request's JSON."""
        answer = self.client.request(method, f"/{path}", **more)
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def ended(self, operation: str, patience_s: float = 300) -> dict[str, Any]:
        """Wait for an operation's good end."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            row: dict[str, Any] = self.ask("GET", f"operations/{operation}/")
            if row["status"] == "succeeded":
                return row
            if row["status"] in ("failed", "cancelled"):
                raise SystemExit(f"{row['kind']} {row['status']}: {row['error']}")
            time.sleep(0.1)
        raise SystemExit(f"operation {operation} has not ended after {patience_s:g} s")

    def count(self, **query: Any) -> int:
        """Whether there is an order like this: 0 or 1 (lists are not counted)."""
        return len(self.ask("GET", "orders/", params={"limit": 1, **query})["results"])

    def hand_in(self, name: str, content: bytes, day: str) -> dict[str, Any]:
        """Import a file of orders; returns the ended operation."""
        told = self.ask("POST", "imports/", data={"day": day}, files={"file": (name, content, "text/csv")})
        return self.ended(told["operation"]["id"])

    def located(self, day: str, patience_s: float = 300) -> None:
        """Wait until no order of the day waits for its place."""
        until = time.monotonic() + patience_s
        while self.count(delivery_on=day, status="received"):
            if time.monotonic() > until:
                raise SystemExit(f"orders still wait for their place after {patience_s:g} s")
            time.sleep(0.1)


def machine() -> str:
    """What it ran on: processors, memory, versions, and how busy the machine was."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())  # fmt: skip
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} processors ({model}), {pages:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load before {load}"
    )


def row(title: str, values: Sequence[float], unit: str = "s", goal: float | None = None) -> str:
    """One line of the result: the median, all values, and how it stands to its goal."""
    median = statistics.median(values)
    digits = 0 if unit == "ms" else 1 if median >= 1 else 2
    told = f"{title:<46} {median:8.{digits}f} {unit}   of " + ", ".join(f"{value:.{digits}f}" for value in values)
    if goal is not None:
        told += f"   goal {goal:g} {unit}: {'met' if median <= goal else 'MISSED'}"
    return told


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def need(program: str) -> str:
    """The path of a program; ends with a sentence when it is not there."""
    found = shutil.which(program)
    if found is None:
        sys.exit(f"{program} is needed for this benchmark and was not found.")
    return found
