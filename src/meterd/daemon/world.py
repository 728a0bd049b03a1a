"""The daemon as the web sees it.

The web sees only what has been committed, and gives orders like any other input.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from meterd.clock import Clock
from meterd.config.accounts import Accounts
from meterd.config.models import Config
from meterd.config.objects import Merged
from meterd.config.stored import Findings
from meterd.config.written import Written, written
from meterd.daemon.drive import Drive
from meterd.daemon.kept import Kept
from meterd.daemon.links import Links
from meterd.daemon.peek import peek
from meterd.daemon.standing import RefusedError
from meterd.events import Input, Output
from meterd.orders import Administered, StoredObject, StoredSession, StoredToken
from meterd.readers.line import LinkStats
from meterd.specs import SiteSpec
from meterd.stores import StoreError
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView, SiteView
from meterd.web.app import Unavailable
from meterd.web.viewers import Viewers
from meterd.web.world import DeviceView, LineView, Peeked


class Running(Protocol):
    """What of the daemon the web needs."""

    drive: Drive
    links: Links
    path: Path
    environ: Mapping[str, str]

    @property
    def site(self) -> SiteSpec:
        """The configuration in force."""
        ...

    @property
    def kept(self) -> Kept:
        """What people keep in the store."""
        ...

    def trouble(self) -> str | None:
        """Why the daemon is not well."""
        ...

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change; {} when it is in force, else which objects would not fit."""
        ...

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What making a change would return."""
        ...

    async def beside(self, row: StoredObject) -> tuple[Merged, Findings]:
        """All of it after a change, and what would not fit any more."""
        ...

    async def reload(self) -> None:
        """Take the file as it is now, or raise RefusedError."""
        ...


class World:
    """The daemon as the web sees it."""

    def __init__(self, daemon: Running, store: SqliteStore, clock: Clock) -> None:
        self._daemon = daemon
        self._store = store
        self._clock = clock
        self.viewers = Viewers()
        daemon.drive.attach(self.viewers, 0)

    @property
    def site(self) -> SiteSpec:
        """The configuration in force."""
        return self._daemon.site

    @property
    def meters(self) -> Mapping[str, MeterView]:
        """The newest committed view of each meter."""
        return self._daemon.drive.meters

    @property
    def bills(self) -> Mapping[str, BillView]:
        """The newest committed view of each bill."""
        return self._daemon.drive.bills

    @property
    def whole(self) -> SiteView:
        """The newest committed view of the site as a whole."""
        return self._daemon.drive.whole

    @property
    def lines(self) -> Sequence[LineView]:
        """How every connection goes."""
        now_ms = self._clock.mono_ms()
        return [_line(stats, now_ms) for stats in self._daemon.links.stats.values()]

    @property
    def file(self) -> Config:
        """What the configuration file says."""
        return self._daemon.kept.file

    def written(self) -> Written:
        """The file as it stands now, read anew."""
        return written(self._daemon.path, self._daemon.environ, self.file)

    @property
    def config(self) -> Config:
        """The file with what was made through the API."""
        return self._daemon.kept.merged.config

    @property
    def objects(self) -> Mapping[str, StoredObject]:
        """What was made through the API, by label."""
        return self._daemon.kept.objects

    @property
    def hidden(self) -> Collection[str]:
        """Those that the file has as well."""
        return self._daemon.kept.merged.hidden

    @property
    def left_out(self) -> Findings:
        """Those that do not fit the configuration, and why."""
        return self._daemon.kept.merged.left_out

    @property
    def tokens(self) -> Mapping[str, StoredToken]:
        """The bearer tokens, by name."""
        return self._daemon.kept.tokens

    @property
    def accounts(self) -> Accounts:
        """Users, roles, grants and the logins that stand."""
        return self._daemon.kept.accounts

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change; {} when it is in force, else which objects would not fit."""
        return await self._daemon.administer(decide)

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What making a change would return."""
        return await self._daemon.rehearse(decide)

    async def peek(self, row: StoredObject) -> Peeked:
        """What a meter that is not made yet reads now."""
        merged, wrong = await self._daemon.beside(row)
        if wrong:
            return Peeked(findings=wrong)
        return await peek(merged.config, row.name, self._clock)

    async def use(self, token: StoredToken) -> None:
        """Remember that a token is good for something."""
        await self._daemon.kept.use(token, self._clock.now_ms())

    async def use_session(self, session: StoredSession) -> None:
        """Remember that a login is used, to a few minutes."""
        await self._daemon.kept.use_session(session, self._clock.now_ms())

    def healthy(self) -> str | None:
        """None while the writer moves and the disk takes commits."""
        return self._daemon.trouble()

    def ready(self) -> str | None:
        """As healthy: the store is open and the readers run before anything is served."""
        return self._daemon.trouble()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The store to read, beside the writer."""
        try:
            with self._store.reader() as reader:
                yield reader
        except StoreError as error:
            raise Unavailable(str(error)) from error

    async def order(self, item: Input) -> Sequence[Output]:
        """Carry out an order; what came of it is committed when this returns."""
        return await self._daemon.drive.order(item)

    async def reload(self) -> str | None:
        """None when the file is in force, else why it was refused."""
        try:
            await self._daemon.reload()
        except RefusedError as error:
            return str(error)
        return None

    def now_ms(self) -> int:
        """The wall clock."""
        return self._clock.now_ms()


def _line(stats: LinkStats, now_ms: int) -> LineView:
    """What the readers count of a connection and its devices, up to now (monotonic)."""
    devices = {
        name: DeviceView(
            one.polls, dict(one.failures), one.duration_ms, one.duration_sum_ms, one.late_ms,
            one.late_max_ms,
        )
        for name, one in stats.meters.items()
    }  # fmt: skip
    faults = dict(stats.faults)
    view = LineView(
        stats.link, stats.up, stats.opened, faults, stats.dropped, devices, stats.busy_s
    )
    past_s = (now_ms - stats.since_ms) / 1000
    if stats.busy_s is None or past_s <= 0:
        return view
    return msgspec.structs.replace(view, busy_share=round(min(1.0, stats.busy_s / past_s), 4))
