"""A made-up region for geocoding tests: three towns in one small .osm.pbf, and where the real measuring data is.

Alder (70001) around 50.00 N 8.00 E, Birch (70002) 10 km north, Cedar (70003) 10 km east.
"""

from __future__ import annotations

import os
import pathlib

import osmium
import pytest
from osmium.osm import mutable

ALDER, BIRCH, CEDAR = (50.0, 8.0), (50.09, 8.0), (50.0, 8.14)
TOWNS = {"Alder": (ALDER, "70001"), "Birch": (BIRCH, "70002"), "Cedar": (CEDAR, "70003")}
METRE = 1 / 111_195  # degrees of latitude


def data_folder() -> pathlib.Path:
    """The folder with the real extracts; skips the test where there is none."""
    beside = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = pathlib.Path(os.environ.get("LASTMILE_TEST_DATA", beside))
    if not (folder / "ankara.osm.pbf").is_file():
        pytest.skip(f"no test data in {folder} (set LASTMILE_TEST_DATA)")
    return folder


class World:
    """Writes nodes, ways and relations with running ids; positions are metres north and east of a town."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.nodes: list[mutable.Node] = []
        self.ways: list[mutable.Way] = []
        self.relations: list[mutable.Relation] = []

    def at(self, town: tuple[float, float], north_m: float, east_m: float) -> tuple[float, float]:
        """Latitude, longitude."""
        return town[0] + north_m * METRE, town[1] + east_m * METRE / 0.6428  # cos 50°

    def node(self, town: tuple[float, float], north_m: float, east_m: float, **tags: str) -> int:
        """A node; tag names with `__` for `:`."""
        lat, lon = self.at(town, north_m, east_m)
        self.nodes.append(mutable.Node(id=len(self.nodes) + 1, location=(lon, lat), tags=_tags(tags)))
        return len(self.nodes)

    def way(self, nodes: list[int], **tags: str) -> int:
        """A way through `nodes`."""
        self.ways.append(mutable.Way(id=len(self.ways) + 1, nodes=nodes, tags=_tags(tags)))
        return len(self.ways)

    def house(self, town: str, street: str, number: str, north_m: float, east_m: float, **more: str) -> int:
        """An address with its town's postcode and name."""
        centre, postcode = TOWNS[town]
        tags = {"addr__street": street, "addr__housenumber": number, "addr__city": town, "addr__postcode": postcode}
        return self.node(centre, north_m, east_m, **{**tags, **more})

    def street(self, town: str, name: str, north_m: float, from_m: float, to_m: float, **tags: str) -> int:
        """A straight street from west to east."""
        centre = TOWNS[town][0]
        ends = [self.node(centre, north_m, from_m), self.node(centre, north_m, to_m)]
        return self.way(ends, highway="residential", name=name, **tags)

    def write(self) -> pathlib.Path:
        """The extract."""
        writer = osmium.SimpleWriter(str(self.path))
        for node in self.nodes:
            writer.add_node(node)
        for way in self.ways:
            writer.add_way(way)
        for relation in self.relations:
            writer.add_relation(relation)
        writer.close()
        return self.path


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items() if value}


def region(path: pathlib.Path) -> pathlib.Path:
    """The three towns, with what makes addresses hard."""
    w = World(path)
    for name, (centre, _) in TOWNS.items():
        w.node(centre, 0, 0, place="town", name=name)
    w.node(ALDER, 900, 0, place="suburb", name="Alder-Nord")
    # one street name in three towns; number 5 in all of them, 11 only in Alder
    for town in TOWNS:
        w.street(town, "Mühlenstraße", 100, 0, 600)
        for number in ("1", "3", "5", "7"):
            w.house(town, "Mühlenstraße", number, 110, 20.0 * int(number))
    w.house("Alder", "Mühlenstraße", "11", 110, 220)
    # ranges, lists, letters
    w.street("Alder", "Lange Gasse", 300, 0, 800)
    for number, east in (("12-16", 100), ("20;22", 160), ("30a-g", 220), ("41/3", 300), ("50 B", 360)):
        w.house("Alder", "Lange Gasse", number, 310, east)
    # interpolation along 400 m: even numbers 2 … 42
    ends = [w.house("Birch", "Am Hang", "2", 500, 0), w.house("Birch", "Am Hang", "42", 500, 400)]
    w.way(ends, addr__interpolation="even")
    w.street("Birch", "Am Hang", 490, 0, 400)
    # a street without numbers: long, and short
    w.street("Cedar", "Seeallee", 1000, 0, 2500)
    w.street("Cedar", "Kurzer Weg", 1200, 0, 120, old_name="Franzosenpfad")
    # numbered streets, Turkish letters, kinds
    for name, north in (("593. Cadde", 1500), ("597. Cadde", 1600), ("593. Sokak", 1700), ("Çiğdem Sokağı", 1800)):
        w.street("Alder", name, north, 0, 300)
        w.house("Alder", name, "13", north + 10, 130)
    # an address drawn as a building, one as an area relation, one without a street but in an associatedStreet
    corners = [w.node(CEDAR, 10 + n, 10 + e) for n, e in ((0, 0), (0, 20), (20, 20), (20, 0))]
    w.way([*corners, corners[0]], building="yes", addr__street="Hofplatz", addr__housenumber="1", addr__city="Cedar")
    yard = w.way([*corners, corners[0]])
    member = mutable.Relation(
        id=1, members=[("w", yard, "outer")],
        tags={"type": "multipolygon", "addr:street": "Hofplatz", "addr:housenumber": "2", "addr:city": "Cedar"},
    )  # fmt: skip
    alone = w.node(CEDAR, 60, 60, addr__housenumber="3")
    tied = mutable.Relation(
        id=2, members=[("n", alone, "house")], tags={"type": "associatedStreet", "name": "Hofplatz"}
    )
    # a boundary around Alder-Süd, closed by two ways
    ring = [w.node(ALDER, n, e) for n, e in ((-2000, -500), (-2000, 500), (-1000, 500), (-1000, -500))]
    halves = [w.way(ring[:3]), w.way([ring[2], ring[3], ring[0]])]
    border = mutable.Relation(
        id=3, members=[("w", half, "outer") for half in halves],
        tags={"type": "boundary", "boundary": "administrative", "admin_level": "10", "name": "Südstadt"},
    )  # fmt: skip
    w.relations += [member, tied, border]
    for town, north in (("Alder", -1500), ("Alder", 1900)):  # the same street in and out of Südstadt, untagged
        w.street(town, "Rosenweg", north, 0, 100)
        w.house(town, "Rosenweg", "4", north + 10, 50, addr__city="", addr__postcode="")
    return w.write()
