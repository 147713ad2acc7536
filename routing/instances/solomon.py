"""Files of Solomon and of Gehring and Homberger: deliveries with time windows (VRPTW)."""

from __future__ import annotations

from routing.instances import distances
from routing.instances.errors import InstanceError
from routing.instances.instance import Instance, check_size
from routing.instances.lines import Line, in_order, split

_FIELDS = 7  # number, x, y, demand, ready time, due date, service time


def read(name: str, text: str) -> Instance:
    """The instance a file describes; `InstanceError` with line and reason for anything else."""
    fleet: Line | None = None
    rows: list[Line] = []
    section = ""
    for line in split(text)[1:]:  # the first line is the name
        first = line.words[0].upper()
        if first in ("VEHICLE", "CUSTOMER"):
            section = first
        elif first in ("NUMBER", "CUST"):
            continue
        elif section == "VEHICLE" and fleet is None:
            line.want(2, "the fleet (number and capacity)")
            fleet = line
        elif section == "CUSTOMER":
            line.want(_FIELDS, "a customer")
            rows.append(line)
        else:
            raise InstanceError("bad_line", f"Line {line.number} belongs to no section: {line.shown()}.")
    if fleet is None:
        raise InstanceError("no_vehicles", "The file does not say how many vehicles there are.")
    if not rows:
        raise InstanceError("no_depot", "The file has no depot: the list of customers is missing.")
    check_size(len(rows))
    rows = [rows[at] for at in in_order([row.whole(0) for row in rows], "customers")]
    distance = distances.matrix([(row.real(1), row.real(2)) for row in rows], distances.tenths)
    return Instance(
        name=name,
        kind="vrptw",
        numbers=tuple(range(len(rows))),
        distance=distance,
        duration=distance,
        demand=tuple(row.whole(3) for row in rows),
        windows=tuple((int(10 * row.real(4)), int(10 * row.real(5))) for row in rows),
        service=tuple(int(10 * row.real(6)) for row in rows),
        fleet=fleet.whole(0),
        capacity=fleet.whole(1),
    )
