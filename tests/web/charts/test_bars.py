"""Bars: gaps are gaps, estimates are hatched, and the allowance is marked."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from meterd.web.charts import Bar, Bars, Mark, Svg, bars

SVG = "{http://www.w3.org/2000/svg}"


def chart(*given: Bar, **rest: Any) -> Svg:
    return bars(Bars("Energy of a day", given, [Mark(0, "00:00")], **rest))


def rects(drawn: Svg, class_: str) -> list[ET.Element]:
    """Every rectangle of this class; the chart is well-formed XML."""
    root = ET.fromstring(drawn)  # ours, and made a moment ago
    return [one for one in root.iter("rect") if one.get("class") == class_]


def test_a_bar_is_as_high_as_its_energy() -> None:
    drawn = chart(Bar(0, 1, 5, "5 kWh"), Bar(1, 2, 10, "10 kWh"))
    low, high = (float(one.get("height", 0)) for one in rects(drawn, "amount"))
    assert abs(high - 2 * low) < 0.3
    assert "<title>5 kWh</title>" in drawn
    assert "<title>Energy of a day</title>" in drawn


def test_a_gap_has_no_bar_but_a_mark_and_the_future_has_neither() -> None:
    given = (Bar(0, 1, 5, "5"), Bar(1, 2, None, "no data"), Bar(2, 3, None, "to come"))
    drawn = chart(*given, now=2.0)
    assert (len(rects(drawn, "amount")), len(rects(drawn, "gap"))) == (1, 1)
    assert len(rects(drawn, "hit")) == 3


def test_what_is_estimated_is_hatched_at_the_end_of_its_bar() -> None:
    (whole,) = rects(drawn := chart(Bar(0, 1, 8, "8", soft=2)), "amount")
    (soft,) = rects(drawn, "soft")
    assert soft.get("fill") == "url(#hatch)"
    assert soft.get("y") == whole.get("y")
    assert abs(float(soft.get("height", 0)) * 4 - float(whole.get("height", 0))) < 0.5


def test_what_is_fed_back_hangs_below_the_line() -> None:
    up, down = rects(chart(Bar(0, 1, 5, ""), Bar(1, 2, -5, "")), "amount")
    zero = float(up.get("y", 0)) + float(up.get("height", 0))
    assert abs(float(down.get("y", 0)) - zero) < 0.2


def test_power_has_an_axis_of_its_own_and_the_allowance_a_line() -> None:
    given = (Bar(0, 1, 5, "", mean=10, peak=18), Bar(1, 2, 5, "", mean=11, peak=19))
    drawn = chart(*given, limit=20.0)
    assert {"line mean", "line peak", "limit"} <= {
        one.get("class") for one in ET.fromstring(drawn).iter()
    }
    assert ">kW<" in drawn
    assert ">kW<" not in chart(Bar(0, 1, 5, ""))


def test_a_bar_may_lead_somewhere_and_narrow_ones_stand_close() -> None:
    drawn = chart(*(Bar(n, n + 1, 1, "", href=f"?at={n}") for n in range(400)))
    assert 'href="?at=399"' in drawn
    first, second = rects(drawn, "amount")[:2]
    end = float(first.get("x", 0)) + float(first.get("width", 0))
    assert abs(end - float(second.get("x", 0))) < 0.2


def test_a_chart_of_nothing_known_is_still_a_chart() -> None:
    assert rects(chart(Bar(0, 1, None, "no data")), "amount") == []
