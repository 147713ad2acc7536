"""A page of ours: the font, the head, the foot, and small things to draw on it. Lengths in millimetres."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import barcode
from barcode.errors import BarcodeError
from fpdf import FPDF

from core.words import say, tag
from dispatch.paper import letters

MARGIN, WIDTH, BOTTOM = 14.0, 182.0, 18.0
INK, SOFT, LINE, SHADE = (20, 33, 29), (91, 105, 99), (188, 198, 191), (240, 243, 240)
_THINNEST_MM = 0.19  # what common hand scanners still read from office printers

# The subsetter tells on INFO of every table that it drops.
logging.getLogger("fontTools").setLevel(logging.WARNING)


class Page(FPDF):
    """An A4 sheet whose head and foot say whose it is; letters that the font lacks are replaced and told."""

    def __init__(self, title: str, made_at: datetime) -> None:
        super().__init__("P", "mm", "A4")
        self.head = ""
        self.made_at = made_at
        self.lost_letters = False
        self.first_page_of_part = 1
        self.set_title(title)
        self.set_creator("Lastmile")
        self.set_creation_date(made_at)
        self.set_margins(MARGIN, 12, MARGIN)
        self.set_auto_page_break(False)
        self.add_font("paper", "", letters.REGULAR)
        self.add_font("paper", "B", letters.BOLD)
        self.c_margin = 0
        self.set_lang(tag())

    def part(self, head: str) -> None:
        """Begin a new part on a new page; its pages are counted from one."""
        self.head = head
        self.add_page()  # draws the foot of the page before as well, which still counts from its own first page
        self.first_page_of_part = self.page_no()

    def header(self) -> None:
        self.write_line(self.head, 8, y=9, color=SOFT)
        self.set_draw_color(*LINE)
        self.line(MARGIN, 14, MARGIN + WIDTH, 14)
        self.set_y(18)

    def footer(self) -> None:
        page = self.page_no() - self.first_page_of_part + 1
        printed = say("Printed {moment}", moment=f"{self.made_at:%d.%m.%Y %H:%M}")
        lost = say(
            "   {stands_for} stands for a letter this printer's font lacks; Lastmile shows it.",
            stands_for=letters.STANDS_FOR,
        )
        words = printed + (lost if self.lost_letters else "")
        self.write_line(words, 7, y=285, color=SOFT)
        self.write_line(say("Page {page}", page=page), 7, y=285, color=SOFT, align="R")

    def room(self, height: float) -> bool:
        """Whether so much fits on this page still."""
        return self.get_y() + height <= self.h - BOTTOM

    def text_of(self, text: str) -> str:
        """The text with what the font has; remembers that something was replaced."""
        clean, lost = letters.printable(text)
        self.lost_letters = self.lost_letters or lost
        return clean

    def write_line(
        self, text: str, size: float, *, x: float | None = None, y: float | None = None, width: float = 0,
        bold: bool = False, color: tuple[int, int, int] = INK, align: str = "L",
    ) -> None:  # fmt: skip
        """One line of text, cut with an ellipsis where it is wider than `width` (0: to the right margin)."""
        x = MARGIN if x is None else x
        width = width or MARGIN + WIDTH - x
        text = " ".join(self.text_of(text).split())
        if self.wide(text, size, bold) > width:
            while text and self.wide(text + "…", size, bold) > width:
                text = text[: -max(1, len(text) // 20)]
            text += "…"
        left = x if align == "L" else x + width - self.wide(text, size, bold)
        y = self.get_y() if y is None else y
        self._draw(text, size, left, y, bold, color)
        self.set_xy(x, y)

    def wide(self, text: str, size: float, bold: bool = False) -> float:
        """How wide the text is in millimetres."""
        self._use(size, bold)
        if letters.connected(text):
            return float(self.get_string_width(text))
        # What the library would answer for letters that stand alone, at a hundredth of the time.
        widths: Any = self.current_font.cw if self.current_font else {}
        return float(sum(widths[ord(letter)] for letter in text)) * size / 1000 / self.k

    def wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """The lines that the text takes at this width; nothing is ever cut."""
        lines = []
        for paragraph in self.text_of(text).split("\n"):
            line = ""
            for word in paragraph.split():
                if line and self.wide(f"{line} {word}", size, bold) > width:
                    lines.append(line)
                    line = ""
                line = f"{line} {word}" if line else word
                while len(line) > 1 and self.wide(line, size, bold) > width:  # a word longer than a line
                    cut = len(line) - 1
                    while cut > 1 and self.wide(line[:cut], size, bold) > width:
                        cut -= 1
                    lines.append(line[:cut])
                    line = line[cut:]
            if line:
                lines.append(line)
        return lines

    def write_lines(
        self, lines: list[str], size: float, x: float, y: float, width: float,
        *, bold: bool = False, color: tuple[int, int, int] = INK,
    ) -> float:  # fmt: skip
        """Lines of `wrapped` from (x, y) down; returns where the next one would stand."""
        for line in lines:
            self._draw(line, size, x, y, bold, color)
            y += size * 0.46
        return y

    def _use(self, size: float, bold: bool) -> None:
        if (self.font_family, self.font_style, self.font_size_pt) != ("paper", "B" if bold else "", size):
            self.set_font("paper", "B" if bold else "", size)

    def _draw(self, text: str, size: float, x: float, y: float, bold: bool, color: tuple[int, int, int]) -> None:
        """Text from its left upper corner. Arabic and the like are joined and turned by the shaper."""
        if not text:
            return
        self._use(size, bold)
        self.set_text_color(*color)
        connected = letters.connected(text)
        self.set_text_shaping(connected)
        if connected:
            self.set_xy(x, y)
            self.cell(self.get_string_width(text) + 2 * self.c_margin, size * 0.46, text)
        else:
            self.text(x, y + size * 0.36, text)

    def code(self, reference: str, x: float, y: float, width: float, height: float = 8.0) -> bool:
        """The reference as Code 128 (ISO/IEC 15417) at the right of the box; False where it cannot be one."""
        bars = bars_of(reference)
        if not bars:
            return False
        module = min(0.33, (width - 4) / len(bars))
        if module < _THINNEST_MM:
            return False
        left = x + width - module * len(bars)
        self.set_fill_color(0, 0, 0)
        start = None
        for index, bar in enumerate(bars + "0"):
            if bar == "1" and start is None:
                start = index
            elif bar == "0" and start is not None:
                self.rect(left + start * module, y, (index - start) * module, height, "F")
                start = None
        return True

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """A shaded box."""
        self.set_fill_color(*SHADE)
        self.rect(x, y, width, height, "F")

    def rule(self, y: float) -> None:
        self.set_draw_color(*LINE)
        self.line(MARGIN, y, MARGIN + WIDTH, y)

    def tick(self, x: float, y: float) -> None:
        """An empty box to be ticked by hand."""
        self.set_draw_color(*INK)
        self.rect(x, y, 4, 4)

    def bytes(self) -> bytes:
        return bytes(self.output())


def bars_of(reference: str) -> str:
    """The bars and gaps of Code 128 as 1 and 0; "" for a reference with letters that the code has not."""
    if not reference or not reference.isascii() or not reference.isprintable():
        return ""
    try:
        return str(barcode.get("code128", reference).build()[0])
    except BarcodeError:
        return ""
