"""A site with an MQTT sink, the transaction in front of it, and what there is to tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.sinks.peers import HUNG_S, Broker, MemoryOutbox, PatientClock, Subscriber

from meterd.billing.closing import canonical
from meterd.events import Event, Interval, PeriodClosed, RecordRow, Sample
from meterd.sinks import Sink
from meterd.sinks.mqtt import MqttOptions, MqttSink
from meterd.specs import BillSpec
from meterd.views import BillView, MeterView

NOON_MS = 1_767_268_800_000


def columns(row: RecordRow) -> Mapping[str, Any]:
    return {"id": row.id, "status": row.status}


def event(number: int) -> Event:
    return Event(f"e{number}", NOON_MS + number, "spike", "main", "energy_import", {"n": number})


def view(power_kw: float, *, online: bool = True, at_ms: int = NOON_MS) -> MeterView:
    return MeterView(
        meter="main",
        online=online,
        at_ms=at_ms,
        quality="good",
        fields={"currentKw": power_kw},
        quantities={"active_power": power_kw},
        totals={"energy_import": 3_600_000},
        unbilled={},
    )


def bill(used: str, start: str) -> BillView:
    period = {"start": start, "end": "later", "status": "open", "used": used}
    return BillView("tenant", {"type": "energy", "unit": "kWh", "periods": [period]})


def sample(start_ms: int) -> Sample:
    part = Interval("main", "energy_import", "measured", "", start_ms, start_ms + 300_000, 3600)
    return Sample("tenant", "energy", NOON_MS, part)


BODY = canonical({"figures": {"status": "closed", "used": "9"}, "terms": BillSpec("tenant")})
CLOSED = PeriodClosed("tenant", NOON_MS, NOON_MS + 1, NOON_MS + 2, BODY, "a", "b")


class Site:
    """A sink and the transaction in front of it, as the daemon does it."""

    def __init__(self, options: MqttOptions, outbox: MemoryOutbox, clock: PatientClock) -> None:
        self.sink = MqttSink(options, outbox, clock, columns)
        self.told: Sink = self.sink
        self.outbox = outbox
        self._seq = max(outbox.rows, default=-1) + 1

    def commit(self, *outputs: Any, meters: Any = (), bills: Any = ()) -> None:
        facts = self.told.facts(outputs, self._seq, "e0")
        self._seq += len(facts)
        self.outbox.add(facts)
        self.told.tell(outputs, meters, bills)


def options_for(broker: Broker, **more: Any) -> MqttOptions:
    return MqttOptions(url=f"mqtt://127.0.0.1:{broker.port}", site="hq", **more)


@asynccontextmanager
async def running(sink: MqttSink) -> AsyncIterator[asyncio.Task[None]]:
    """The sink at work; closed at the end if the test has not ended it."""
    task = asyncio.create_task(sink.run())
    try:
        async with asyncio.timeout(HUNG_S):
            yield task
    finally:
        if not task.done():
            await sink.close()
        await asyncio.gather(task, return_exceptions=True)


async def drained(outbox: MemoryOutbox) -> None:
    async with asyncio.timeout(HUNG_S):
        await outbox.empty.wait()


async def soon(so: Callable[[], bool]) -> None:
    """Let everyone else work until it is so."""
    async with asyncio.timeout(HUNG_S):
        while not so():  # noqa: ASYNC110  # nobody tells; the sink counts
            await asyncio.sleep(0)


def seqs(witness: Subscriber) -> list[int]:
    return [message.body["seq"] for message in witness.on("/events")]


def first_heard(witness: Subscriber) -> list[int]:
    return list(dict.fromkeys(seqs(witness)))
