"""Which streets a delivery van may use, which way round and how fast: OpenStreetMap tags read as a driver would.

Speeds are free-flow averages in km/h. They lie below the posted limit because a van brakes, turns and waits;
junctions and signals are charged apart (`graph`). Tag meanings: https://wiki.openstreetmap.org/wiki/Key:access,
/Key:oneway, /Key:maxspeed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CLASS_KMH: dict[str, float] = {
    "motorway": 95,
    "motorway_link": 50,
    "trunk": 82,
    "trunk_link": 45,
    "primary": 60,
    "primary_link": 35,
    "secondary": 52,
    "secondary_link": 30,
    "tertiary": 40,
    "tertiary_link": 25,
    "unclassified": 27,
    "residential": 25,
    "living_street": 11,
    "road": 25,
    "service": 15,
}
FORBIDDEN = frozenset({"no", "agricultural", "forestry", "emergency", "psv", "bus", "taxi", "foot", "military"})
RESTRICTED = frozenset({"private", "delivery", "destination", "customers", "permit", "residents"})
RESTRICTED_KMH = 8.0
LIMIT_SHARE = 0.82
WALKING_KMH = 6.0
KMH_PER_MPH = 1.609344
ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
SLOW_SURFACE_KMH = {
    "unpaved": 30.0,
    "gravel": 28.0,
    "fine_gravel": 32.0,
    "compacted": 40.0,
    "dirt": 18.0,
    "earth": 18.0,
    "ground": 18.0,
    "sand": 12.0,
    "grass": 10.0,
    "mud": 8.0,
    "cobblestone": 25.0,
    "sett": 35.0,
    "unhewn_cobblestone": 20.0,
}


@dataclass(frozen=True)
class Drive:
    """Speeds along and against the drawn direction, km/h; 0 means not allowed that way."""

    forward_kmh: float
    backward_kmh: float


def maxspeed_kmh(text: str | None) -> float | None:
    """A posted limit in km/h, or None where the tag is absent or names no number.

    >>> maxspeed_kmh("30 mph") == 30 * KMH_PER_MPH and maxspeed_kmh("walk") == WALKING_KMH
    True
    """
    if not text:
        return None
    word = text.split(";")[0].strip().lower()
    if word in ("walk", "walking"):
        return WALKING_KMH
    scale = 1.0
    if word.endswith("mph"):
        word, scale = word[:-3].strip(), KMH_PER_MPH
    elif word.endswith("km/h"):
        word = word[:-4].strip()
    try:
        value = float(word)
    except ValueError:
        return None
    return value * scale if 0 < value < 300 else None


def access(tags: Mapping[str, str]) -> str | None:
    """The most specific access value for a motor vehicle."""
    for key in ACCESS_KEYS:
        if key in tags:
            return tags[key]
    return None


def oneway(tags: Mapping[str, str]) -> int:
    """1 along the drawn direction only, -1 against it only, 0 both ways."""
    value = tags.get("oneway", "")
    if value in ("-1", "reverse"):
        return -1
    if value in ("yes", "true", "1"):
        return 1
    if value in ("no", "false", "0"):
        return 0
    if tags.get("junction") in ("roundabout", "circular"):
        return 1
    return 1 if tags.get("highway") in ("motorway", "motorway_link") else 0


def classify(tags: Mapping[str, str]) -> Drive | None:
    """How a van uses a way with these tags; None when it does not."""
    kind = tags.get("highway", "")
    speed = CLASS_KMH.get(kind)
    if speed is None or tags.get("area") == "yes" or tags.get("service") == "emergency_access":
        return None
    allowed = access(tags)
    if allowed in FORBIDDEN or (allowed == "private" and kind == "service"):
        return None
    limit = maxspeed_kmh(tags.get("maxspeed"))
    if limit is not None:
        speed = max(min(limit * LIMIT_SHARE, speed * 1.5), min(limit, WALKING_KMH))
    if kind == "service" and tags.get("service") in ("alley", "driveway", "parking_aisle"):
        speed = min(speed, 10.0)
    if tags.get("surface", "") in SLOW_SURFACE_KMH:
        speed = min(speed, SLOW_SURFACE_KMH[tags["surface"]])
    if allowed in RESTRICTED:
        speed = min(speed, RESTRICTED_KMH)
    way = oneway(tags)
    return Drive(forward_kmh=0.0 if way == -1 else speed, backward_kmh=0.0 if way == 1 else speed)
