"""DemandFlow: keeps a tenant's POWERMETER objects up to date with what was committed.

    demandflow: {url: "https://rest.demandflow.com", token: "${cred:demandflow}"}

Absolute values only: the newest of each meter, one request in flight per object and a few
in all. Nothing is durable: after an outage the newest values are all that anybody wants.
This file says when; `demandflow_tenant` says what, `demandflow_line` and `_client` carry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from meterd.clock import Clock
from meterd.events import Output
from meterd.sinks import Fact
from meterd.sinks.demandflow_client import Client, DemandFlowOptions
from meterd.sinks.demandflow_line import READ, Line
from meterd.sinks.demandflow_tenant import Tenant
from meterd.sinks.demandflow_twins import Twin
from meterd.specs import SiteSpec
from meterd.views import BillView, MeterView

__all__ = ["DemandFlowOptions", "DemandFlowSink"]

LOOK_MS: Final = 60_000
"""How often the task looks up when nothing happens."""

LEAVE_S: Final = 2
"""How long `close` waits for requests in flight; a half-told value is told at the next start."""

_READING: Final = "/"
"""The reading among the requests in flight, which are by meter; no meter is called so."""


class DemandFlowSink:
    """One tenant. dropped: views that newer ones replaced before they were looked at."""

    def __init__(
        self, options: DemandFlowOptions, clock: Clock, chance: Callable[[], float]
    ) -> None:
        """chance: a number from 0 to 1, for jitter. `configure` before anything is told."""
        self.name = options.name
        self.dropped = 0
        self._options = options
        self._clock = clock
        self._line = Line(options.name, clock, chance)
        self._tenant = Tenant(options, clock, self._line)
        self._waiting: dict[str, MeterView] = {}
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._over = asyncio.Event()
        self._over.set()

    @property
    def connected(self) -> bool:
        """Whether the tenant is kept up to date."""
        return self._tenant.plan is not None and not self.trouble

    @property
    def trouble(self) -> str:
        """Why it is not, "" if it is."""
        return self._line.trouble

    @property
    def refused(self) -> int:
        """Requests about an object that the tenant would not carry out."""
        return self._tenant.refused

    def configure(self, site: SiteSpec) -> None:
        """Keep these meters' objects from now on, and no others. None is ever deleted."""
        self._tenant.configure(site)
        twins = self._tenant.twins
        self._waiting = {name: view for name, view in self._waiting.items() if name in twins}
        self._wake.set()

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """None: an object has no history."""
        return []

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Keep the newest view of every meter that has been read."""
        for view in meters:
            twin = self._tenant.twins.get(view.meter)
            if twin is not None and view.at_ms is not None:
                self.dropped += twin.object_id is not None and view.meter in self._waiting
                self._waiting[view.meter] = view
        self._wake.set()

    async def run(self) -> None:
        """Work until `close`, whatever the tenant does."""
        self._over.clear()
        try:
            while not self._stop.is_set():
                try:
                    await self._session()
                except OSError as error:
                    why = f"ca_file {self._options.ca_file}: {error.strerror or error}"
                    self._line.fail(READ, "failing", why)
                    self._wake.clear()
                    await self._rest(self._line.hold_ms)
        finally:
            self._over.set()

    async def close(self) -> None:
        """Let what is in flight arrive, for seconds at most, and `run` return."""
        self._stop.set()
        self._wake.set()
        await self._over.wait()

    async def _session(self) -> None:
        """Work until `close`. Raises OSError if the client cannot be made."""
        async with Client(self._options, self._clock) as client:
            self._line.client = client
            try:
                while not self._stop.is_set():
                    self._wake.clear()
                    self._reap()
                    await self._rest(self._turn())
                if self._in_flight:
                    await asyncio.wait(self._in_flight.values(), timeout=LEAVE_S)
            finally:
                for task in self._in_flight.values():
                    task.cancel()
                await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
                self._in_flight.clear()

    def _reap(self) -> None:
        """Forget what is done. Raises what it raised, which can only be a fault of ours."""
        for name, task in list(self._in_flight.items()):
            if task.done():
                del self._in_flight[name]
                task.result()

    async def _rest(self, until_ms: int) -> None:
        """Until that time, or until something happens."""
        nap = asyncio.ensure_future(self._clock.sleep_until(until_ms))
        wake = asyncio.ensure_future(self._wake.wait())
        await asyncio.wait({nap, wake}, return_when=asyncio.FIRST_COMPLETED)
        nap.cancel()
        wake.cancel()
        await asyncio.gather(nap, wake, return_exceptions=True)

    def _turn(self) -> int:
        """Begin whatever is due; when to look again."""
        now_ms = self._clock.mono_ms()
        if now_ms < self._line.hold_ms:
            return self._line.hold_ms
        if now_ms >= self._tenant.read_ms:
            if not self._in_flight:  # so that the list is not older than what we know
                self._begin(_READING, self._tenant.read())
            return now_ms + LOOK_MS
        pending = [twin for name, twin in self._tenant.twins.items() if self._is_pending(name)]
        due = [twin for twin in pending if twin.due_ms <= now_ms]
        for twin in sorted(due, key=lambda twin: twin.due_ms):  # who waited longest, first
            if len(self._in_flight) >= self._line.room:
                break
            self._update(twin)
        later = (twin.due_ms for twin in pending if twin.due_ms > now_ms)
        return min(now_ms + LOOK_MS, self._tenant.read_ms, *later)

    def _is_pending(self, name: str) -> bool:
        """Whether there is something to tell of a meter, or its object to make."""
        twin = self._tenant.twins[name]
        tellable = twin.object_id is not None and name in self._waiting
        creatable = twin.absent and self._options.create
        return name not in self._in_flight and (tellable or creatable)

    def _update(self, twin: Twin) -> None:
        name = twin.spec.name
        if twin.absent:
            self._begin(name, self._tenant.create(twin))
            return
        view = self._waiting.pop(name)
        body = self._tenant.news(twin, view)
        if body:
            self._begin(name, self._patch(twin, view, body))

    async def _patch(self, twin: Twin, view: MeterView, body: dict[str, Any]) -> None:
        told = await self._tenant.patch(twin, body)
        if not told and twin is self._tenant.twins.get(view.meter):
            self._waiting.setdefault(view.meter, view)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._in_flight[name] = asyncio.create_task(work)
        task.add_done_callback(lambda _task: self._wake.set())
