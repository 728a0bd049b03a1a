"""What goes into the pipeline and what comes out of it, one frozen struct each.

Times are integer epoch milliseconds UTC, amounts integers in base units (`units.py`). What
happened is named in the past tense or as the row it becomes; nothing is changed once made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from meterd.orders import (
    LOSS_WINDOW,
    Acknowledged,
    Administered,
    HistoryOrdered,
    LossDeclared,
    RecordEdit,
    RecordOrdered,
    ReplacementOrdered,
    Row,
)

MEASURED: Final = "measured"
INTEGRATED: Final = "integrated"
ESTIMATED: Final = "estimated"
MIXED: Final = "mixed"

GOOD: Final = "good"
GAP: Final = "gap"
QUESTIONABLE: Final = "questionable"
MISSING: Final = "missing"

REPLACED: Final = "meter_replaced"
REPLACEMENT_COMPLETED: Final = "replacement_completed"
TOLD_LATE: Final = frozenset({REPLACED, REPLACEMENT_COMPLETED})
"""Kinds of events that may bring energy of an earlier time; it has a hull of its own."""

# -- inputs -------------------------------------------------------------------------------


class Reading(msgspec.Struct, frozen=True, gc=False):
    """Everything one meter said at one instant.

    registers: counter -> base units. gauges: quantity -> canonical unit. missing: asked for and
    not read. What is absent is absent, never 0 and never an earlier value.
    age_ms: since the device refreshed them. boot, mono_ms: of a live reading, "" and 0 in a
    recording. entered_by: who read it off, "" for the device. dials: what it says of counters.
    """

    meter: str
    at_ms: int
    registers: dict[str, int]
    gauges: dict[str, float]
    missing: tuple[str, ...] = ()
    serial: str | None = None
    uptime_s: float | None = None
    age_ms: int = 0
    boot: str = ""
    mono_ms: int = 0
    quality: str = GOOD
    texts: dict[str, str] = {}
    entered_by: str = ""
    dials: Mapping[str, tuple[int, int | None]] = {}


class Tick(msgspec.Struct, frozen=True, gc=False):
    """Time has passed."""

    at_ms: int


class PollFailed(msgspec.Struct, frozen=True, gc=False):
    """A meter did not answer. offline: it has been silent long enough to be called so."""

    meter: str
    at_ms: int
    reason: str
    offline: bool


Told = Reading | ReplacementOrdered | LossDeclared
"""What one meter has to say, or is told."""
Orders = RecordOrdered | Administered | HistoryOrdered | Acknowledged
Input = Told | Tick | PollFailed | Orders

# -- between the stages -------------------------------------------------------------------


class Booking(msgspec.Struct, frozen=True, gc=False):
    """What one counter is found to have counted between two accepted readings.

    amount: base units booked over [start_ms, end_ms); start_ms == end_ms only when the
    clock was stepped back. quality: good, gap, questionable or missing (a loss window).
    after: the part of `amount` that belongs after the cut (`cut` not empty), i.e. what
    the counter has counted since it rolled over or was reset or replaced.
    unbilled: base units known to have been used and not booked here (policy `strict`).
    event: the kind of the event that shaped this, "" for an ordinary rise. since_ms: where
    what comes to light late was used from, 0 for what was used in [start_ms, end_ms).
    gap_to_ms: where a gap ends of which this is a part, 0 for one that ends here.
    """

    meter: str
    quantity: str
    start_ms: int
    end_ms: int
    amount: int
    quality: str = GOOD
    cut: str = ""
    after: int = 0
    unbilled: int = 0
    event: str = ""
    since_ms: int = 0
    gap_to_ms: int = 0


# -- outputs ------------------------------------------------------------------------------


class Event(msgspec.Struct, frozen=True, gc=False):
    """A decision that is not an ordinary rise, with its numbers (JSON-ready values)."""

    id: str
    at_ms: int
    kind: str
    meter: str = ""
    quantity: str = ""
    numbers: dict[str, Any] = {}


class Interval(msgspec.Struct, frozen=True, gc=False):
    """What one source of a meter used in one interval of the wall clock.

    quantity: the register the amount belongs to. method: measured (its counter),
    integrated (power over time) or estimated (volts times amperes). phase: "" or l1..l3.
    gap, questionable: the parts of `amount` of those qualities.
    missing_ms: time of the interval that no accepted pair of readings covers.
    gap_from_ms, gap_to_ms: hull of the gaps that touch the interval, both 0 if none.
    event: the kind of the last event that shaped it, or "".
    """

    meter: str
    quantity: str
    method: str
    phase: str
    start_ms: int
    end_ms: int
    amount: int
    gap: int = 0
    questionable: int = 0
    missing_ms: int = 0
    gap_from_ms: int = 0
    gap_to_ms: int = 0
    event: str = ""

    @property
    def quality(self) -> str:
        """One word for the whole interval, the weakest that applies."""
        if self.missing_ms >= self.end_ms - self.start_ms:
            return MISSING
        if self.questionable or self.event == LOSS_WINDOW:
            return QUESTIONABLE
        return GAP if self.gap_to_ms else GOOD


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One interval of one source as one bill saw it. discarded: above the bill's ceiling."""

    bill: str
    kind: str
    period_start_ms: int
    interval: Interval
    discarded: bool = False


class RecordRow(msgspec.Struct, frozen=True, gc=False):
    """A meter record as it stands (seed 001). Amounts are exact; the columns are doubles.

    usage: base units of the configuration's quantity. cost: decimal string or None.
    cut_by: why it ended, "" while it runs. as_of_ms: until when one that has not ended is
    known to last, None for one that has.
    """

    id: str
    configuration: str
    run: int
    status: str
    start_ms: int
    end_ms: int | None
    usage: int
    cost: str | None
    created_ms: int
    modified_ms: int | None
    modified_by: str | None
    location: str | None
    cut_by: str = ""
    as_of_ms: int | None = None


class PeriodClosed(msgspec.Struct, frozen=True, gc=False):
    """A billing period, closed for good. body: its canonical JSON, with terms and figures."""

    bill: str
    start_ms: int
    end_ms: int
    closed_ms: int
    body: bytes
    sha256: str
    previous_sha256: str


class Adjusted(msgspec.Struct, frozen=True, gc=False):
    """Energy that came to light after its period was closed, carried to the open one."""

    id: str
    bill: str
    period_start_ms: int
    open_period_start_ms: int
    at_ms: int
    reason: str
    meter: str
    method: str
    amount: int
    before: int
    after: int
    rates: dict[str, int] = {}  # price per kWh by the closed terms -> joules, negative if paid


class AvailabilityChanged(msgspec.Struct, frozen=True, gc=False):
    """A meter came on line or went off line."""

    meter: str
    at_ms: int
    online: bool


Output = (
    Event
    | Interval
    | Sample
    | RecordRow
    | PeriodClosed
    | Adjusted
    | AvailabilityChanged
    | Row
    | RecordEdit
)
