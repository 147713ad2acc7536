"""After one visit is put in, the nodes of a tour know exactly what they would know had all been worked out anew."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from routing.solver import Problem, Travel
from routing.solver.kernel.grow import grown
from routing.solver.kernel.layout import RICH, VISITS, Data
from routing.solver.kernel.state import COUNT, State, first_sentinel, fresh, link, refresh
from routing.solver.kernel.timing import OUT_SIZE, room
from routing.solver.schedule import Scheduler
from tests.routing.rich_cases import rich_problems

#: Features with which a problem is not rich; a rich one, or units for who makes a visit, are `refresh`'s own affair.
PLAIN = (
    *("windows", "service", "overtime", "late_shift", "max_metres", "max_duration", "open_end", "two_depots"),
    *("unreachable", "rates", "service_percent", "parcels", "skills"),
    *("loads", "two_dimensions", "pickups", "initial_load", "aboard"),
)


def _known(z: State) -> list[np.ndarray]:
    return [
        array.copy() for array in (z.nxt, z.prv, z.owner, z.pos, z.fwd, z.bwd, z.load, z.peak, z.rest, z.tour, z.open)
    ]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems(max_visits=7, max_vehicles=2, min_visits=2, features=PLAIN), st.randoms(use_true_random=False))
def test_grown_knows_what_refresh_knows(case: tuple[Problem, Travel], lot: object) -> None:
    problem, travel = case
    data: Data = Scheduler(problem, travel).data
    assert not data.glob[RICH] and not data.extra.size
    z = fresh(data)
    buffer, out, table = np.zeros(data.node.shape[0], np.int32), np.zeros(OUT_SIZE, np.int64), room()
    put_in = 0
    for visit in range(int(data.glob[VISITS])):
        van = lot.randrange(len(problem.vehicles))  # type: ignore[attr-defined]
        after = first_sentinel(data, van)
        for _ in range(lot.randint(0, int(z.tour[van, COUNT]))):  # type: ignore[attr-defined]
            after = int(z.nxt[after])
        before = _known(z)
        link.py_func(z, visit, after)
        fine = grown(data, z, van, visit)
        now = _known(z)
        assert refresh(data, z, van, buffer, out, table) == fine
        if fine:
            put_in += 1
            for mine, theirs in zip(now, _known(z), strict=True):
                assert np.array_equal(mine, theirs)
            continue
        z.nxt[z.prv[visit]], z.prv[z.nxt[visit]], z.owner[visit] = z.nxt[visit], z.prv[visit], -1
        assert refresh(data, z, van, buffer, out, table)
        for was, again in zip(before[:3], _known(z)[:3], strict=True):
            assert np.array_equal(was[was >= 0], again[was >= 0])
    event(f"{put_in} put in")
