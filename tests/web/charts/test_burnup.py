"""The burn-up: what is used, what would be due, where it will end."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from meterd.web.charts import Burn, Mark, Point, burn


def classes(drawn: str) -> list[str]:
    found = [one.get("class", "") for one in ET.fromstring(drawn).iter()]
    return [one for one in found if one]


POINTS = [
    Point(0, 0, 0, None, "start"),
    Point(1, 5, 10, None, "one"),
    Point(2, 9, 20, 9, "now"),
    Point(4, None, 40, 18, "end"),
]


def test_every_line_and_the_present_are_there() -> None:
    drawn = burn(Burn("Burn-up", POINTS, [Mark(0, "1 Nov")], allowance=40, now=2))
    wanted = {"line used", "line allowed", "line ahead", "area", "limit", "now"}
    assert wanted <= set(classes(drawn))
    assert classes(drawn).count("hit") == len(POINTS)
    assert "<title>end</title>" in drawn


def test_without_an_allowance_there_is_no_limit_and_after_the_end_no_present() -> None:
    points = [Point(at, at, None, None, "") for at in range(3)]
    found = classes(burn(Burn("Burn-up", points, [], now=9)))
    assert {"limit", "now", "line allowed", "line ahead"} & set(found) == set()


def test_a_gap_stays_empty() -> None:
    points = [
        Point(0, 0, None, None, ""), Point(1, 2, None, None, ""), Point(2, None, None, None, ""),
        Point(3, 4, None, None, ""), Point(4, 5, None, None, ""),
    ]  # fmt: skip
    drawn = burn(Burn("Burn-up", points, []))
    (area,) = (one for one in ET.fromstring(drawn).iter() if one.get("class") == "area")
    assert (area.get("d") or "").count("M") == 2


def test_of_nothing_there_is_no_area() -> None:
    points = [Point(0, None, None, None, ""), Point(1, None, None, None, "")]
    assert "area" not in classes(burn(Burn("Burn-up", points, [])))
