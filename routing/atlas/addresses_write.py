"""Write what `addresses_read` found into the atlas file. The schema below is the contract with every reader.

`points` columns: little-endian int32 pairs (latitude, longitude) in 1e-7 degrees.
"""

from __future__ import annotations

import pathlib
import sqlite3
import struct
from collections.abc import Iterable

from routing.atlas import addresses_read
from routing.atlas.addresses_read import Found, Point

SCHEMA_VERSION = "1"
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- one mapped house number; districts separated by '|'
CREATE TABLE address (id INTEGER PRIMARY KEY, street TEXT NOT NULL, house_number TEXT NOT NULL, postcode TEXT NOT NULL,
                      city TEXT NOT NULL, districts TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL);
-- one piece of a named street
CREATE TABLE street (id INTEGER PRIMARY KEY, name TEXT NOT NULL, length_m REAL NOT NULL, points BLOB NOT NULL);
CREATE TABLE street_name (name TEXT NOT NULL, street_id INTEGER NOT NULL, main INTEGER NOT NULL,
                          PRIMARY KEY (name, street_id)) WITHOUT ROWID;
CREATE TABLE interpolation (id INTEGER PRIMARY KEY, street TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
                            step INTEGER NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL, points BLOB NOT NULL);
CREATE TABLE locality (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, level INTEGER NOT NULL,
                       lat REAL NOT NULL, lon REAL NOT NULL, radius_m REAL NOT NULL, boundary BLOB);
CREATE TABLE locality_name (name TEXT NOT NULL, locality_id INTEGER NOT NULL,
                            PRIMARY KEY (name, locality_id)) WITHOUT ROWID;
-- where addresses that carry this city, district or postcode lie, gathered in cells of 0.004 degrees
CREATE TABLE cell (field TEXT NOT NULL, value TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL,
                   count INTEGER NOT NULL);
"""
INDEXES = """
CREATE INDEX address_street ON address (street);
CREATE INDEX interpolation_street ON interpolation (street);
CREATE INDEX cell_value ON cell (field, value);
"""
CELL_DEGREES = 0.004


def write(found: Found, out: pathlib.Path) -> dict[str, int]:
    """Fill the (empty or absent) file `out`; returns the row counts. Same input, same bytes in every row."""
    database = sqlite3.connect(out)
    try:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        counts = _fill(database, found)
        database.executescript(INDEXES)
        database.execute("ANALYZE")
        database.commit()
    finally:
        database.close()
    return counts


def _fill(database: sqlite3.Connection, found: Found) -> dict[str, int]:
    put = database.executemany
    put(
        "INSERT INTO address VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        ((a.street, a.house_number, a.postcode, a.city, "|".join(a.districts), a.lat, a.lon) for a in found.addresses),
    )
    put(
        "INSERT INTO street VALUES (?, ?, ?, ?)",
        ((i, s.names[0], s.length_m, pack(s.points)) for i, s in enumerate(found.streets, 1)),
    )
    put(
        "INSERT INTO street_name VALUES (?, ?, ?)",
        ((n, i, n == s.names[0]) for i, s in enumerate(found.streets, 1) for n in s.names),
    )
    put(
        "INSERT INTO interpolation VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        ((r.street, r.first, r.last, r.step, r.postcode, r.city, pack(r.points)) for r in found.interpolations),
    )
    put(
        "INSERT INTO locality VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (i, p.names[0], p.kind, p.level, p.lat, p.lon, p.radius_m, p.boundary)
            for i, p in enumerate(found.localities, 1)
        ),
    )
    put(
        "INSERT INTO locality_name VALUES (?, ?)",
        ((n, i) for i, p in enumerate(found.localities, 1) for n in p.names),
    )
    cells = _cells(found)
    put("INSERT INTO cell VALUES (?, ?, ?, ?, ?)", cells)
    countries = ",".join(sorted(found.countries))
    put("INSERT INTO meta VALUES (?, ?)", [("schema", SCHEMA_VERSION), ("countries", countries)])
    return {**addresses_read.as_dict(found), "cells": len(cells)}


def _cells(found: Found) -> list[tuple[str, str, float, float, int]]:
    sums: dict[tuple[str, str, int, int], tuple[float, float, int]] = {}
    for a in found.addresses:
        marks = [("city", a.city), ("postcode", a.postcode), *(("district", name) for name in a.districts)]
        for field, value in marks:
            if value:
                key = (field, value, round(a.lat / CELL_DEGREES), round(a.lon / CELL_DEGREES))
                lat, lon, count = sums.get(key, (0.0, 0.0, 0))
                sums[key] = (lat + a.lat, lon + a.lon, count + 1)
    return [(f, v, lat / n, lon / n, n) for (f, v, _, _), (lat, lon, n) in sorted(sums.items())]


def pack(points: Iterable[Point]) -> bytes:
    """Points as int32 pairs of 1e-7 degrees (1 cm)."""
    flat = [round(x * 1e7) for point in points for x in point]
    return struct.pack(f"<{len(flat)}i", *flat)


def unpack(blob: bytes) -> list[Point]:
    """The inverse of `pack`."""
    flat = struct.unpack(f"<{len(blob) // 4}i", blob)
    return [(flat[i] / 1e7, flat[i + 1] / 1e7) for i in range(0, len(flat), 2)]
