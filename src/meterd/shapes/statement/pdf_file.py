"""The PDF format itself: pages of text, rules and filled boxes, as bytes (ISO 32000-1).

The fonts are Helvetica and its bold, which every reader has, so nothing is embedded; they
know the characters of Windows-1252. Another becomes a question mark, and the HTML page has it.
The same pages are the same bytes: no date, no id, no chance.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

WIDTH_PT: Final = 595.28
HEIGHT_PT: Final = 841.89
"""A4."""

_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Of Helvetica from the blank on, thousandths of its size (Adobe Font Metrics)."""
_OTHER: Final = 600
"""No letter beyond ASCII that is common in Europe is much wider."""
_BOLD: Final = 1.08
"""Bold letters are so much wider, at most; digits are as wide as the others."""
_DIGITS: Final = frozenset("0123456789.,- ")


def encoded(text: str) -> bytes:
    """The characters as the fonts know them."""
    return text.encode("cp1252", "replace")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Of a line, in points; of bold and of letters beyond ASCII rather too much."""
    codes = (code - 32 for code in encoded(text))
    known = len(_WIDTHS)
    thousandths = sum(_WIDTHS[code] if 0 <= code < known else _OTHER for code in codes)
    wider = bold and not _DIGITS.issuperset(text)
    return thousandths * size / 1000 * (_BOLD if wider else 1)


class Sheet:
    """One page that is being drawn. Points from the upper left corner."""

    def __init__(self) -> None:
        self._marks: list[bytes] = []

    def text(self, at: tuple[float, float], text: str, size: float, *, bold: bool = False) -> None:
        """A line, its base at `at`."""
        escaped = encoded(text).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font, place = ("B" if bold else "R"), f"{at[0]:.2f} {HEIGHT_PT - at[1]:.2f}"
        start = f"BT /{font} {size:g} Tf {place} Td (".encode()
        self._marks.append(start + escaped + b") Tj ET")

    def box(self, x: float, y: float, across: float, down: float) -> None:
        """A filled rectangle; a thin one is a rule."""
        place = f"{x:.3f} {HEIGHT_PT - y - down:.3f} {across:.3f} {down:.3f} re f"
        self._marks.append(place.encode())

    def stream(self) -> bytes:
        """What was drawn."""
        return b"\n".join(self._marks)


def document(sheets: Sequence[Sheet], title: str) -> bytes:
    """The file. title: for the reader's window."""
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(sheets)))
    head = b"\xfe\xff" + title.encode("utf-16-be")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        _font("Helvetica"),
        _font("Helvetica-Bold"),
    ]
    for index, sheet in enumerate(sheets):
        parts.append(_page(6 + 2 * index))
        packed = zlib.compress(sheet.stream(), 9)
        length = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        parts.append(length + packed + b"\nendstream")
    parts.append(b"<< /Producer (meterd) /Title <" + head.hex().encode() + b"> >>")
    return _assembled(parts)


def _font(name: str) -> bytes:
    encoding = "/Encoding /WinAnsiEncoding"
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} {encoding} >>".encode()


def _page(contents: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH_PT} {HEIGHT_PT}] "
        f"/Resources << /Font << /R 3 0 R /B 4 0 R >> >> /Contents {contents} 0 R >>"
    ).encode()


def _assembled(parts: Sequence[bytes]) -> bytes:
    """Numbered objects, where each begins, and the trailer; the last one is the information."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode()
    for place in places:
        out += f"{place:010d} 00000 n \n".encode()
    trailer = f"<< /Size {len(parts) + 1} /Root 1 0 R /Info {len(parts)} 0 R >>"
    return bytes(out + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())
