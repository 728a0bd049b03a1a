"""QR codes, as rows of dark and light: the one file that knows the library."""

from __future__ import annotations

import segno

Rows = tuple[tuple[bool, ...], ...]


def mark(text: str) -> Rows:
    """A text as the modules of a QR code, without its quiet zone. True is dark."""
    code = segno.make(text, micro=False, error="m")
    return tuple(tuple(bool(cell) for cell in row) for row in code.matrix)


def runs(rows: Rows) -> list[tuple[int, int, int]]:
    """(x, y, length) of every row's dark runs: fewer shapes to draw."""
    found = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                found.append((x, y, length))
            x += length or 1
    return found
