"""Geocoding: where addresses are.

    geocoder = geocoding.from_settings()
    answers = geocoder.locate([Address(street="Bahnhofstraße", house_number="11", city="Heidelberg")])

Each answer is `Located` (with a confidence, and `doubtful` plus a reason when a person should look) or
`NotFound`. `GeocoderUnavailable` means: ask again later, nothing is wrong with the addresses.
Only `from_settings` knows Django; the rest is pure but for reading the atlas file or asking a server.
"""

from __future__ import annotations

import pathlib
import threading

from core.words import say
from orders.geocoding.address import Address, Geocoder, GeocoderUnavailable, Located, NotFound, Precision
from orders.geocoding.atlas import AtlasGeocoder
from orders.geocoding.remote import NominatimGeocoder, PhotonGeocoder

__all__ = [
    "Address", "AtlasGeocoder", "Geocoder", "GeocoderUnavailable", "Located", "NoGeocoder", "NominatimGeocoder",
    "NotFound", "PhotonGeocoder", "Precision", "from_settings", "make",
]  # fmt: skip

ATLAS_FILE = "addresses.sqlite"


class NoGeocoder:
    """For organizations that place every order by hand: finds nothing and says why."""

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        """NotFound for each."""
        return [NotFound(say("No geocoder is set up; set the location by hand.")) for _ in addresses]

    def suggest(self, typed: str, limit: int = 8) -> list[Located]:
        """Nothing."""
        return []


_open: dict[pathlib.Path, tuple[tuple[int, int], AtlasGeocoder]] = {}
_opening = threading.Lock()


def from_settings() -> Geocoder:
    """The geocoder that Django's settings name: GEOCODER and, for "atlas", ATLAS_DIR/addresses.sqlite.

    Cheap to call for every batch: an opened atlas is kept until its file is replaced.
    Raises GeocoderUnavailable when there is no atlas (yet).
    """
    from django.conf import settings

    return make(str(settings.GEOCODER), pathlib.Path(settings.ATLAS_DIR))


def make(name: str, atlas_dir: pathlib.Path) -> Geocoder:
    """The geocoder called "atlas", "nominatim:URL", "photon:URL" or "none"; ValueError for anything else."""
    kind, _, url = name.partition(":")
    if name == "none":
        return NoGeocoder()
    if name == "atlas":
        return _atlas(atlas_dir / ATLAS_FILE)
    if kind == "nominatim" and url:
        return NominatimGeocoder(url)
    if kind == "photon" and url:
        return PhotonGeocoder(url)
    raise ValueError(f"GEOCODER is atlas, none, nominatim:URL or photon:URL, not {name!r}.")


def _atlas(path: pathlib.Path) -> AtlasGeocoder:
    try:
        stat = path.stat()
    except OSError as fault:
        raise GeocoderUnavailable(f"There is no address atlas at {path}.") from fault
    version = (stat.st_mtime_ns, stat.st_ino)
    with _opening:
        known = _open.get(path)
        if known is None or known[0] != version:
            known = (version, AtlasGeocoder(path))
            _open[path] = known
    return known[1]
