"""Reads an instance file of any known format; the contents, not the file's name, say which one it is."""

from __future__ import annotations

from pathlib import Path

from routing.instances import cvrplib, lilim, solomon
from routing.instances.errors import InstanceError
from routing.instances.instance import Instance

#: A larger file is none of the public ones and is not even opened.
MAX_BYTES = 256 * 1024 * 1024


def read(path: Path) -> Instance:
    """The instance in a file, named after it; `InstanceError` for whatever is wrong with it."""
    try:
        if path.exists() and not path.is_file():
            raise InstanceError("unreadable", f"{path} is not a file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InstanceError("too_large", f"{path.name} has {size} bytes, more than the {MAX_BYTES} that are read.")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InstanceError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InstanceError("unreadable", f"{path} cannot be read: {reason}.") from error
    if b"\0" in data:
        raise InstanceError("binary", f"{path.name} is not a text file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # names in comments; numbers are the same in both
    return read_text(path.stem, text)


def read_text(name: str, text: str) -> Instance:
    """The instance that a text describes."""
    head = text[:4000].upper()
    if not text.strip():
        raise InstanceError("empty", "The file is empty.")
    if "_SECTION" in head or "DIMENSION" in head:
        return cvrplib.read(name, text)
    if "CUST" in head or "VEHICLE" in head:
        return solomon.read(name, text)
    first = text.split(maxsplit=1)[0]
    if not first.replace(".", "", 1).replace("-", "", 1).isdecimal():
        raise InstanceError(
            "unknown_format", "This is no instance of Solomon, Gehring and Homberger, Li and Lim or CVRPLIB."
        )
    return lilim.read(name, text)
