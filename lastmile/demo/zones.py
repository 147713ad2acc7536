"""The demonstration's zones: three sectors of the town around the depot, for the eye.

No driver keeps to one, so that the played day is planned as it would be without them; who looks at the board can give
them drivers.
"""

from __future__ import annotations

import math
from datetime import datetime

from core import journal
from core.actor import SYSTEM
from fleet import actions
from fleet.models import Depot, Zone

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

SECTORS = (("North", 30, "#0891b2"), ("South-west", 150, "#d97706"), ("South-east", 270, "#7c3aed"))
"""Each a third of the circle, with the direction in which it begins: degrees from the east, counted to the north."""
REACH = 0.32
"""How far sectors reach, as a part of the map's smaller side."""
STEPS = 12


def drawn(depot: Depot, box: Box, *, at: datetime) -> None:
    """The zones of this place, unless it has had some before; those of other places are retired."""
    here = False
    for zone in Zone.objects.all():
        if _lies_in(box, zone):
            here = True
        elif zone.status == "active":
            journal.transition(zone, "retired", by=SYSTEM, at=at, reason="the demonstration moved to another place")
    if here:
        return
    for name, begins, color in SECTORS:
        actions.add_zone(name=name, color=color, outline=sector(depot, box, begins), by=SYSTEM, at=at)


def sector(depot: Depot, box: Box, begins: float) -> list[list[float]]:
    """A third of the circle around the depot."""
    west, south, east, north = box
    squeeze = math.cos(math.radians(depot.lat))
    reach = REACH * min(north - south, (east - west) * squeeze)
    arc = [math.radians(begins + 120 * step / STEPS) for step in range(STEPS + 1)]
    corners = [[depot.lat + reach * math.sin(turn), depot.lon + reach * math.cos(turn) / squeeze] for turn in arc]
    return [[depot.lat, depot.lon], *corners]


def _lies_in(box: Box, zone: Zone) -> bool:
    west, south, east, north = box
    lat, lon = zone.outline[0]
    return bool(south <= lat <= north and west <= lon <= east)
