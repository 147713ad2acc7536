"""Which map layer an OpenStreetMap object belongs to, and what the layer's style needs to know of it.

Layers and their `class` values are a contract with the map style (`lastmile/browser/map/style.ts`) and are listed in
docs/maps.md. Tag meanings: https://wiki.openstreetmap.org/wiki/Map_features.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Tags = Mapping[str, str]
Value = str | int | float

LAYERS = ("landuse", "water", "waterway", "building", "road", "rail", "place", "poi", "housenumber")
KEYS = (
    "highway",
    "railway",
    "waterway",
    "natural",
    "landuse",
    "leisure",
    "amenity",
    "building",
    "place",
    "aeroway",
    "addr:housenumber",
    "tourism",
    "shop",
    "man_made",
)
AREA_KEYS = (
    "natural",
    "waterway",
    "landuse",
    "leisure",
    "amenity",
    "building",
    "aeroway",
    "highway",
    "tourism",
    "man_made",
)

ROAD_CLASS = {
    "motorway": ("motorway", 5),
    "trunk": ("trunk", 6),
    "primary": ("primary", 7),
    "secondary": ("secondary", 9),
    "tertiary": ("tertiary", 10),
    "unclassified": ("minor", 12),
    "residential": ("minor", 12),
    "road": ("minor", 12),
    "living_street": ("minor", 12),
    "service": ("service", 13),
    "pedestrian": ("pedestrian", 13),
    "track": ("track", 13),
    "path": ("path", 13),
    "footway": ("path", 14),
    "cycleway": ("path", 13),
    "bridleway": ("path", 14),
    "steps": ("path", 14),
    "busway": ("service", 13),
}
RAIL_CLASS = {
    "rail": ("rail", 8),
    "light_rail": ("rail", 10),
    "narrow_gauge": ("rail", 11),
    "subway": ("subway", 11),
    "tram": ("tram", 12),
    "funicular": ("rail", 12),
    "monorail": ("rail", 12),
}
WATERWAY_CLASS = {"river": 8, "canal": 9, "stream": 12, "drain": 13, "ditch": 14}
PLACE_RANK = {
    "city": (1, 4),
    "town": (2, 7),
    "suburb": (4, 10),
    "borough": (3, 10),
    "village": (4, 10),
    "quarter": (5, 12),
    "neighbourhood": (6, 13),
    "hamlet": (6, 12),
    "island": (5, 10),
    "isolated_dwelling": (7, 14),
    "locality": (7, 14),
}
GREEN = {
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("leisure", "nature_reserve"): "reserve",
    ("leisure", "playground"): "park",
    ("leisure", "pitch"): "pitch",
    ("leisure", "stadium"): "pitch",
    ("leisure", "sports_centre"): "pitch",
    ("leisure", "track"): "pitch",
    ("leisure", "golf_course"): "grass",
    ("leisure", "common"): "grass",
    ("landuse", "grass"): "grass",
    ("landuse", "meadow"): "grass",
    ("landuse", "village_green"): "grass",
    ("landuse", "recreation_ground"): "grass",
    ("landuse", "forest"): "wood",
    ("natural", "wood"): "wood",
    ("natural", "scrub"): "scrub",
    ("natural", "heath"): "scrub",
    ("natural", "grassland"): "grass",
    ("natural", "wetland"): "wetland",
    ("natural", "sand"): "sand",
    ("natural", "beach"): "sand",
    ("natural", "bare_rock"): "rock",
    ("natural", "scree"): "rock",
    ("natural", "glacier"): "ice",
    ("landuse", "farmland"): "farmland",
    ("landuse", "orchard"): "orchard",
    ("landuse", "vineyard"): "orchard",
    ("landuse", "allotments"): "orchard",
    ("landuse", "farmyard"): "farmland",
    ("landuse", "cemetery"): "cemetery",
    ("amenity", "grave_yard"): "cemetery",
    ("landuse", "residential"): "residential",
    ("landuse", "industrial"): "industrial",
    ("landuse", "railway"): "industrial",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "quarry"): "rock",
    ("landuse", "construction"): "construction",
    ("landuse", "military"): "military",
    ("landuse", "brownfield"): "construction",
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "school",
    ("amenity", "university"): "school",
    ("amenity", "college"): "school",
    ("amenity", "hospital"): "hospital",
    ("amenity", "parking"): "parking",
    ("aeroway", "aerodrome"): "aerodrome",
    ("aeroway", "apron"): "runway",
    ("aeroway", "runway"): "runway",
}
SMALL = {"pitch": 13, "parking": 14, "school": 12, "hospital": 12, "cemetery": 11, "runway": 11, "orchard": 11}
POI_CLASS = {
    ("amenity", "hospital"): ("hospital", 13),
    ("amenity", "university"): ("school", 13),
    ("amenity", "school"): ("school", 15),
    ("amenity", "townhall"): ("civic", 14),
    ("amenity", "place_of_worship"): ("worship", 15),
    ("amenity", "fire_station"): ("civic", 15),
    ("amenity", "police"): ("civic", 15),
    ("amenity", "post_office"): ("civic", 15),
    ("amenity", "library"): ("civic", 15),
    ("amenity", "marketplace"): ("shop", 15),
    ("railway", "station"): ("station", 12),
    ("railway", "halt"): ("station", 13),
    ("tourism", "museum"): ("civic", 15),
    ("leisure", "park"): ("park", 13),
    ("leisure", "stadium"): ("park", 14),
    ("landuse", "cemetery"): ("park", 15),
    ("aeroway", "aerodrome"): ("airport", 11),
    ("shop", "mall"): ("shop", 14),
    ("natural", "water"): ("water", 13),
    ("natural", "wood"): ("park", 13),
    ("landuse", "forest"): ("park", 13),
}
HEIGHT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:m|meters?|metres?)?\s*$")


@dataclass(frozen=True)
class Feature:
    """One map feature without its geometry: the layer, the zoom it appears at, and its properties."""

    layer: str
    minzoom: int
    properties: dict[str, Value] = field(default_factory=dict)


def of_line(tags: Tags) -> Feature | None:
    """A road, railway or waterway; None for anything else and for areas drawn as lines."""
    highway = tags.get("highway")
    if highway:
        return None if tags.get("area") == "yes" else _road(highway, tags)
    railway = tags.get("railway")
    if railway in RAIL_CLASS:
        kind, minzoom = RAIL_CLASS[railway]
        if tags.get("service") in ("yard", "siding", "spur"):
            minzoom = max(minzoom, 13)
        return Feature("rail", minzoom, {"class": kind, **_crossing(tags)})
    waterway = tags.get("waterway")
    if waterway in WATERWAY_CLASS:
        if tags.get("tunnel") in ("yes", "culvert"):
            return None
        return Feature("waterway", WATERWAY_CLASS[waterway], {"class": waterway, **_name(tags)})
    return None


def _road(highway: str, tags: Tags) -> Feature | None:
    link = highway.endswith("_link")
    known = ROAD_CLASS.get(highway.removesuffix("_link"))
    if known is None:
        return None
    kind, minzoom = known
    properties: dict[str, Value] = {"class": kind, **_name(tags), **_crossing(tags)}
    if link:
        properties["link"] = 1
        minzoom = max(minzoom, 11)
    if highway == "service" and tags.get("service") in ("driveway", "parking_aisle", "alley"):
        minzoom = 14
    if kind not in ("path", "track", "pedestrian"):
        way = tags.get("oneway")
        if way == "-1":
            properties["oneway"] = -1
        elif way in ("yes", "1", "true") or tags.get("junction") == "roundabout":
            properties["oneway"] = 1
    reference = tags.get("ref")
    if reference and kind in ("motorway", "trunk", "primary", "secondary"):
        properties["ref"] = reference.split(";")[0][:12]
    return Feature("road", minzoom, properties)


def _crossing(tags: Tags) -> dict[str, Value]:
    """Bridges are drawn over, tunnels under the rest; `layer` orders those that cross each other."""
    found: dict[str, Value] = {}
    if tags.get("bridge", "no") != "no":
        found["bridge"] = 1
    if tags.get("tunnel", "no") != "no" or tags.get("covered") == "yes":
        found["tunnel"] = 1
    if tags.get("layer", "0").lstrip("-").isdigit() and tags.get("layer", "0") != "0":
        found["layer"] = int(tags["layer"])
    return found


def _name(tags: Tags) -> dict[str, Value]:
    name = tags.get("name", "").strip()
    return {"name": name} if name else {}


def of_area(tags: Tags) -> Feature | None:
    """A building, a water surface or a piece of ground."""
    if tags.get("building", "no") != "no":
        properties: dict[str, Value] = {"class": "building"}
        height = height_m(tags)
        if height is not None:
            properties["height"] = height
        return Feature("building", 13, properties)
    if (
        tags.get("natural") in ("water", "bay")
        or tags.get("waterway") in ("riverbank", "dock")
        or (tags.get("landuse") in ("reservoir", "basin"))
    ):
        return Feature("water", 6, {"class": tags.get("water", tags.get("landuse", "water")), **_name(tags)})
    if tags.get("leisure") == "swimming_pool":
        return Feature("water", 14, {"class": "pool"})
    if tags.get("highway") == "pedestrian" or (tags.get("highway") == "footway" and tags.get("area") == "yes"):
        return Feature("landuse", 13, {"class": "pedestrian", **_name(tags)})
    for key in ("leisure", "natural", "landuse", "amenity", "aeroway"):
        kind = GREEN.get((key, tags.get(key, "")))
        if kind:
            return Feature("landuse", SMALL.get(kind, 9), {"class": kind, **_name(tags)})
    return None


def height_m(tags: Tags) -> float | None:
    """A building's height in metres, from `height` or three metres a floor; None where neither is a number."""
    match = HEIGHT.match(tags.get("height", ""))
    if match:
        return min(float(match[1]), 900.0)
    match = HEIGHT.match(tags.get("building:levels", ""))
    return min(round(float(match[1]) * 3.0, 1), 900.0) if match else None


def of_place(tags: Tags) -> Feature | None:
    """A named settlement or quarter; `rank` 1 is the most important."""
    known = PLACE_RANK.get(tags.get("place", ""))
    name = tags.get("name", "").strip()
    if known is None or not name:
        return None
    rank, minzoom = known
    properties: dict[str, Value] = {"class": tags["place"], "name": name, "rank": rank}
    population = tags.get("population", "").replace(",", "").replace(" ", "")
    if population.isdigit():
        properties["population"] = int(population)
    if tags.get("capital", "no") not in ("no", ""):
        properties["capital"] = 1
    return Feature("place", minzoom, properties)


def of_poi(tags: Tags) -> Feature | None:
    """A named landmark people steer by: stations, hospitals, parks, town halls."""
    name = tags.get("name", "").strip()
    if not name:
        return None
    for key in ("railway", "amenity", "leisure", "aeroway", "tourism", "shop", "landuse", "natural"):
        known = POI_CLASS.get((key, tags.get(key, "")))
        if known:
            return Feature("poi", known[1], {"class": known[0], "name": name})
    return None


def of_house(tags: Tags) -> Feature | None:
    """A house number."""
    number = tags.get("addr:housenumber", "").strip()
    return Feature("housenumber", 14, {"number": number[:20]}) if number else None
