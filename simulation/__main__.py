"""`python -m simulation`: plays the day that a demo.json describes."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from simulation.demo import Demo
from simulation.dispatcher import Failed
from simulation.door import Refusal
from simulation.play import Play, Wishes

STOPPED = 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    top.add_argument("--demo", type=Path, required=True, metavar="FILE.json", help="written by manage.py seed_demo")
    top.add_argument("--speed", type=float, default=10.0, metavar="N", help="times faster than life (default 10)")
    top.add_argument("--orders", type=Path, metavar="FILE", help="orders to hand in (default: those of demo.json)")
    top.add_argument("--first", type=int, default=300, metavar="N", help="rows of the file; 0 = all (default 300)")
    top.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed is the same day (default 1)")
    top.add_argument("--drivers", type=int, default=0, metavar="N", help="only so many drivers (default: all)")
    top.add_argument("--rate", type=float, default=20.0, metavar="N", help="most requests a second (default 20)")
    top.add_argument("--solve-seconds", type=int, metavar="N", help="the optimiser's budget (default: the server's)")
    top.add_argument("--summary", type=Path, metavar="FILE.json", help="also write the day's figures there")
    return top


def main(words: list[str] | None = None) -> int:
    """Play; 0 when the day was driven, 1 when it could not be, 130 when stopped."""
    given = parser().parse_args(words)
    if not 0.1 <= given.speed <= 1000:
        parser().error("--speed must be between 0.1 and 1000.")
    if given.rate <= 0 or given.first < 0 or given.drivers < 0:
        parser().error("--rate must be above 0, --first and --drivers not below it.")
    if given.orders is not None and not given.orders.is_file():
        parser().error(f"--orders: {given.orders} is not a file.")
    wishes = Wishes(given.speed, given.orders, given.first, given.seed, given.rate, given.drivers, given.solve_seconds)
    return asyncio.run(_played(Demo(given.demo), wishes, given.summary))


async def _played(demo: Demo, wishes: Wishes, summary: Path | None) -> int:
    task = asyncio.create_task(Play(demo, wishes, _say).run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, task.cancel)
    try:
        told = await task
    except asyncio.CancelledError:
        _say("Stopped.")
        return STOPPED
    except (Failed, Refusal) as error:
        _say(f"The day could not be played. {error}")
        return 1
    if summary:
        await asyncio.to_thread(summary.write_text, json.dumps(told, indent=2))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
