"""Charts drawn on the server as SVG: pure functions from numbers to markup.

Colours come from the style sheet by class, so a chart follows the reader's theme and prints.
Every chart has a title that says in a sentence what it shows; its numbers stand in a table
beside it, which is the page's to show.
"""

from meterd.web.charts.bars import Bar, Bars, Mark, bars
from meterd.web.charts.burnup import Burn, Point, burn
from meterd.web.charts.gauges import mix, progress
from meterd.web.charts.svg import Svg

__all__ = ["Bar", "Bars", "Burn", "Mark", "Point", "Svg", "bars", "burn", "mix", "progress"]
