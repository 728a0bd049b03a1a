"""A small site whose pipeline the tests feed: two counters, one power, a record, a bill."""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from meterd.events import (
    Event,
    Input,
    Output,
    Reading,
)
from meterd.metering.calendar import parse_iso
from meterd.pipeline import Origin, Pipeline
from meterd.specs import BillSpec, MeterSpec, RecordSpec, RegisterSpec, SiteSpec, SourceSpec

KWH = 3_600_000
MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = parse_iso("2026-01-10T12:00:00Z")
ENERGY = RegisterSpec("energy_import", count=KWH, per_hour=100 * KWH)
STRICT = msgspec.structs.replace(ENERGY, on_decrease="strict")
T = TypeVar("T")
SITE = SiteSpec(
    "hq",
    "Europe/Berlin",
    meters=(
        MeterSpec("a", registers=(ENERGY, RegisterSpec("volume", unit="m3"))),
        MeterSpec("b", registers=(STRICT,)),
        MeterSpec("p", integrate=True),
        MeterSpec("later", status="planned", registers=(ENERGY,)),
    ),
    records=(RecordSpec("line", "a", "energy_import", cost_per_unit=Decimal("0.5")),),
    bills=(BillSpec("hall", sources=(SourceSpec("a"), SourceSpec("b"), SourceSpec("p", "power"))),),
)


class House:
    """A pipeline and what it has said, with what it would be resumed from."""

    def __init__(self, site: SiteSpec = SITE, origin: Origin | None = None) -> None:
        self.pipeline = Pipeline(site, {}, origin)
        self.states: dict[tuple[str, str], bytes] = {}
        self.outputs: list[Output] = []

    def read(self, meter: str, minute: float, kwh: float | None = None, **gauges: float) -> None:
        registers = {} if kwh is None else {"energy_import": round(kwh * KWH)}
        self.feed(Reading(meter, NOON + round(minute * MINUTE), registers, gauges))

    def feed(self, *items: Input) -> None:
        for item in items:
            self.pipeline.feed(item)

    def take(self) -> list[Output]:
        """What was said since the last time; the states are kept."""
        outputs, snapshot = self.pipeline.take()
        self.states |= {(saved.kind, saved.key): saved.body for saved in snapshot.saved}
        self.outputs += outputs
        return outputs

    def resume(self, origin: Origin | None = None) -> None:
        self.pipeline = Pipeline(self.pipeline.site, self.states, origin)

    def bill(self) -> dict[str, Any]:
        """The bill's open period."""
        body: dict[str, Any] = self.pipeline.bill_view("hall").body
        return dict(body["periods"][-1])

    def health(self) -> dict[str, str]:
        """Source -> health."""
        sources = self.pipeline.bill_view("hall").body["sources"]
        return {source["meter"]: source["health"] for source in sources}


def only(type_: type[T], outputs: list[Output]) -> list[T]:
    return [output for output in outputs if isinstance(output, type_)]


def kinds(outputs: list[Output]) -> list[str]:
    return [event.kind for event in only(Event, outputs)]
