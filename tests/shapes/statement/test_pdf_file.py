"""The PDF format: objects where the table says they are, text that a reader finds."""

from __future__ import annotations

import re
import zlib

import pytest

from meterd.shapes.statement.pdf_file import Sheet, document, encoded, width


def sheet() -> Sheet:
    one = Sheet()
    one.text((50, 100), r"a (b) \ €", 10)
    one.text((50, 120), "bold", 10, bold=True)
    one.box(50, 60, 100, 0.5)
    return one


def test_every_object_stands_where_the_table_says() -> None:
    file = document([sheet(), Sheet()], "Größe")
    (start,) = map(int, re.findall(rb"startxref\n(\d+)", file))
    assert file[start : start + 4] == b"xref"
    places = [int(at) for at in re.findall(rb"(\d{10}) 00000 n", file)]
    for number, at in enumerate(places, 1):
        assert file[at:].startswith(f"{number} 0 obj\n".encode())
    assert b"/Count 2" in file
    assert "Größe".encode("utf-16-be").hex().encode() in file
    assert document([sheet()], "x") == document([sheet()], "x")


def test_text_is_escaped_and_packed() -> None:
    file = document([sheet()], "x")
    (packed,) = re.findall(rb"stream\n(.*?)\nendstream", file, re.DOTALL)
    drawn = zlib.decompress(packed)
    assert rb"(a \(b\) \\ " + "€".encode("cp1252") + b") Tj" in drawn
    assert b"/B 10 Tf" in drawn
    assert b"50.000 781.390 100.000 0.500 re f" in drawn


@pytest.mark.parametrize(("text", "points"), [("0", 5.56), (" ", 2.78), ("é", 6.0), ("Ж", 5.56)])
def test_letters_have_the_width_of_the_font(text: str, points: float) -> None:
    assert width(text, 10) == pytest.approx(points)


def test_bold_letters_are_wider_and_bold_digits_are_not() -> None:
    assert width("12.5", 10, bold=True) == width("12.5", 10)
    assert width("Total", 10, bold=True) > width("Total", 10)
    assert encoded("Ж") == b"?"
