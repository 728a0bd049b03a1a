"""A statement as a PDF: the same sections as everywhere, flowed over pages of A4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meterd.shapes.statement.layout import Layout, Section, Table
from meterd.shapes.statement.mark import mark, runs
from meterd.shapes.statement.pdf_file import HEIGHT_PT, WIDTH_PT, Sheet, document, width

LEFT: Final = 52.0
RIGHT: Final = WIDTH_PT - LEFT
TOP: Final = 60.0
BOTTOM: Final = HEIGHT_PT - 60.0
SIZE: Final = 9.5
SMALL: Final = 8.2
LEAD: Final = 1.38
"""Distance of two lines, times the size."""
LABELS: Final = 150.0
GAP: Final = 9.0
MODULE: Final = 2.4
"""Points of a QR code's module: some 0.85 mm, which every telephone can read."""


def pdf(page: Layout) -> bytes:
    """The file."""
    flow = _Flow(page.title)
    flow.line(page.title, 17, bold=True)
    flow.line(page.period, SIZE + 1)
    flow.rule(1.2)
    if page.banner is not None:
        flow.down(6)
        for line in wrapped(page.banner, 14, RIGHT - LEFT, bold=True):
            flow.line(line, 14, bold=True)
        flow.rule(1.2)
    for section in page.sections:
        flow.section(section)
    if page.mark is not None:
        flow.code(page.mark)
    return flow.finished()


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """Lines that fit; a word that does not fit by itself is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        if line and width(f"{line} {word}", size, bold=bold) <= room:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        while width(rest, size, bold=bold) > room:
            cut = next(n for n in range(len(rest), 0, -1) if n == 1 or _fits(rest[:n], size, room))
            lines.append(rest[:cut])
            rest = rest[cut:]
        line = rest
    return [*lines, line] if line else lines


def _fits(text: str, size: float, room: float) -> bool:
    return width(text, size, bold=True) <= room


class _Flow:
    """Where the next line goes; a full page begins another."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._sheets = [Sheet()]
        self._y = TOP

    def finished(self) -> bytes:
        """The file, its pages numbered."""
        count = len(self._sheets)
        for number, sheet in enumerate(self._sheets, 1):
            foot = f"{self._title}, page {number} of {count}"
            sheet.text((LEFT, HEIGHT_PT - 34), foot, SMALL)
        return document(self._sheets, self._title)

    def down(self, points: float) -> None:
        """Leave room."""
        self._y += points

    def room(self, points: float) -> None:
        """Begin another page if so much does not fit on this one."""
        if self._y + points > BOTTOM:
            self._sheets.append(Sheet())
            self._y = TOP

    def line(self, text: str, size: float, *, bold: bool = False, x: float = LEFT) -> None:
        """One line."""
        self.room(size * LEAD)
        self._y += size * LEAD
        self._sheets[-1].text((x, self._y), text, size, bold=bold)

    def rule(self, thickness: float) -> None:
        """A line across the page."""
        self._y += 5
        self._sheets[-1].box(LEFT, self._y, RIGHT - LEFT, thickness)
        self._y += thickness

    def section(self, section: Section) -> None:
        """A heading, with at least its first lines on the same page."""
        self.down(12)
        self.room(5 * SIZE * LEAD)
        self.line(section.title, SIZE + 1, bold=True)
        self.rule(0.5)
        self.down(2)
        for name, value in section.pairs:
            self._pair(name, value)
        if section.table is not None:
            self._table(section.table)
        for sentence in section.sentences:
            for line in wrapped(sentence, SMALL, RIGHT - LEFT):
                self.line(line, SMALL)

    def _pair(self, name: str, value: str) -> None:
        lines = wrapped(value, SIZE, RIGHT - LEFT - LABELS) or [""]
        self.line(name, SIZE)
        self._sheets[-1].text((LEFT + LABELS, self._y), lines[0], SIZE)
        for line in lines[1:]:
            self.line(line, SIZE, x=LEFT + LABELS)

    def _table(self, table: Table) -> None:
        size, widths = _fitting(table)
        last = len(table.rows)
        for number, row in enumerate([table.columns, *table.rows]):
            total = table.total and number == last
            if total:
                self.rule(0.5)
            self._row(row, widths, table, (size, total))
            if not number:
                self.rule(0.3)
                self.down(1)

    def _row(
        self, row: Sequence[str], widths: Sequence[float], table: Table, font: tuple[float, bool]
    ) -> None:
        """A row, its long cells wrapped. font: size, and whether it is bold."""
        size, bold = font
        cells = [
            [cell] if index in table.right else wrapped(cell, size, room, bold=bold)
            for index, (cell, room) in enumerate(zip(row, widths, strict=True))
        ]
        height = max(len(lines) for lines in cells)
        self.room(height * size * LEAD)
        x = LEFT
        for index, (lines, room) in enumerate(zip(cells, widths, strict=True)):
            for down, line in enumerate(lines, 1):
                right = room - width(line, size, bold=bold) if index in table.right else 0
                place = x + right, self._y + down * size * LEAD
                self._sheets[-1].text(place, line, size, bold=bold)
            x += room + GAP
        self._y += height * size * LEAD

    def code(self, text: str) -> None:
        """A QR code with its quiet zone."""
        rows = mark(text)
        self.room((len(rows) + 8) * MODULE)
        top = self._y + 4 * MODULE
        for x, y, length in runs(rows):
            place = LEFT + x * MODULE, top + y * MODULE
            self._sheets[-1].box(*place, length * MODULE, MODULE)
        self._y = top + (len(rows) + 4) * MODULE


def _fitting(table: Table) -> tuple[float, list[float]]:
    """(size, widths) of a table's columns: numbers are never broken, the rest shares the room."""
    lines = [table.columns, *table.rows]
    across = RIGHT - LEFT - GAP * (len(table.columns) - 1)
    size = SMALL + 0.3
    widths = [
        max(width(line[index], size, bold=True) for line in lines) + 1
        for index in range(len(table.columns))
    ]
    fixed = sum(widths[index] for index in table.right)
    free = sum(widths) - fixed
    if sum(widths) <= across:
        widths[0] += across - sum(widths) if 0 not in table.right else 0
        return size, widths
    if fixed + 40 * (len(widths) - len(table.right)) > across:  # numbers beyond any meter's
        return size * across / sum(widths), [one * across / sum(widths) for one in widths]
    share = (across - fixed) / free
    return size, [one if index in table.right else one * share for index, one in enumerate(widths)]
