"""Files of CVRPLIB: capacity alone, with coordinates or with a matrix of their own (TSPLIB 95's keywords).

A file with DISTANCE limits the length of a route, SERVICE_TIME at each customer counted in; one with VEHICLES limits
the fleet. Time windows and several depots are refused by name rather than overlooked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np

from routing.instances import distances
from routing.instances.errors import InstanceError
from routing.instances.instance import Instance, IntMatrix, check_size
from routing.instances.lines import Line, real, split

#: When nothing in the file has a time, vehicles may be on the road this long.
DAY = 86_400
_ROUNDINGS: dict[str, distances.Rounding] = {
    "EUC_2D": distances.nearest,
    "CEIL_2D": distances.upwards,
    "FLOOR_2D": distances.downwards,
    "MAN_2D": distances.blocks,
    "MAX_2D": distances.largest,
    "ATT": distances.pseudo,
}
_SECTIONS = {"NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION"}
_ENTRY = re.compile(r"([A-Za-z_]+)\s*:\s*(.*)")


@dataclass(slots=True)
class _File:
    entries: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[Line]] = field(default_factory=dict)

    def whole(self, keyword: str) -> int:
        if keyword not in self.entries:
            raise InstanceError("bad_header", f"The file does not say its {keyword}.")
        value = real(self.entries[keyword], keyword)
        if value != int(value):
            raise InstanceError("bad_number", f"{keyword}: {self.entries[keyword][:40]!r} should be a whole number.")
        return int(value)

    def section(self, name: str) -> list[Line]:
        if name not in self.sections:
            raise InstanceError("truncated", f"The file has no {name}.")
        return self.sections[name]


def read(name: str, text: str) -> Instance:
    """The instance a file describes; `InstanceError` with line and reason for anything else."""
    file = _parsed(text)
    if (kind := file.entries.get("TYPE", "CVRP").split()[:1]) not in (["CVRP"], ["DCVRP"], ["ACVRP"]):
        raise InstanceError("unsupported", f"TYPE is {' '.join(kind) or 'empty'}; CVRP is what can be read.")
    nodes = file.whole("DIMENSION")
    check_size(nodes)
    depot = _depot(file, nodes)
    order = [depot, *(node for node in range(nodes) if node != depot)]  # places, as nodes counted from 0
    distance = _distance(file, nodes)
    if depot:
        distance = np.ascontiguousarray(distance[np.ix_(order, order)])
    demand = [row.whole(1) for row in _by_node(file, "DEMAND_SECTION", nodes, 2)]
    capacity = file.whole("CAPACITY")
    if capacity <= 0:
        raise InstanceError("too_heavy", f"A vehicle's CAPACITY is {capacity}.")
    fleet = file.whole("VEHICLES") if "VEHICLES" in file.entries else math.ceil(1.3 * sum(demand) / capacity) + 3
    service, limit = _limit(file)
    return Instance(
        name=name,
        kind="cvrp",
        numbers=tuple(order),
        distance=distance,
        duration=np.zeros(distance.shape, np.int32) if limit is None else distance,
        demand=tuple(demand[node] for node in order),
        windows=((0, DAY if limit is None else limit), *(None for _ in order[1:])),
        service=(0, *(service for _ in order[1:])),
        fleet=fleet,
        capacity=capacity,
    )


def _parsed(text: str) -> _File:
    file = _File()
    current: list[Line] | None = None
    for line in split(text):
        first = line.words[0].upper()
        if first == "EOF":
            break
        if first.rstrip(":").endswith("_SECTION"):
            section = first.rstrip(":")
            if section not in _SECTIONS:
                raise InstanceError("unsupported", f"Line {line.number}: {section[:40]} cannot be read.")
            if section in file.sections:
                raise InstanceError("bad_line", f"Line {line.number}: there is a second {section}.")
            current = file.sections[section] = []
        elif match := _ENTRY.fullmatch(" ".join(line.words)):
            file.entries[match[1].upper()] = match[2].strip()
        elif current is not None:
            current.append(line)
        else:
            raise InstanceError("bad_line", f"Line {line.number} belongs to no section: {line.shown()}.")
    return file


def _by_node(file: _File, section: str, nodes: int, values: int) -> list[Line]:
    """The lines of a section in order of their nodes, each node from 1 to `nodes` once."""
    rows: dict[int, Line] = {}
    for line in file.section(section):
        line.want(values, f"a line of {section}")
        node = line.whole(0)
        if node in rows:
            raise InstanceError("duplicate_number", f"Line {line.number}: node {node} is in {section} twice.")
        if not 1 <= node <= nodes:
            raise InstanceError("bad_number", f"Line {line.number}: there is no node {node}, DIMENSION is {nodes}.")
        rows[node] = line
    missing = next((node for node in range(1, nodes + 1) if node not in rows), None)
    if missing is not None:
        raise InstanceError("truncated", f"{section} has {len(rows)} nodes of {nodes}: node {missing} is missing.")
    return [rows[node] for node in range(1, nodes + 1)]


def _depot(file: _File, nodes: int) -> int:
    """The depot's node, counted from 0."""
    named = [(line, at) for line in file.section("DEPOT_SECTION") for at in range(len(line.words))]
    depots = []
    for line, at in named:
        if (node := line.whole(at)) == -1:
            break
        if not 1 <= node <= nodes:
            raise InstanceError("no_depot", f"Line {line.number}: the depot is node {node}, DIMENSION is {nodes}.")
        depots.append(node - 1)
    if not depots:
        raise InstanceError("no_depot", "DEPOT_SECTION names no depot.")
    if len(depots) > 1:
        raise InstanceError("two_depots", f"DEPOT_SECTION names {len(depots)} depots; one is what can be read.")
    return depots[0]


def _limit(file: _File) -> tuple[int, int | None]:
    """Service time at each customer, and how long a route may be (None: any length)."""
    if "DISTANCE" not in file.entries:
        return 0, None
    limit = math.floor(real(file.entries["DISTANCE"], "DISTANCE"))
    service = math.ceil(real(file.entries.get("SERVICE_TIME", "0"), "SERVICE_TIME"))
    if limit < 0:
        raise InstanceError("negative_amount", f"DISTANCE is {limit}.")
    return service, limit


def _distance(file: _File, nodes: int) -> IntMatrix:
    kind = file.entries.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind == "EXPLICIT":
        return _explicit(file, nodes)
    if kind != "GEO" and kind not in _ROUNDINGS:
        raise InstanceError("unsupported", f"EDGE_WEIGHT_TYPE {kind[:40]!r} cannot be read.")
    points = [(row.real(1), row.real(2)) for row in _by_node(file, "NODE_COORD_SECTION", nodes, 3)]
    return distances.geo(points) if kind == "GEO" else distances.matrix(points, _ROUNDINGS[kind])


def _explicit(file: _File, nodes: int) -> IntMatrix:
    """A matrix of the file's own, whole or one triangle of it; fractions are rounded to the nearest whole number."""
    form = file.entries.get("EDGE_WEIGHT_FORMAT", "").upper()
    diagonal = "DIAG" in form
    cells = nodes * (nodes + (1 if diagonal else -1)) // 2
    if form == "FULL_MATRIX":
        cells = nodes * nodes
    elif form not in {f"{half}_{diag}{line}" for half in ("LOWER", "UPPER") for diag in ("", "DIAG_")
                      for line in ("ROW", "COL")}:  # fmt: skip
        raise InstanceError("unsupported", f"EDGE_WEIGHT_FORMAT {form[:40]!r} cannot be read.")
    words = [word for line in file.section("EDGE_WEIGHT_SECTION") for word in line.words]
    if len(words) != cells:
        raise InstanceError("truncated", f"EDGE_WEIGHT_SECTION has {len(words)} numbers, {form} has {cells}.")
    values = np.floor(np.array([real(word, "EDGE_WEIGHT_SECTION") for word in words]) + 0.5)
    if form == "FULL_MATRIX":
        return distances.whole(values.reshape(nodes, nodes))
    lower = form.startswith("LOWER") == form.endswith("ROW")  # a triangle by columns is the other by rows, mirrored
    rows, columns = np.tril_indices(nodes, 0 if diagonal else -1) if lower else np.triu_indices(nodes, not diagonal)
    out = np.zeros((nodes, nodes), dtype=np.int32)
    out[rows, columns] = out[columns, rows] = distances.whole(values)
    np.fill_diagonal(out, 0)
    return out
