"""Parts of a large day planned side by side, each by a worker of its own, on whatever machine that runs.

The first optimisation of a day of many stops is cut into parts (`SOLVER_PARTS`), each an operation like any other; the
operation of the whole is set aside meanwhile. Whichever part ends last resumes it, and it plans on from all parts
together. Every step is a row, so a machine that dies costs time and nothing else: a part is queued again by the sweep,
and a whole whose parts take too long goes on without them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings

from core import clock, errors, operations
from core.actor import SYSTEM
from core.models import Operation
from dispatch import facts, parting, planning
from dispatch.models import Plan
from dispatch.travel import travel_between
from routing import child, solver

KIND = "solve_part"
SHARE = 0.5
"""How much of the time the parts get; the rest is for the whole."""
PATIENCE_S = 60
"""How much longer than planned the whole waits: for a free worker, for travel times, for one that died."""


def begin(job: operations.Job, day: planning.DayFacts, seconds: int) -> bool:
    """Start the parts of a large day and set the whole aside; False where one search is better."""
    parts = parting.parts_of(day, settings.SOLVER_PARTS)
    if len(parts) < 2:
        return False
    each = max(1, round(SHARE * seconds))
    now = clock.now()
    with job.scope():
        whole = job.locked()
        started = [
            operations.start(
                kind=KIND,
                queue=whole.queue,
                params={
                    "whole": str(whole.id),
                    "plan": job.params["plan"],
                    "seconds": each,
                    "stops": [stop.id for stop in part.stops],
                    "shifts": [shift.id for shift in part.shifts],
                },
                by=SYSTEM,
                at=now,
            )
            for part in parts
        ]
        job.set_aside(each + PATIENCE_S, {"parts": [str(one.id) for one in started]})
    return True


def found(job: operations.Job) -> dict[str, tuple[str, ...]] | None:
    """The stops of each shift that the parts found, as far as they have ended; None where there were no parts."""
    if "parts" not in job.params:
        return None
    sequences: dict[str, tuple[str, ...]] = {}
    with job.scope():
        for one in Operation.objects.filter(id__in=job.params["parts"], status="succeeded"):
            sequences |= {shift: tuple(stops) for shift, stops in (one.result or {})["sequences"].items()}
    return sequences


def run(job: operations.Job) -> None:
    """Plan one part. Ends with `{sequences, cost_cents, assigned}`; what goes wrong in it is left to the whole."""
    with job.scope():
        day = facts.of_plan(Plan.objects.get(id=UUID(job.params["plan"])))
    stops, shifts = set(job.params["stops"]), set(job.params["shifts"])
    day = replace(
        day,
        stops=tuple(stop for stop in day.stops if stop.id in stops),
        shifts=tuple(shift for shift in day.shifts if shift.id in shifts),
        sequences={},
    )
    plan = _planned(job, day) if day.stops and day.shifts else None
    with job.finish() as result:
        tours = plan.tours if plan is not None else ()
        result["sequences"] = {tour.vehicle: list(tour.visits) for tour in tours}
        result["cost_cents"] = planning.paid_cents(day, tours)
        result["assigned"] = sum(len(tour.visits) for tour in tours)
        whole = Operation.objects.select_for_update(of=("self",)).get(id=UUID(job.params["whole"]))
        others = Operation.objects.filter(id__in=whole.params["parts"]).exclude(id=job.operation_id)
        if not others.filter(status__in=["queued", "running"]).exists():
            operations.resume(whole.id)


def _planned(job: operations.Job, day: planning.DayFacts) -> solver.Plan | None:
    travel, _ = travel_between(day.points())
    stopped = False

    def tell(progress: solver.Progress | None) -> None:
        nonlocal stopped
        told: dict[str, Any] = {"phase": "solving", "budget_s": job.params["seconds"]}
        if progress is not None:
            told |= {
                "seconds": round(progress.seconds, 1),
                "cost_cents": planning.paid_cents(day, progress.plan.tours),
                "assigned": progress.assigned,
            }
        stopped = not job.progress(told) or not _show(job) or stopped

    try:
        return child.solve_in_child(
            planning.to_problem(day),
            travel,
            seconds=job.params["seconds"],
            seed=planning.SEED,
            on_progress=tell,
            should_stop=lambda: stopped,
            threads=settings.SOLVER_THREADS,
        )
    except (child.SolverFailed, solver.ProblemError, errors.Refused):
        return None  # the whole says what is wrong, in full


def _show(job: operations.Job) -> bool:
    """The progress of all parts as that of the whole; whether it is still wanted."""
    with job.scope():
        whole = Operation.objects.get(id=UUID(job.params["whole"]))
        parts = [one.progress for one in Operation.objects.filter(id__in=whole.params["parts"])]
    sums = {name: sum(part.get(name, 0) for part in parts) for name in ("cost_cents", "assigned")}
    seconds = max(part.get("seconds", 0) for part in parts)
    return operations.show(
        job.tenant_id, whole.id, {"phase": "solving", "parts": len(parts), "seconds": seconds, **sums}
    )
