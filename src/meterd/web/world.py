"""What the web may see of the daemon, and what it may ask of it. Nothing of the web decides.

The store is known here by what it is asked, not by its name, so any store will do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import msgspec

from meterd.billing.slots import Slot
from meterd.config.models import Config
from meterd.config.stored import Findings
from meterd.events import (
    Adjusted,
    Event,
    Input,
    Interval,
    Output,
    PeriodClosed,
    RecordRow,
    Sample,
)
from meterd.orders import Administered, StoredObject, StoredToken
from meterd.specs import SiteSpec
from meterd.views import BillView, MeterView, SiteView

EVER_MS: Final = 1 << 62


class Unavailable(Exception):  # noqa: N818  (it reads as the sentence it is)
    """The daemon cannot do it now. The message says why and what to do; it becomes a 503."""


class Page(msgspec.Struct, frozen=True):
    """Which part of a list: starts in [start_ms, end_ms), oldest first, at most `limit` rows.

    after: the last row of the page before, or a stand-in with the same key; None at first.
    """

    start_ms: int = -EVER_MS
    end_ms: int = EVER_MS
    after: Any = None
    limit: int = 1000


class Recorded(Protocol):
    """A record as it is kept. columns: seed 001's, by name, in its order."""

    @property
    def row(self) -> RecordRow:
        """The record, exact."""
        ...

    @property
    def columns(self) -> dict[str, Any]:
        """The record as the table shows it."""
        ...


class Reader(Protocol):
    """The store's read side. page: a `Page`, or what looks like one. Every call is bounded."""

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        """Intervals of a meter by start."""
        ...

    def samples(self, bill: str, page: Any) -> list[Sample]:
        """Samples of a bill by start."""
        ...

    def events(
        self, page: Any, *, meter: str | None = None, kind: str | None = None
    ) -> list[Event]:
        """Events by their time."""
        ...

    def records(self, page: Any, configuration: str | None = None) -> list[Any]:
        """Meter records, each a `Recorded`, by start."""
        ...

    def record(self, plain_id: str) -> Any:
        """One meter record, a `Recorded`; None where there is none."""
        ...

    def periods(self, bill: str, page: Any) -> list[PeriodClosed]:
        """Closed periods of a bill by start."""
        ...

    def slots(self, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
        """What all sources of a bill used together, interval by interval."""
        ...

    def imported(self, meters: Sequence[str], start_ms: int, end_ms: int) -> list[Slot]:
        """The same of the imported history of some meters."""
        ...

    def adjustments(self, bill: str, page: Any) -> list[Adjusted]:
        """Adjustments of a bill by the time they came to light."""
        ...

    def booked_since(self, meter: str, quantity: str, start_ms: int) -> int:
        """What a meter's own counter has booked since."""
        ...

    def state(self, kind: str, key: str) -> bytes | None:
        """One saved state."""
        ...

    def first_own(self, meter: str, quantity: str) -> int | None:
        """When a meter's own counter began to fill intervals."""
        ...

    def has_history(self, meter: str) -> bool:
        """Whether anything was ever booked for a meter."""
        ...


class World(Protocol):
    """What has been committed, and who takes orders.

    meters: the newest view of each meter, absent before its first. bills: one for every
    bill of the site. All three are replaced or changed only by the loop's thread.
    """

    @property
    def site(self) -> SiteSpec:
        """The configuration in force."""
        ...

    @property
    def meters(self) -> Mapping[str, MeterView]:
        """By name."""
        ...

    @property
    def bills(self) -> Mapping[str, BillView]:
        """By name."""
        ...

    @property
    def whole(self) -> SiteView:
        """What is known of the site as a whole."""
        ...

    @property
    def file(self) -> Config:
        """What the configuration file says, which is read-only here."""
        ...

    @property
    def config(self) -> Config:
        """The file with what was made through the API and is in force."""
        ...

    @property
    def objects(self) -> Mapping[str, StoredObject]:
        """What was made through the API, by label (`config/stored.py`)."""
        ...

    @property
    def hidden(self) -> Collection[str]:
        """Those of them that the file has as well: the file's are in force."""
        ...

    @property
    def left_out(self) -> Findings:
        """Those of them that do not fit the configuration and are not in force, and why."""
        ...

    @property
    def tokens(self) -> Mapping[str, StoredToken]:
        """By name."""
        ...

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change, committed and in force when this returns; {} if it is made.

        decide: what to change, asked when no other change is on its way; None for nothing.
        Returns which objects would not fit the configuration, and why; then nothing changed.
        """
        ...

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What `administer` would return; nothing is changed."""
        ...

    async def use(self, token: StoredToken) -> None:
        """Remember that a token is good for something, to the minute."""
        ...

    def healthy(self) -> str | None:
        """None while the daemon does its work, else what holds it up."""
        ...

    def ready(self) -> str | None:
        """None once readings can be taken and kept, else what is missing."""
        ...

    def reader(self) -> AbstractContextManager[Reader]:
        """The store to read, used in a worker thread. May raise Unavailable."""
        ...

    async def order(self, item: Input) -> Sequence[Output]:
        """Carry out an order; what came of it is committed when this returns.

        May raise Unavailable.
        """
        ...

    async def reload(self) -> str | None:
        """Read the configuration anew: None when it is in force, else why it was refused."""
        ...

    def now_ms(self) -> int:
        """The wall clock, epoch ms."""
        ...


Exposition = Callable[[int, bool], bytes]
"""(now_ms, openmetrics) -> the page of metrics, from memory."""
