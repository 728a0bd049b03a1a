"""The Sankey diagram: bars as high as what flows, ribbons to what is below."""

from __future__ import annotations

import itertools
import re

from meterd.web.charts.sankey import GAP, LEAST, TOTAL, Flow, sankey

HEIGHT = re.compile(r'class="flow[^"]*" x="([\d.]+)" y="([\d.]+)" width="11" height="([\d.]+)"')


def bars(drawn: str) -> list[tuple[float, float, float]]:
    """(x, y, height) of every bar."""
    return [(float(x), float(y), float(height)) for x, y, height in HEIGHT.findall(drawn)]


def test_a_bar_is_as_high_as_what_flows_and_stands_right_of_what_feeds_it() -> None:
    a, b = Flow("a", 30.0, "30 kW", "a told"), Flow("b", 60.0, "60 kW", "b told", "feed-b")
    rest = Flow("rest", 10.0, "10 kW", "lost", "rest")
    root = Flow("main", 100.0, "100 kW", "main & told", href="/meters/main", below=(a, b, rest))
    drawn = sankey("what flows", [root])
    placed = bars(drawn)
    assert [height for _x, _y, height in placed] == [TOTAL, TOTAL * 0.3, TOTAL * 0.6, TOTAL * 0.1]
    assert placed[0][0] < placed[1][0] == placed[2][0] == placed[3][0]
    for (_x, y, height), (_, following, _h) in itertools.pairwise(placed[1:]):
        assert following >= y + height + GAP - 0.1
    assert drawn.count('class="ribbon') == 3
    assert 'class="ribbon rest" fill="url(#hatch)"' in drawn
    assert "main &amp; told" in drawn
    assert 'href="/meters/main"' in drawn
    assert 'role="group"' in drawn


def test_what_is_not_known_or_nothing_is_a_thin_bar() -> None:
    drawn = sankey("dark", [Flow("m", None, "–", "m", below=(Flow("n", 0.0, "0 kW", "n"),))])
    assert {height for _x, _y, height in bars(drawn)} == {LEAST}


def test_several_supplies_stand_below_each_other() -> None:
    drawn = sankey("two", [Flow("a", 1.0, "", "a"), Flow("b", 3.0, "", "b")])
    (_, first, height), (_, second, other) = bars(drawn)
    assert second >= first + height + GAP - 0.1
    assert other == 3 * height
