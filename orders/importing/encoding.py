"""Which encoding the bytes of a text file are in, and whether they are text at all.

Order of trust: a byte order mark, the zero bytes UTF-16 leaves in western text, valid UTF-8, and last the
Windows code pages (1254 where only Turkish explains the bytes, else 1252). Text that is UTF-8 but for some damaged
bytes is refused rather than read as Windows text, which would garble every accented letter in it.
"""

from __future__ import annotations

import codecs
import dataclasses
import re

from core.words import mark, say
from orders.importing.table import FileRefused

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", mark("Read as UTF-32.")),
    (codecs.BOM_UTF32_BE, "utf-32", mark("Read as UTF-32.")),
    (codecs.BOM_UTF16_LE, "utf-16", mark("Read as UTF-16.")),
    (codecs.BOM_UTF16_BE, "utf-16", mark("Read as UTF-16.")),
)
_MAGIC = (
    (b"\x89PNG", mark("a PNG picture")),
    (b"\xff\xd8\xff", mark("a JPEG picture")),
    (b"GIF8", mark("a GIF picture")),
    (b"%PDF", mark("a PDF document")),
    (b"\x1f\x8b", mark("a gzip archive")),
    (b"Rar!", mark("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", mark("a 7z archive")),
    (b"\x7fELF", mark("a program")),
    (b"MZ\x90", mark("a program")),
    (b"SQLite format 3", mark("a database")),
    (b"PAR1", mark("a Parquet file")),
)
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1a")
_TURKISH_BYTES = frozenset(b"\xd0\xdd\xde\xf0\xfd\xfe")  # Ğ İ Ş ğ ı ş in 1254; Ð Ý Þ ð ý þ in 1252
_NOT_TURKISH_BYTES = frozenset(b"\xc1\xc6\xcd\xd3\xda\xe1\xe6\xed\xf3\xfa")  # letters of the languages with Ð and Þ
_GARBLED = re.compile("Ã[¤¶¼Ÿ©¨±§]|Ä[±Ÿ°]|Å[Ÿž]")


@dataclasses.dataclass(frozen=True, slots=True)
class Encoding:
    """A codec by its Python name, and what to tell the user about it ("" when there is nothing to tell)."""

    codec: str
    note: str


def detect(data: bytes) -> Encoding:
    """The encoding of a text file. Raises FileRefused `not_a_table` for binary data, `encoding` for damaged text."""
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise _binary(say("it looks like {what}", what=say(what)))
    for order_mark, codec, note in _BYTE_ORDER_MARKS:
        if data.startswith(order_mark):
            _must_decode(data, codec)
            return Encoding(codec, say(note))
    codec_16 = _utf16_without_mark(data)
    if codec_16:
        _must_decode(data, codec_16)
        return Encoding(codec_16, mark("Read as UTF-16."))
    controls = len(data) - len(data.translate(None, _CONTROL_BYTES))
    if controls > max(2, len(data) // 50):
        raise _binary(say("it holds binary data"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _code_page(data, error)
    if _GARBLED.search(text):
        return Encoding("utf-8", say("Some accented letters look garbled (like “Ã¤” for “ä”) in the file itself."))
    return Encoding("utf-8", "")


def _binary(why: str) -> FileRefused:
    return FileRefused("not_a_table", say("This is not a table of orders: {why}. Send a CSV or XLSX file.", why=why))


def _must_decode(data: bytes, codec: str) -> None:
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        line = _line_of(data, error.start, codec)
        name = codec.removesuffix("-sig").removesuffix("-le").removesuffix("-be").upper()
        raise FileRefused(
            "encoding",
            say(
                "The file says it is {name} text but is damaged near line {line}. Save it as UTF-8.",
                name=name,
                line=line,
            ),
        ) from None


def _line_of(data: bytes, at: int, codec: str) -> int:
    return data[:at].decode(codec, "replace").count("\n") + 1


def _utf16_without_mark(data: bytes) -> str:
    """Western text in UTF-16 has a zero in every other byte; which one tells the byte order."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 4:
        return ""
    first, second = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if second > 0.4 and first < 0.05:
        return "utf-16-le"
    if first > 0.4 and second < 0.05:
        return "utf-16-be"
    return ""


def _code_page(data: bytes, error: UnicodeDecodeError) -> Encoding:
    line = data.count(b"\n", 0, error.start) + 1
    replaced = data.decode("utf-8", "replace")
    damaged = replaced.count("\ufffd")
    sound = len(replaced) - damaged - sum(map(replaced.count, map(chr, range(128))))
    if sound > damaged:
        raise FileRefused(
            "encoding",
            say(
                "The file is UTF-8 text but damaged in line {line}. Save it again as UTF-8 and send it once more.",
                line=line,
            ),
        )
    high = frozenset(data) - frozenset(range(128))
    turkish = bool(high & _TURKISH_BYTES) and not high & _NOT_TURKISH_BYTES
    codec, name = ("cp1254", "Windows-1254 (Turkish)") if turkish else ("cp1252", "Windows-1252")
    try:
        data.decode(codec)
    except UnicodeDecodeError as unknown:
        line = data.count(b"\n", 0, unknown.start) + 1
        raise FileRefused(
            "encoding",
            say(
                "The encoding of the file is not known: line {line} is neither UTF-8 nor Windows text. Save it as "
                "UTF-8.",
                line=line,
            ),
        ) from None
    return Encoding(codec, say("Read as {name}. If accented letters look wrong, save the file as UTF-8.", name=name))
