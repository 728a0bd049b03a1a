"""What everything at a site shares: its calendar, its journal, and who writes states down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal

NEVER_MS: Final = 2**62

Touch = Callable[[str, str, int], None]
"""(kind, key, due_ms): this state has changed; its owner has something to do at due_ms."""


class Setting(NamedTuple):
    """The site around a meter. length_ms: of an interval.

    resumed_ms: when a live daemon took the states up, 0 in a replay.
    """

    calendar: Calendar
    length_ms: int
    journal: Journal
    touch: Touch
    resumed_ms: int = 0
