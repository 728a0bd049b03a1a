"""What the web may see of the daemon, and what it may ask of it. Nothing of the web decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from meterd.config.accounts import Accounts
from meterd.config.models import Config
from meterd.config.stored import Findings
from meterd.config.written import Written
from meterd.events import Input, Output
from meterd.orders import Administered, StoredObject, StoredSession, StoredToken
from meterd.specs import SiteSpec
from meterd.views import BillView, MeterView, SiteView
from meterd.web.reader import EVER_MS, Page, Reader, Recorded
from meterd.web.viewers import Viewers

__all__ = [
    "EVER_MS", "DeviceView", "Exposition", "LineView", "Page", "Peeked", "Reader", "Recorded",
    "Unavailable", "World",
]  # fmt: skip


class Unavailable(Exception):  # noqa: N818  (it reads as the sentence it is)
    """The daemon cannot do it now. The message says why and what to do; it becomes a 503."""


class DeviceView(msgspec.Struct, frozen=True):
    """How asking one meter has gone since the start. failures: by reason. late_ms: behind
    its grid when it was last asked. duration_ms: of the last poll; the sum is of all."""

    polls: int = 0
    failures: dict[str, int] = {}
    duration_ms: int = 0
    duration_sum_ms: int = 0
    late_ms: int = 0
    late_max_ms: int = 0


class LineView(msgspec.Struct, frozen=True):
    """How a connection has gone since the start. faults: on the wire, by reason. dropped:
    what a full queue did not take. devices: by meter. busy_s: seconds in which its line was
    not free, busy_share: as a part of the time; None where requests do not take turns."""

    name: str
    up: bool = True
    opened: int = 0
    faults: dict[str, int] = {}
    dropped: int = 0
    devices: dict[str, DeviceView] = {}
    busy_s: float | None = None
    busy_share: float | None = None


class Peeked(msgspec.Struct, frozen=True):
    """What a device said when it was asked once. rows: as `shapes.read_rows` has them.

    trouble: why there are none. findings: what is wrong with the meter, which was not asked.
    """

    rows: tuple[dict[str, Any], ...] = ()
    trouble: str = ""
    findings: Findings = {}


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
    def lines(self) -> Sequence[LineView]:
        """How every connection goes."""
        ...

    @property
    def viewers(self) -> Viewers:
        """Those who watch what is committed."""
        ...

    @property
    def file(self) -> Config:
        """What the configuration file says, which is read-only here."""
        ...

    def written(self) -> Written:
        """The file as it stands on the disk now. It blocks: ask in a worker thread."""
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

    @property
    def accounts(self) -> Accounts:
        """Users, roles, grants and the logins that stand."""
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

    async def peek(self, row: StoredObject) -> Peeked:
        """What a meter that is not made yet reads now; nothing is changed."""
        ...

    async def use(self, token: StoredToken) -> None:
        """Remember that a token is good for something, to the minute."""
        ...

    async def use_session(self, session: StoredSession) -> None:
        """Remember that a login is used, to a few minutes."""
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
