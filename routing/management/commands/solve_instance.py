"""`manage.py solve_instance`: solves a public instance and says in one JSON line how well. Needs no service."""

import contextlib
import inspect
import json
import math
import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing import solver
from routing.instances import Instance, InstanceError, judging, model, read, read_text, solution
from routing.instances.modelling import routes
from routing.solver import Plan, Problem, Progress, Travel, warm

#: Longest search that can be asked for, seconds.
LONGEST_S = 86_400.0
#: The search is asked to be done so much before the budget's end (share and most, seconds): the answer is written then.
WRITING_SHARE, WRITING_S = 0.03, 0.1
#: So much before the end (likewise) the best plan reported is taken, whether the search has returned or not.
LAST_CALL_SHARE, LAST_CALL_S = 0.01, 0.04
#: After a signal the search may take this long to return.
STOP_GRACE_S = 1.0
#: When the answer is out, a search that is still running gets this long to end in order.
END_GRACE_S = 2.0
#: Exit codes: the arguments or the file are wrong; the solution breaks a rule, or there is none.
WRONG, INCOMPLETE = 2, 1


class Command(BaseCommand):
    """Reads FILE, solves it for S seconds, writes a VRPLIB solution and one JSON line {cost, routes, seconds, engine}.

    The time counts from the start of the solve, with modules loaded and the instance read, to the solution written.
    SIGINT and SIGTERM end the search early; the best so far is the answer.
    """

    help = "Solve a Solomon, Gehring-Homberger, Li-Lim or CVRPLIB instance; one JSON line says how well."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the budget, and where to write."""
        parser.add_argument("file", type=Path, help="the instance")
        parser.add_argument("--seconds", type=float, required=True, help="wall time from instance read to answer")
        parser.add_argument("--seed", type=int, default=0, help="of the search (default %(default)s)")
        parser.add_argument("--threads", type=int, default=1, help="processor cores to use (default %(default)s)")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.sol", help="the solution to write")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, solve, write, say."""
        seconds, seed, threads, out = (options[name] for name in ("seconds", "seed", "threads", "out"))
        if not (math.isfinite(seconds) and 0 < seconds <= LONGEST_S):
            raise CommandError(f"--seconds must be more than 0 and at most {LONGEST_S:.0f}.", returncode=WRONG)
        if not 0 <= seed < 2**32:
            raise CommandError("--seed must be between 0 and 4294967295.", returncode=WRONG)
        if not 1 <= threads <= 1024:
            raise CommandError("--threads must be between 1 and 1024.", returncode=WRONG)
        if out.is_dir() or not os.access(out.parent, os.W_OK):
            raise CommandError(f"{out} cannot be written.", returncode=WRONG)
        stop = threading.Event()
        with _signals(stop):
            try:
                instance = read(options["file"])
                _warm_up(seed, threads)
                began = time.monotonic()
                problem, travel = model(instance)
            except InstanceError as error:
                raise CommandError(str(error), returncode=WRONG) from error
            except MemoryError as error:
                raise CommandError("The instance does not fit into memory.", returncode=WRONG) from error
            search = _Search(problem, travel, began, seconds, seed, threads, stop)
            plan = search.plan()
            if plan is None:
                raise CommandError(f"No plan was found. {search.failure}".strip(), returncode=INCOMPLETE)
            faults = self._answer(instance, problem, plan, search, out)
        search.finish(INCOMPLETE if faults else 0)
        if faults:
            raise CommandError(f"The solution breaks {len(faults)} rules. {faults[0]}", returncode=INCOMPLETE)

    def _answer(self, instance: Instance, problem: Problem, plan: Plan, search: "_Search", out: Path) -> list[str]:
        """Write the solution and the line; what is wrong with the solution comes back."""
        driven = routes(problem, plan)
        try:
            solution.write(out, instance, driven)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.", returncode=WRONG) from error
        line = {
            "cost": solution.cost(instance, driven),
            "routes": len(driven),
            "seconds": round(time.monotonic() - search.began, 3),
            "engine": "+".join(getattr(plan, "engines", ())) or "lastmile",
        }
        self.stdout.write(json.dumps(line))
        self.stdout.flush()
        if search.failure:
            self.stderr.write(f"The search ended early. {search.failure}")
        return judging.faults(instance, driven)


class _Search:
    """A search in a thread of its own, so that the budget and the signals are kept whatever it is doing."""

    def __init__(
        self,
        problem: Problem,
        travel: Travel,
        began: float,
        seconds: float,
        seed: int,
        threads: int,
        stop: threading.Event,
    ) -> None:
        self.began = began
        self.failure = ""
        self._stop, self._seconds = stop, seconds
        self._result: Plan | None = None
        self._best: Plan | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(problem, travel, seed, threads), daemon=True)
        self._thread.start()

    def plan(self) -> Plan | None:
        """The answer, by the end of the budget: what the search returned, else the best that it reported."""
        deadline = self.began + self._seconds - min(LAST_CALL_S, LAST_CALL_SHARE * self._seconds)
        stopped_at: float | None = None
        while not self._done.is_set():
            now = time.monotonic()
            if self._stop.is_set() and stopped_at is None:
                stopped_at = now
                deadline = min(deadline, now + STOP_GRACE_S)
            if now >= deadline:
                if self._best is not None:
                    break
                if now >= deadline + END_GRACE_S:
                    self._stop.set()
                    return None
            self._done.wait(min(0.05, max(0.002, deadline - now)))
        self._stop.set()
        return self._result or self._best

    def finish(self, code: int) -> None:
        """Wait for the search to end; a search that does not is left behind with the process."""
        self._thread.join(END_GRACE_S)
        if self._thread.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _run(self, problem: Problem, travel: Travel, seed: int, threads: int) -> None:
        budget = self._seconds - min(WRITING_S, WRITING_SHARE * self._seconds) - (time.monotonic() - self.began)
        try:
            self._result = solver.solve(
                problem,
                travel,
                seconds=max(budget, 0.01),
                seed=seed,
                progress=self._hear,
                should_stop=self._stop.is_set,
                **_threads(threads),
            )
        except Exception as error:  # what was found before is still an answer, and the sentence says what happened
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            self._done.set()

    def _hear(self, progress: Progress) -> None:
        best = self._best
        if best is None or (progress.unassigned, progress.cost_cents) <= (len(best.unassigned), best.costs.total):
            self._best = progress.plan


def _threads(count: int) -> dict[str, Any]:
    """The search's argument for the number of cores, if it has one."""
    return {"threads": count} if "threads" in inspect.signature(solver.solve).parameters else {}


def _warm_up(seed: int, threads: int) -> None:
    """Compile the search if that was never done, and solve something tiny: all is loaded when the clock starts."""
    warm.prepare()
    problem, travel = model(read_text("tiny", _TINY))
    with contextlib.suppress(Exception):  # what is wrong will show in the solve itself, where it is reported
        solver.solve(problem, travel, seconds=0.2, seed=seed, **_threads(threads))


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """While it lasts SIGINT and SIGTERM set `stop`; nothing changes outside of a process's main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


#: Two pairs with time windows.
_TINY = """\
2 10 1
0 0 0 0 0 100 0 0 0
1 3 4 5 0 90 1 0 2
2 6 8 -5 0 90 1 1 0
3 0 5 7 0 90 1 0 4
4 5 0 -7 0 90 1 3 0
"""
