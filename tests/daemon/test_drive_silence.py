"""The path of the data after a long silence: nothing is lost, and others are heard meanwhile."""

from __future__ import annotations

import msgspec
from tests.daemon.house import NOON_MS, Clock, House, reading, site

from meterd.daemon.drive import Drive
from meterd.events import Tick
from meterd.specs import STALE_MS, RecordSpec
from meterd.stores.audit import audit
from meterd.stores.pages import walk


class Busy(Clock):
    """Whoever asks it is late: a slow host."""

    def mono_ms(self) -> int:
        self.mono += 100
        return self.mono


async def test_a_long_silence_is_caught_up_with_in_parts_and_loses_nothing() -> None:
    record = RecordSpec("Line 1", "main", "energy_import", max_duration_ms=30_000)
    house = House(msgspec.structs.replace(site("main"), records=(record,)))
    house.clock = Busy()
    house.drive = Drive(house.pipeline, house.ledger, house.clock)
    house.ledger.store.register_configurations([record])
    day_s = 86_400
    async with house.running():
        await house.drive.order(reading(0, 0))
        await house.drive.order(reading(10, 10))
    before = len(house.ledger.batches)
    async with house.running():
        await house.drive.order(Tick(NOON_MS + day_s * 1000))
    cuts = (day_s - STALE_MS // 1000) // 30
    assert len(house.ledger.batches) - before > 1
    assert max(len(batch.outputs) for batch in house.ledger.batches) < cuts
    with house.ledger.store.reader() as reader:
        assert len(list(walk(reader.records))) == cuts + 1
        assert audit(reader, house.pipeline)["ok"]
    house.ledger.store.close()
