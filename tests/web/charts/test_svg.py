"""Markup: what is escaped, and a line that breaks where nothing is known."""

from __future__ import annotations

import pytest

from meterd.web.charts.svg import Svg, drawing, line, number, tag, titled


def test_what_is_not_ours_is_escaped() -> None:
    assert tag("a", href='"x"<') == '<a href="&quot;x&quot;&lt;"/>'
    assert titled("1 < 2") == "<title>1 &lt; 2</title>"
    assert "<title>a &amp; b</title>" in drawing("a & b", [])


def test_attributes_are_written_as_svg_spells_them() -> None:
    assert tag("g", "x", class_="a", text_anchor="end", fill=None) == (
        '<g class="a" text-anchor="end">x</g>'
    )
    assert (number(2.0), number(0.25), number(1 / 3)) == ("2", "0.2", "0.3")


def test_finished_markup_says_so_to_a_template() -> None:
    assert Svg("<svg/>").__html__() == "<svg/>"


@pytest.mark.parametrize(
    ("ys", "path"),
    [
        ([1, 2, 3], "M0 1L1 2L2 3"),
        ([1, None, 3], "M0 1h.1M2 3h.1"),
        ([1, 2, None, 4, 5], "M0 1L1 2M3 4L4 5"),
    ],
)
def test_a_line_breaks_over_a_gap(ys: list[float | None], path: str) -> None:
    drawn = line([(float(x), y) for x, y in enumerate(ys)], "line")
    assert f'd="{path}"' in drawn


def test_a_line_of_nothing_is_nothing() -> None:
    assert line([(0, None)], "line") == ""
