"""A van with its driver for one shift."""

from __future__ import annotations

from dataclasses import dataclass

from routing.solver.visit import Window


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `duration_s` that begins in [earliest_s, latest_s], driving interrupted, never during service.

    It is due in a tour that is on the road before `earliest_s + duration_s` and still after `latest_s`;
    a tour that begins later or ends sooner leaves room for the rest outside working time. With `parts` (which add
    up to `duration_s`) it may be split into these, in this order; each part is then a rest of its own with the same
    window.
    """

    earliest_s: int
    latest_s: int
    duration_s: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Overtime:
    """Work after the shift's end: at most `max_s`, each hour for `cents_per_hour` on top of the usual rate."""

    max_s: int
    cents_per_hour: int


@dataclass(frozen=True, slots=True)
class Reload:
    """A depot where the van can unload what was collected and load its next trip, in `service_s`.

    `windows` say when loading may begin (none: any time).
    """

    place: int
    service_s: int = 0
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A van with its driver for one shift.

    `start_place` is a depot, or with `under_way` the place where the van is now: then it carries only what visits
    have `aboard` of it, and reaches anything else through one of its `reloads`. At most `max_reloads` are made.
    `end_place` None means that the tour ends where its last visit ends. Paid time runs from departure to the
    end of the tour, waiting and breaks included; `max_duration_s` bounds the same span. `initial_load` is
    aboard from the start and stays there. A vehicle that is not used costs nothing.

    `service_percent` and `parcel_s` make service shorter or longer than planned for the usual van. `zones` are where
    it works (None: everywhere): visits of other zones cost extra, or with `zones_hard` are not made.
    """

    id: str
    start_place: int
    end_place: int | None
    shift: Window
    capacity: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    fixed_cents: int = 0
    cents_per_hour: int = 0
    cents_per_km: int = 0
    breaks: tuple[Break, ...] = ()
    overtime: Overtime | None = None
    max_visits: int | None = None
    max_metres: int | None = None
    max_duration_s: int | None = None
    initial_load: tuple[int, ...] | None = None
    under_way: bool = False
    reloads: tuple[Reload, ...] = ()
    max_reloads: int = 0
    service_percent: int = 100
    parcel_s: int = 0
    zones: frozenset[str] | None = None
    zones_hard: bool = False
