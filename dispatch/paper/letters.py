"""The printing font: which letters it has, and what stands for those it has not."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
STANDS_FOR = "\ufffd"
_JOINERS = "\u200c\u200d"  # Persian words need them


@cache
def known() -> frozenset[int]:
    """The code points that both faces have: Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian, Georgian and signs."""
    points = []
    for path in (REGULAR, BOLD):
        with TTFont(path, lazy=True) as face:
            points.append(frozenset(face.getBestCmap()))
    return points[0] & points[1]


def printable(text: str) -> tuple[str, bool]:
    """The text as it can be printed, and whether a letter had to be replaced. Control characters are dropped."""
    out, lost = [], False
    for letter in unicodedata.normalize("NFC", text):
        if letter == "\n" or letter in _JOINERS:
            out.append(letter)
        elif letter.isspace():
            out.append(" ")
        elif unicodedata.category(letter) in ("Cc", "Cf", "Cs"):
            continue
        elif ord(letter) in known():
            out.append(letter)
        elif unicodedata.category(letter) == "Mn":
            continue
        else:
            out.append(STANDS_FOR)
            lost = True
    return "".join(out), lost


def connected(text: str) -> bool:
    """Whether letters of the text join or run from right to left (Hebrew, Arabic and their kin): it must be shaped."""
    return any("\u0590" <= letter <= "\u08ff" or "\ufb1d" <= letter <= "\ufefc" for letter in text)
