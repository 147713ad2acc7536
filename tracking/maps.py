"""What a page needs to know to draw its map: where it is, and whose map it is."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings

from routing.atlas import errors, folder


class MapRow(TypedDict):
    """`bbox` is west, south, east, north and `center` lon, lat, in degrees; null where there is no map data."""

    style_url: str | None
    pmtiles_url: str | None
    bbox: list[float] | None
    center: list[float] | None
    attribution: str


def map_row() -> MapRow:
    """The online style when one is set, else the basemap of the atlas, else a plain ground."""
    row: MapRow = {
        "style_url": settings.MAP_STYLE_URL or None, "pmtiles_url": None, "bbox": None, "center": None,
        "attribution": ""}
    try:
        atlas = folder.read(settings.ATLAS_DIR)
    except errors.AtlasError:
        return row
    row["bbox"], row["center"] = list(atlas.bbox), list(atlas.center)
    if atlas.basemap.is_file():
        row["pmtiles_url"] = "/map/basemap.pmtiles"
        row["attribution"] = atlas.attribution
    return row
