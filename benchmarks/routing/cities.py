"""Generated city days: a depot, addresses around it, delivery windows, vans with breaks, skills and overtime."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.solver import Break, Overtime, Problem, Travel, Vehicle, Visit, Window

_HOUR = 3600
#: Speed on the generated roads, and how much longer they are than the straight line.
_METRES_PER_SECOND = 25 / 3.6
_DETOUR = 1.35


def roads(at: npt.NDArray[np.float64], chance: np.random.Generator) -> Travel:
    """Travel at 25 km/h between points (metres), each way by itself up to 15 % longer than a usual detour.

    Row by row: with 10,000 places a matrix of floats is 800 MB.
    """
    metres = np.empty((len(at), len(at)), np.int32)
    seconds = np.empty_like(metres)
    for number, point in enumerate(at):
        away = np.hypot(*(point - at).T) * _DETOUR * chance.uniform(1, 1.15, len(at))
        away[number] = 0
        metres[number] = away.astype(np.int32)
        seconds[number] = (metres[number] / _METRES_PER_SECOND).astype(np.int32)
    return Travel(seconds, metres)


def city_day(stops: int, *, seed: int = 1, rich: bool = True, vans: int | None = None) -> tuple[Problem, Travel]:
    """A day of `stops` visits, of which 70 % have windows of 1–4 h; the same seed gives the same day.

    `rich`: 2–10 min service, lunch breaks, a tenth of the visits needs a cooled van, a tenth may be late at a
    price, overtime. Otherwise 15 min service and hard windows alone.
    """
    chance = np.random.default_rng(seed)
    at = chance.normal(0, 4000, (stops + 1, 2))
    at[0] = (1500, -800)
    travel = roads(at, chance)
    visits = []
    for place in range(1, stops + 1):
        windows: tuple[Window, ...] = ()
        if chance.random() < 0.7:
            length = int(chance.integers(1, 5)) * _HOUR
            start = int(chance.integers(8 * _HOUR, 18 * _HOUR - length))
            there_s, back_s = int(travel.seconds[0, place]), int(travel.seconds[place, 0])
            # Nobody is promised a time at which no van can be there, or be back from.
            start = max(8 * _HOUR + there_s - length, min(start, 18 * _HOUR - back_s - 900))
            windows = (Window(start, start + length),)
        visits.append(
            Visit(
                id=f"v{place}",
                place=place,
                windows=windows,
                service_s=int(chance.integers(120, 600)) if rich else 900,
                load=(int(chance.integers(1, 30)), int(chance.integers(1, 100))),
                skills=frozenset({"fridge"}) if rich and chance.random() < 0.1 else frozenset(),
                late_cents_per_hour=3000 if rich and windows and chance.random() < 0.1 else None,
            )
        )
    fleet = tuple(
        Vehicle(
            id=f"van{number}",
            start_place=0,
            end_place=0,
            shift=Window(8 * _HOUR, 18 * _HOUR),
            capacity=(400, 1500),
            skills=frozenset({"fridge"}) if number % 4 == 0 else frozenset(),
            fixed_cents=3000,
            cents_per_hour=2500,
            cents_per_km=45,
            breaks=(Break(11 * _HOUR, 14 * _HOUR, 1800),) if rich else (),
            overtime=Overtime(_HOUR, 1200) if rich else None,
        )
        for number in range(vans or max(2, stops // 12))
    )
    return Problem(tuple(visits), fleet, ("kg", "litres")), travel
