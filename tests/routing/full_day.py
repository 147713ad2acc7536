"""One small day in which every feature of the solver is used, and a good plan of it."""

from __future__ import annotations

import numpy as np

from routing.solver import (
    Break,
    Lock,
    Overtime,
    Pair,
    Plan,
    Prices,
    Problem,
    Reload,
    Slot,
    Travel,
    Vehicle,
    Visit,
    Window,
)
from tests.routing.laid_plans import written
from tests.routing.timing_oracle import laid

#: Where the places lie on one long road, in hundreds of seconds from the depot.
_ALONG = (0, 1, 2, 3, 5, 6, 7, 8, 4, 10, 9, 11)


def full_day() -> tuple[Problem, Travel, Plan]:
    """Van one: a, p, b, the depot, d, q, e, c with a break in two parts; van two, under way: x, y, z; w is left out."""
    at = np.array(_ALONG)
    seconds = (np.abs(at[:, None] - at[None]) * 100 + 7 * (at[:, None] < at[None])).astype(np.int32)
    travel = Travel(seconds, (seconds * 10 + 1).astype(np.int32), (Slot(2500, (seconds * 3 // 2).astype(np.int32)),))

    def visit(name: str, place: int, **others: object) -> Visit:
        given: dict[str, object] = {"service_s": 60, "load": (0, 0)} | others
        return Visit(id=name, place=place, **given)  # type: ignore[arg-type]

    visits = (
        visit("a", 1, load=(4, 1), windows=(Window(300, 500),), familiar=frozenset({"one", "two"})),
        visit("p", 2, skills=frozenset({"crane"}), zone="north"),
        visit("b", 3, load=(5, 1), parcels=4, familiar=frozenset({"two"}), zone="south"),
        visit("d", 4, load=(6, 2), windows=(Window(0, 600), Window(2000, 3200)), zone="north"),
        visit("q", 5, allowed_vehicles=frozenset({"one", "two"})),
        visit("e", 6, load=(2, 0), windows=(Window(0, 2400),), late_cents_per_hour=1800),
        visit("c", 7, pickup=(3, 1)),
        visit("x", 9, load=(3, 0), aboard="two", windows=(Window(500, 4000),)),
        visit("y", 10, zone="south"),
        visit("z", 11, pickup=(1, 1)),
        visit("w", 8, allowed_vehicles=frozenset()),
    )
    one = Vehicle(
        id="one",
        start_place=0,
        end_place=0,
        shift=Window(0, 3600),
        capacity=(10, 5),
        skills=frozenset({"crane"}),
        fixed_cents=3000,
        cents_per_hour=2500,
        cents_per_km=45,
        breaks=(Break(600, 1500, 900, (600, 300)),),
        overtime=Overtime(2400, 1200),
        max_visits=7,
        max_metres=50_000,
        max_duration_s=6000,
        initial_load=(0, 1),
        reloads=(Reload(8, 120, (Window(0, 3000),)),),
        max_reloads=1,
        service_percent=150,
        parcel_s=5,
        zones=frozenset({"north"}),
    )
    two = Vehicle(
        id="two",
        start_place=10,
        end_place=None,
        shift=Window(0, 7200),
        capacity=(8, 8),
        cents_per_hour=1800,
        under_way=True,
        breaks=(Break(9000, 9600, 600),),
        zones=frozenset({"south"}),
        zones_hard=True,
    )
    problem = Problem(
        visits,
        (one, two, Vehicle(id="three", start_place=0, end_place=0, shift=Window(0, 7200), capacity=(9, 9))),
        ("kg", "pcs"),
        20_000,
        pairs=(Pair("p", "q", (2, 1)),),
        locks=(
            Lock("driver", "two", ("x",)),
            Lock("order", "one", ("a", "d", "c")),
            Lock("position", "one", ("b",), 2),
        ),
        together=(frozenset({"d", "e"}),),
        apart=(frozenset({"a", "x"}),),
        before={"a": "one", "e": "two", "x": "two", "w": "two"},
        max_changes=1,
        prices=Prices(unfamiliar_cents=150, out_of_zone_cents=250, change_cents=350, balance_cents_per_hour=400),
    )
    tours = [laid(problem, travel, 0, (0, 1, 2, 11, 3, 4, 5, 6)), laid(problem, travel, 1, (7, 8, 9))]
    return problem, travel, written(problem, [tour for tour in tours if tour is not None])
