"""The zip archive around a workbook, judged before anything in it is unpacked, and its XML parts read safely.

Checked first, from the archive's own directory: its size and entry count, the expanded size and the ratio.
Then parts are unpacked in small chunks into an expat parser that refuses document types (so no entities) and
markup that never ends; nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import posixpath
import struct
import xml.parsers.expat as expat
import zipfile
import zlib
from collections.abc import Callable

from core.words import say
from orders.importing.table import FileRefused

MAX_ENTRIES = 1_000
MAX_EXPANDED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 200
_RATIO_MATTERS_BYTES = 10 * 1024 * 1024
_MAX_DIRECTORY_BYTES = 256 * 1024
_CHUNK_BYTES = 64 * 1024
_MAX_SILENT_BYTES = 1024 * 1024

StartHandler = Callable[[str, dict[str, str]], None]
EndHandler = Callable[[str], None]
TextHandler = Callable[[str], None]

_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, struct.error, OSError)


def damaged(detail: str = "") -> FileRefused:
    """The refusal for a workbook that cannot be read."""
    return FileRefused(
        "damaged",
        say("The Excel file is damaged{detail} and cannot be read. Open it in Excel and save it again.", detail=detail),
    )


class Archive:
    """The parts of a workbook by name. Raises FileRefused for what is no workbook, too large or damaged."""

    def __init__(self, data: bytes) -> None:
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*_BROKEN, ValueError) as error:
            raise damaged() from error
        entries = self._zip.infolist()
        expanded = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES:
            raise _bomb(f"it has more than {MAX_ENTRIES:,} parts")
        if expanded > MAX_EXPANDED_BYTES:
            raise _bomb(f"it unpacks to more than {MAX_EXPANDED_BYTES // 1024 // 1024} MB")
        if expanded > _RATIO_MATTERS_BYTES and expanded > MAX_RATIO * len(data):
            raise _bomb(f"it unpacks to more than {MAX_RATIO} times its size")
        self._entries = {entry.filename: entry for entry in entries}
        self._budget_bytes = MAX_EXPANDED_BYTES * 2

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._entries)

    def first_bytes(self, name: str, count: int) -> bytes:
        """The beginning of a part, b"" if there is none."""
        if name not in self._entries:
            return b""
        try:
            with self._zip.open(self._entries[name]) as stream:
                return stream.read(count)
        except (*_BROKEN, ValueError) as error:
            raise damaged() from error

    def parse(
        self, name: str, start: StartHandler, end: EndHandler | None = None, text: TextHandler | None = None
    ) -> bool:
        """Feed a part to the handlers (element names without prefix). False if there is no such part."""
        entry = self._entries.get(name)
        if entry is None:
            return False
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(" (unknown compression)")
        parser = expat.ParserCreate()
        silent_bytes = 0

        def on_start(element: str, attributes: dict[str, str]) -> None:
            nonlocal silent_bytes
            silent_bytes = 0
            start(element.rpartition(":")[2], attributes)

        def on_doctype(*_: object) -> None:
            raise damaged(" (it declares a document type)")

        parser.StartElementHandler = on_start
        parser.StartDoctypeDeclHandler = on_doctype
        if end is not None:
            parser.EndElementHandler = lambda element: end(element.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    silent_bytes += len(chunk)
                    self._budget_bytes -= len(chunk)
                    if silent_bytes > _MAX_SILENT_BYTES or self._budget_bytes < 0:
                        raise _bomb("one of its values is far too long")
                    parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (*_BROKEN, expat.ExpatError, ValueError, LookupError) as error:
            raise damaged() from error
        return True


def resolve(base: str, target: str) -> str:
    """The part a relationship of `base` points at: absolute from the archive's root, or beside `base`."""
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def _bomb(why: str) -> FileRefused:
    return FileRefused(
        "unpacks_too_large",
        say("The Excel file was refused: {why}. Save only the sheet with the orders, or split it.", why=why),
    )


def _check_directory(data: bytes) -> None:
    """Judge the archive's directory by its end record alone: a directory of 10 MB would fill memory when listed."""
    if data[-22:-18] == b"PK\x05\x06" and data[-2:] == b"\0\0":
        at = len(data) - 22
    else:
        at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or len(data) - at < 22:
        raise damaged(" (its end is missing)")
    entries, directory_bytes = struct.unpack_from("<HI", data, at + 10)
    zip64 = data[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if entries > MAX_ENTRIES or directory_bytes > _MAX_DIRECTORY_BYTES or zip64:
        raise _bomb(f"it has more than {MAX_ENTRIES:,} parts")
