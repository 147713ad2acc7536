"""A page of headings, lines and tables on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.paper.page import MARGIN, SOFT, WIDTH, Page


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with figures ((label, value)), lines, and a table: its head and rows, widths as shares of the page."""

    title: str
    figures: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = field(default=())


def summary(title: str, under: str, head: str, blocks: Sequence[Block], *, made_at: datetime) -> bytes:
    """These blocks, one below the other. `made_at` in the reader's zone."""
    page = Page(title, made_at)
    page.part(head)
    page.write_line(title, 18, bold=True, y=19)
    page.write_line(under, 10, y=29, color=SOFT)
    page.set_y(38)
    for block in blocks:
        _block(page, block)
    return page.bytes()


def _block(page: Page, block: Block) -> None:
    if not page.room(30):
        page.add_page()
    page.write_line(block.title, 12, bold=True)
    page.set_y(page.get_y() + 7.5)
    if block.figures:
        top, step = page.get_y(), WIDTH / len(block.figures)
        page.box(MARGIN, top, WIDTH, 14)
        for index, (label, value) in enumerate(block.figures):
            page.write_line(label, 7, x=MARGIN + 3 + index * step, y=top + 2, width=step - 4, color=SOFT)
            page.write_line(value, 11, x=MARGIN + 3 + index * step, y=top + 6.5, width=step - 4, bold=True)
        page.set_y(top + 17)
    for line in block.lines:
        for part in page.wrapped(line, WIDTH, 9):
            if not page.room(5):
                page.add_page()
            page.write_lines([part], 9, MARGIN, page.get_y(), WIDTH)
            page.set_y(page.get_y() + 4.6)
    if block.rows:
        _table(page, block)
    page.set_y(page.get_y() + 5)


def _table(page: Page, block: Block) -> None:
    shares = block.widths or tuple(1 / len(block.head) for _ in block.head)
    widths = [WIDTH * share for share in shares]

    def titles() -> None:
        x, y = MARGIN, page.get_y()
        for title, width in zip(block.head, widths, strict=True):
            page.write_line(title, 7.5, x=x, y=y, width=width - 1, color=SOFT)
            x += width
        page.set_y(y + 5)

    titles()
    for row in block.rows:
        cells = [page.wrapped(cell, width - 2, 8.5) for cell, width in zip(row, widths, strict=True)]
        height = max(1, *(len(cell) for cell in cells)) * 4.0 + 2
        if not page.room(height):
            page.add_page()
            titles()
        top, x = page.get_y(), MARGIN
        page.rule(top)
        for cell, width in zip(cells, widths, strict=True):
            page.write_lines(cell, 8.5, x, top + 1, width)
            x += width
        page.set_y(top + height)
