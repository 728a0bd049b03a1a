"""A daemon whose orders are truly carried out: a pipeline and a store of its own behind the web."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.web.house import NOON_MS, SITE, Daemon

from meterd.events import Event, Input, Output, Reading
from meterd.pipeline import Pipeline
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore

KWH = 3_600_000
MINUTE_MS = 60_000


class Engine(Daemon):
    """main and rack-12, read at noon and five minutes later; the water record runs."""

    def __init__(self, folder: Path) -> None:
        store = SqliteStore.open(folder / "engine.db", now_ms=NOON_MS, new_epoch="first")
        super().__init__(store)
        store.register_configurations(SITE.records)
        self.pipeline = Pipeline(SITE, {})
        for minute in (0, 5):
            self.read("main", minute, energy_import=500 + minute, volume=0.001 * minute)
            self.read("rack-12", minute, energy_import=70)

    def read(self, meter: str, minute: int, **values: float) -> None:
        """A reading by the meter itself."""
        registers = {"energy_import": KWH, "volume": 1_000_000}
        amounts = {name: round(value * registers[name]) for name, value in values.items()}
        self.pipeline.feed(Reading(meter, NOON_MS + minute * MINUTE_MS, amounts, {}))
        self.commit()

    async def order(self, item: Input) -> Sequence[Output]:
        await super().order(item)
        outputs = self.pipeline.answer(item)
        self.commit()
        return outputs

    def commit(self) -> None:
        outputs, snapshot = self.pipeline.take()
        self.meters = {**self.meters, **{view.meter: view for view in snapshot.meters}}
        self.store.commit_now(Batch(outputs, snapshot.saved, {}, self.pipeline.state.now_ms))

    def events(self) -> list[Event]:
        with self.store.reader() as reader:
            return reader.events()
