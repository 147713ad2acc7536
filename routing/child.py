"""Solve in a process of its own that can be killed: whatever happens in it, the caller gets a plan or a typed error.

OR-Tools holds the interpreter's lock through a search, so neither signals nor time limits reach a process that
solves; a second process does the searching, this one watches. What comes back is checked by the independent judge
before anyone sees it.

The answer is there a second or so after the budget, since what starting and reading take beyond a second is taken
from it. Only where the search has never been compiled on this machine does the clock begin anew when that is done
(`COMPILE_S` at the most).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from routing.solver.check import Fault, check
from routing.solver.plan import Plan, Unassigned
from routing.solver.problem import Problem, ProblemError, Travel, check_places
from routing.solver.reoptimize import REDISTRIBUTE, bounded
from routing.solver.search import Progress
from routing.solver.why import explain_unassigned
from routing.solver.wire import plan_from_json, plan_to_json, problem_to_json, to_text, travel_size, write_travel

#: What is started; reads a problem on stdin and writes plans on stdout as `routing.solver.__main__` says.
PROGRAM = (sys.executable, "-m", "routing.solver")
#: `on_progress` is called at least this often, with or without news.
HEARTBEAT_S = 0.8
#: How long a cancelled search may take to hand over its best plan before it is killed.
CANCEL_GRACE_S = 3.0
#: How long compiling (or waiting for another process that does) may take: a minute or two where nothing else runs.
COMPILE_S = 900.0
_ROOT = Path(__file__).resolve().parent.parent
_LAST_WORDS = 2_000
#: One thread for libraries that would take all cores, and few heaps: each reserves 64 MB of the address space.
_SURROUNDINGS = {
    "PYTHONPATH": str(_ROOT),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


@dataclass(frozen=True, slots=True)
class Near:
    """How much of a plan may change when it is re-optimised: see `routing.solver.reoptimize.bounded`."""

    scope: str = REDISTRIBUTE
    max_changes: int | None = None
    change_cents: int = 0
    changed: tuple[str, ...] = ()

    def bounded(self, problem: Problem, before: Plan) -> Problem:
        """The problem with these bounds as rules and prices."""
        return bounded(problem, before, **asdict(self))


class SolverFailed(RuntimeError):
    """The solving process ended without a plan (crash, out of memory, nonsense); `last_words` is its stderr's end."""

    def __init__(self, message: str, last_words: str = "") -> None:
        super().__init__(f"{message} {last_words}".strip())
        self.last_words = last_words


class SolverTimeout(SolverFailed):
    """The solving process was killed at its hard limit and had found nothing before."""


class PlanRejected(SolverFailed):
    """The answer breaks hard rules; `faults` says which. It is never handed on."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"The plan breaks {len(faults)} rules, first: {faults[0].message}")
        self.faults = tuple(faults)


@dataclass(slots=True)
class _Heard:
    """What the child has said so far."""

    progress: Progress | None = None
    answer: Plan | None = None
    error: ProblemError | None = None
    nonsense: str | None = None
    compiling_since: float | None = None
    ready_at: float | None = None


def solve_in_child(
    problem: Problem,
    travel: Travel,
    *,
    seconds: float,
    seed: int,
    initial: Plan | None = None,
    near: Near | None = None,
    on_progress: Callable[[Progress | None], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    grace_s: float = 5.0,
    memory_mb: int = 3000,
    threads: int = 1,
    program: Sequence[str] = PROGRAM,
) -> Plan:
    """The best plan found in `seconds` by `threads` side by side; killed without mercy at `seconds + grace_s`.

    `on_progress` is called at least every second with the best so far (None before there is one), so that callers
    can renew leases; an exception in it ends the child and is passed on. When `should_stop` says so the search ends
    and the best so far is returned. Raises `ProblemError` for a problem that contradicts itself, `SolverTimeout`,
    `SolverFailed`, or `PlanRejected` when the answer fails the check. A child that crashes or is killed after it
    reported a plan still gives that plan, with reasons for what it left out.

    With `near` the plan `initial` is re-optimised: it may break rules (it is mended), and the answer keeps the bounds.
    """
    check_places(problem, travel)
    if near is not None and initial is None:
        raise ValueError("There is no plan to stay near to.")
    if seconds <= 0:
        raise ProblemError("bad_budget", f"A search needs more than {seconds} seconds.")
    began = time.monotonic()
    order = {
        "seconds": seconds,
        "began": began,
        "seed": seed,
        "threads": threads,
        "memory_mb": memory_mb,
        "problem": problem_to_json(problem),
        "initial": None if initial is None else plan_to_json(initial),
        "near": None if near is None else asdict(near),
        "travel_bytes": travel_size(travel),
    }
    line = to_text(order).encode() + b"\n"
    child = subprocess.Popen(
        list(program),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env={**os.environ, **_SURROUNDINGS},
        start_new_session=True,
    )
    try:
        watch = _Watch(child, began, seconds + grace_s, on_progress, should_stop)
        timed_out = watch.run(line, travel)
    finally:
        _kill(child)
    if near is not None and initial is not None:
        problem = near.bounded(problem, initial)
    plan = _outcome(problem, travel, watch, child.returncode, timed_out)
    faults = check(problem, travel, plan)
    if faults:
        raise PlanRejected(faults)
    return plan


class _Watch:
    """Feeds the child, hears what it says, beats for the caller, and knows when enough is enough."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        began: float,
        limit_s: float,
        on_progress: Callable[[Progress | None], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.child, self.began, self.limit_s = child, began, limit_s
        self.on_progress, self.should_stop = on_progress, should_stop
        self.heard = _Heard()
        self.last_words = b""
        self._line = b""
        self._beat_at = began

    def run(self, line: bytes, travel: Travel) -> bool:
        """Until the child has closed its outputs; whether it had to be killed at its limit."""
        assert self.child.stdout and self.child.stderr
        feeder = threading.Thread(target=self._feed, args=(line, travel), daemon=True)
        feeder.start()
        asked = told = False
        asked_at = math.inf
        with selectors.DefaultSelector() as selector:
            selector.register(self.child.stdout, selectors.EVENT_READ, self._hear)
            selector.register(self.child.stderr, selectors.EVENT_READ, self._mourn)
            while selector.get_map():
                now = time.monotonic()
                kill_at = min(self._kill_at(), asked_at + CANCEL_GRACE_S)
                if now >= kill_at:
                    return not asked
                for key, _ in selector.select(timeout=min(0.2, kill_at - now)):
                    data = os.read(key.fd, 1 << 16)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
                if self.heard.answer or self.heard.error or self.heard.nonsense:
                    return False
                self._beat()
                if not asked and self.should_stop is not None and self.should_stop():
                    asked, asked_at = True, time.monotonic()
                if asked and not told and self.heard.progress is not None:  # before its first word it cannot listen
                    told = True
                    with contextlib.suppress(ProcessLookupError):
                        self.child.send_signal(signal.SIGTERM)
        return self._linger(min(self._kill_at(), asked_at + CANCEL_GRACE_S))

    def _kill_at(self) -> float:
        """When patience ends, as far as is known now."""
        if self.heard.ready_at is not None:
            return self.heard.ready_at + self.limit_s
        if self.heard.compiling_since is not None:
            return self.heard.compiling_since + COMPILE_S
        return self.began + self.limit_s

    def _linger(self, kill_at: float) -> bool:
        """The outputs are closed; wait for the end."""
        while time.monotonic() < kill_at:
            try:
                self.child.wait(timeout=min(0.2, max(0.01, kill_at - time.monotonic())))
            except subprocess.TimeoutExpired:
                self._beat()
            else:
                return False
        return True

    def _feed(self, line: bytes, travel: Travel) -> None:
        """In a thread of its own: a child that does not read must not stop the watch."""
        assert self.child.stdin
        with contextlib.suppress(BrokenPipeError, OSError, ValueError):
            self.child.stdin.write(line)
            write_travel(travel, cast(BinaryIO, self.child.stdin))
            self.child.stdin.close()

    def _hear(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            try:
                self._understand(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self.heard.nonsense = self.heard.nonsense or f"{type(error).__name__}: {error}"

    def _understand(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "progress":
            plan = plan_from_json(message["plan"])
            self.heard.progress = Progress(
                float(message["seconds"]), plan.costs.total, plan.assigned, len(plan.unassigned), plan
            )
            self._beat(news=True)
        elif kind == "plan":
            self.heard.answer = plan_from_json(message["plan"])
        elif kind == "compiling":
            self.heard.compiling_since = time.monotonic()
        elif kind == "ready":
            self.heard.ready_at = time.monotonic()
        elif kind == "error":
            self.heard.error = ProblemError(str(message["code"]), str(message["message"]), message["subject"])
        else:
            raise ValueError(f"unknown message {kind!r}")

    def _mourn(self, data: bytes) -> None:
        self.last_words = (self.last_words + data)[-_LAST_WORDS:]

    def _beat(self, *, news: bool = False) -> None:
        now = time.monotonic()
        if self.on_progress is None or not (news or now - self._beat_at >= HEARTBEAT_S):
            return
        self._beat_at = now
        self.on_progress(self.heard.progress and replace(self.heard.progress, seconds=now - self.began))


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and everything it started, and leave no pipe open."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError, OSError):
                pipe.close()


def _outcome(problem: Problem, travel: Travel, watch: _Watch, status: int, timed_out: bool) -> Plan:
    """The plan that the child's words and end amount to, or the error."""
    heard = watch.heard
    if heard.error is not None:
        raise heard.error
    if heard.answer is not None:
        return heard.answer
    if heard.nonsense is None and heard.progress is not None and heard.progress.plan.tours:
        return _with_reasons(problem, travel, heard.progress.plan)
    words = watch.last_words.decode(errors="replace").strip()
    if heard.nonsense is not None:
        raise SolverFailed(f"The solving process answered nonsense ({heard.nonsense}).", words)
    if timed_out:
        raise SolverTimeout("The solving process was killed at its time limit before it had found a plan.", words)
    if status < 0:
        raise SolverFailed(f"The solving process was ended by {signal.Signals(-status).name}.", words)
    raise SolverFailed(f"The solving process ended with status {status} and no plan.", words)


def _with_reasons(problem: Problem, travel: Travel, plan: Plan) -> Plan:
    """A plan that was cut short, with the reasons its author had no time to give."""
    until = time.monotonic() + 1.0
    reasons: list[Unassigned] = []
    for one in plan.unassigned:
        if time.monotonic() < until:
            reasons.append(explain_unassigned(problem, travel, plan, one.visit))
        else:
            reasons.append(Unassigned(one.visit, "not_explained", "The search was ended before it was placed."))
    return replace(plan, unassigned=tuple(reasons))
