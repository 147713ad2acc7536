"""Files of Li and Lim: pickups and deliveries in pairs, with time windows (PDPTW)."""

from __future__ import annotations

from routing.instances import distances
from routing.instances.errors import InstanceError
from routing.instances.instance import Instance, check_size
from routing.instances.lines import Line, in_order, split

#: Whole units per unit of the file.
SCALE = 1000
_FIELDS = 9  # number, x, y, demand, earliest, latest, service, pickup sibling, delivery sibling


def read(name: str, text: str) -> Instance:
    """The instance a file describes; `InstanceError` with line and reason for anything else."""
    lines = split(text)
    if not lines:
        raise InstanceError("empty", "The file is empty.")
    head, rows = lines[0], lines[1:]
    head.want(3, "the fleet (number, capacity and speed)")
    fleet, capacity, speed = head.whole(0), head.whole(1), head.real(2)
    if speed != 1:
        raise InstanceError("unsupported", f"Line {head.number}: vehicles have the speed 1, not {head.words[2]}.")
    if not rows:
        raise InstanceError("no_depot", "The file has no depot: there are no places in it.")
    for row in rows:
        row.want(_FIELDS, "a place")
    check_size(len(rows))
    rows = [rows[at] for at in in_order([row.whole(0) for row in rows], "places")]
    distance = distances.matrix([(row.real(1), row.real(2)) for row in rows], distances.thousandths)
    return Instance(
        name=name,
        kind="pdptw",
        numbers=tuple(range(len(rows))),
        distance=distance,
        duration=distance,
        demand=tuple(row.whole(3) for row in rows),
        windows=tuple((SCALE * row.whole(4), SCALE * row.whole(5)) for row in rows),
        service=tuple(SCALE * row.whole(6) for row in rows),
        fleet=fleet,
        capacity=capacity,
        pairs=_pairs(rows),
    )


def _pairs(rows: list[Line]) -> tuple[tuple[int, int], ...]:
    """(pickup, delivery) by number, each named by both of its rows."""
    pairs = []
    for number, row in enumerate(rows[1:], 1):
        before, after = row.whole(7), row.whole(8)
        if bool(before) == bool(after) or not (0 <= before < len(rows) and 0 <= after < len(rows)):
            raise InstanceError(
                "bad_pair", f"Line {row.number}: place {number} names no other place as its pickup or delivery."
            )
        other = rows[before or after]
        if other.whole(8 if before else 7) != number:
            raise InstanceError(
                "bad_pair", f"Line {row.number}: place {number} names {before or after}, which does not name it back."
            )
        if after:
            pairs.append((number, after))
    return tuple(pairs)
