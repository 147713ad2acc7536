"""Build the address atlas: one SQLite file with every address, street and locality of an OpenStreetMap extract.

The file is written once and then only read (by `orders.geocoding`). It keeps names as the map spells
them; whoever searches decides how to compare them. Coordinates are WGS 84 degrees, lengths metres.

    python -m routing.atlas.addresses EXTRACT.osm.pbf ADDRESSES.sqlite

Map data: © OpenStreetMap contributors, ODbL 1.0.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import tempfile

from routing.atlas import addresses_read, addresses_write
from routing.atlas.errors import AtlasError


class AtlasInputError(AtlasError):
    """The extract is missing or is not OpenStreetMap data; the message says which."""


def build(pbf: pathlib.Path, out: pathlib.Path) -> dict[str, int]:
    """Read `pbf` and put the address atlas at `out`; returns how many rows of each kind it holds.

    The file appears in one step (written beside `out`, then renamed), so a reader sees the old atlas or
    the new one and a failed build leaves the old one in place. Raises `AtlasInputError`.
    """
    if not pbf.is_file():
        raise AtlasInputError(f"There is no map extract at {pbf}.")
    try:
        found = addresses_read.read(pbf)
    except RuntimeError as fault:  # how pyosmium reports every unreadable file
        raise AtlasInputError(f"{pbf.name} is not a readable OpenStreetMap extract: {fault}") from fault
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    os.close(handle)
    draft = pathlib.Path(name)
    try:
        counts = addresses_write.write(found, draft)
        draft.chmod(0o644)
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)
    return counts


def main(arguments: list[str]) -> int:
    """The command: two paths, prints the counts as JSON; exit code 2 for wrong use, 1 for a bad extract."""
    if len(arguments) != 2:
        print("usage: python -m routing.atlas.addresses EXTRACT.osm.pbf ADDRESSES.sqlite", file=sys.stderr)
        return 2
    try:
        counts = build(pathlib.Path(arguments[0]), pathlib.Path(arguments[1]))
    except AtlasInputError as fault:
        print(fault, file=sys.stderr)
        return 1
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
