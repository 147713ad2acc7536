"""What may stand in a line of a conversation. A pure room: text in, text out."""

from __future__ import annotations

import re
import unicodedata

_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Without control and invisible direction characters, trailing blanks and heaps of blank lines; "" when nothing is
    left. Line breaks stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(char for char in text if char == "\n" or char == "\t" or _shown(char)).replace("\t", " ")
    lines = [line.rstrip() for line in kept.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _shown(char: str) -> bool:
    kind = unicodedata.category(char)
    # Emoji of families and flags are joined by U+200D; what turns the reading direction could forge a line.
    return kind not in ("Cc", "Cs", "Co", "Cn") and (kind != "Cf" or char == "\u200d")


def shortened(text: str, most: int) -> str:
    """At most `most` characters in one line, cut at a word, for an SMS or the last line in a list."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return f"{cut[: cut.rfind(' ')] if cut.rfind(' ') > most * 0.6 else cut}…"
