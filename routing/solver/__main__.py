"""The solving process: `python -m routing.solver`. A problem comes in on stdin, plans go out on stdout.

In: one line of JSON `{seconds, began, seed, threads, memory_mb, problem, initial|null, near|null, travel_bytes}`, then
that many bytes of matrices. `near`, `{max_changes, change_cents, scope, changed}`, says how far from `initial` the plan
may be; without it `initial` is a beginning and no more. `began` is when the budget began by the monotonic clock, which
processes of one machine share.

Out: one JSON object a line, `type` being compiling (where that was never done: the budget waits), ready (it begins
now), progress (a better plan), plan (the answer, the last line) or error (`code`, `message`, `subject`). SIGTERM ends
the search at its next step; the answer is then the best so far. The process dies with its parent and cannot use more
memory than it was given.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from types import FrameType
from typing import Any, BinaryIO

from routing.solver.problem import ProblemError
from routing.solver.reoptimize import reoptimize
from routing.solver.search import Progress, solve
from routing.solver.warm import is_ready, prepare
from routing.solver.wire import plan_from_json, plan_to_json, problem_from_json, read_travel, to_text

_PR_SET_PDEATHSIG = 1
#: Starting and reading the problem may take so long on top of the budget; what takes longer is taken from it, but for
#: this share, which is spent on solving however late it is.
_START_S, _LEAST_SHARE = 1.0, 0.25


def main(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Read one problem, write plans; 0 when there is an answer, 2 when the problem is wrong."""
    _die_with_parent()
    stop: list[bool] = []

    def on_term(number: int, frame: FrameType | None) -> None:
        stop.append(True)

    signal.signal(signal.SIGTERM, on_term)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def say(**message: Any) -> None:
        outgoing.write(to_text(message).encode() + b"\n")
        outgoing.flush()

    def on_progress(progress: Progress) -> None:
        say(type="progress", seconds=round(progress.seconds, 3), plan=plan_to_json(progress.plan))

    try:
        order = json.loads(incoming.readline())
        _limit_memory(int(order["memory_mb"]))
        began = float(order["began"])
        if not is_ready():
            say(type="compiling")
            prepare()
            began = time.monotonic()
            say(type="ready")
        problem = problem_from_json(order["problem"])
        initial = None if order["initial"] is None else plan_from_json(order["initial"])
        travel = read_travel(incoming, int(order["travel_bytes"]))
        seconds = float(order["seconds"])
        how: dict[str, Any] = {
            "seconds": min(seconds, max(_LEAST_SHARE * seconds, seconds + _START_S - (time.monotonic() - began))),
            "seed": int(order["seed"]),
            "progress": on_progress,
            "should_stop": lambda: bool(stop),
            "threads": int(order["threads"]),
        }
        if order["near"] is None or initial is None:
            plan = solve(problem, travel, initial=initial, **how)
        else:
            plan = reoptimize(problem, travel, initial, **order["near"], **how)
    except ProblemError as error:
        say(type="error", code=error.code, message=str(error), subject=error.subject)
        return 2
    say(type="plan", plan=plan_to_json(plan))
    return 0


def _die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent is gone (Linux; elsewhere the parent's care must do)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went between the two calls
        os._exit(1)


def _limit_memory(megabytes: int) -> None:
    """Bound the address space, so that a problem too large fails alone instead of taking the machine along."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
