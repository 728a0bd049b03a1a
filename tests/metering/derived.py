"""A site whose first stage the tests feed: two counters with power, and what is made of them."""

from __future__ import annotations

from typing import Any

import msgspec

from meterd.events import Booking, Event, Interval, Output, PollFailed, Reading
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.setting import Setting
from meterd.metering.stage import Metering
from meterd.specs import ChainMeter, MeterSpec, RegisterSpec, SiteSpec

KWH = 3_600_000
SECOND = 1000
MINUTE = 60 * SECOND
FIVE = 5 * MINUTE
HOUR = 60 * MINUTE
NOON = parse_iso("2026-01-10T12:00:00Z")
ENERGY = RegisterSpec("energy_import", count=1, per_hour=1000 * KWH)
POWER = {"active_power": "kW", "energy_import": "kWh"}


def real(name: str, **more: Any) -> MeterSpec:
    """A meter with a counter and a power."""
    return MeterSpec(name, **{"units": POWER, "registers": (ENERGY,), **more})


def virtual(name: str, *, counts: bool = True, **expressions: str) -> MeterSpec:
    """A virtual meter, by default with a counter if it has an energy."""
    named = "energy_import" in expressions and counts
    units = {quantity: POWER.get(quantity, "") for quantity in expressions}
    return MeterSpec(
        name,
        units=units,
        registers=(RegisterSpec("energy_import"),) if named else (),
        integrate="active_power" in expressions and not named,
        power_ceiling_kw=float("inf"),
        silent_after_ms=400 * 24 * HOUR,
        expressions=expressions,
    )


A, B = real("a"), real("b")
NET = virtual(
    "net",
    active_power="a.active_power - b.active_power",
    energy_import="a.energy_import - b.energy_import",
)
SUM = virtual("sum", energy_import="a.energy_import + b.energy_import")


class Site:
    """The first stage under way, and what came out of it."""

    def __init__(
        self,
        *meters: MeterSpec,
        saved: dict[Any, bytes] | None = None,
        chain: tuple[ChainMeter, ...] = (),
        resumed_ms: int = 0,
    ) -> None:
        self.spec = SiteSpec("hq", "Europe/Berlin", meters=meters, chain=chain)
        self.journal = Journal(str)
        self.touched: dict[tuple[str, str], int] = {}
        self.now_ms = 0
        self.bookings: list[Booking] = []
        self.intervals: list[Interval] = []
        self.outputs: list[Output] = []
        calendar = Calendar("Europe/Berlin")
        setting = Setting(calendar, FIVE, self.journal, self._touch, resumed_ms)
        self.stage = Metering(self.spec, saved or {}, setting)

    def _touch(self, kind: str, key: str, due_ms: int) -> None:
        self.touched[kind, key] = due_ms

    def _follow(self, meter: Meter) -> None:
        self.bookings += meter.bookings
        self.intervals += meter.intervals

    def pass_to(self, at_ms: int) -> None:
        """Let time pass, and everything happen that falls due."""
        while (due_ms := self.stage.due_ms()) <= at_ms:
            for meter in self.stage.advance(due_ms):
                self._follow(meter)
        self.now_ms = max(self.now_ms, at_ms)

    def read(
        self, meter: str, minute: float, kwh: float | None = None, kw: float | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        """A reading so many minutes after noon."""
        at_ms = NOON + round(minute * MINUTE)
        registers = {} if kwh is None else {"energy_import": round(kwh * KWH)}
        gauges = more.pop("gauges", {}) | ({} if kw is None else {"active_power": kw})
        self.pass_to(at_ms)
        reading = Reading(meter, at_ms, registers, gauges, **more)
        for one in self.stage.measure(reading, self.now_ms):
            self._follow(one)

    def fail(self, meter: str, minute: float, *, offline: bool = True) -> None:
        """A poll that failed."""
        at_ms = NOON + round(minute * MINUTE)
        self.pass_to(at_ms)
        self.stage.fail(PollFailed(meter, at_ms, "timeout", offline), self.now_ms)

    def settle(self) -> None:
        """The end of the recording."""
        for meter in self.stage.look(1 << 62):
            self._follow(meter)

    def resumed(self, *meters: MeterSpec, **more: Any) -> Site:
        """A site that goes on from here, with these meters or the same."""
        keys, more = self.stage.keys(), {"chain": self.spec.chain, **more}
        saved = {key: msgspec.msgpack.encode(self.stage.state(*key)) for key in keys}
        heir = Site(*(meters or self.spec.meters), saved=saved, **more)
        heir.now_ms = self.now_ms
        return heir

    # -- what was said --------------------------------------------------------------------

    def kw(self, meter: str) -> float | None:
        """The power that a meter shows, None if it is off line."""
        state = self.stage.meters[meter].state
        return state.gauges.get("active_power") if state.online else None

    def kwh(self, meter: str) -> float | None:
        """The lifetime total of a meter."""
        total = self.stage.meters[meter].totals().get("energy_import")
        return None if total is None else total / KWH

    def closed(self, meter: str) -> list[tuple[float, float, str]]:
        """(minutes after noon, kWh, quality) of the closed intervals of its counter."""
        return [
            ((one.start_ms - NOON) / MINUTE, one.amount / KWH, one.quality)
            for one in self.intervals
            if (one.meter, one.method) == (meter, "measured")
        ]

    def events(self) -> list[Event]:
        """Those since it was last asked."""
        self.outputs += (taken := self.journal.take())
        return [output for output in taken if isinstance(output, Event)]

    def told(self) -> list[str]:
        """`kind meter` of those events, but for what a first reading says."""
        return [f"{e.kind} {e.meter}" for e in self.events() if e.kind != "baseline_set"]


def both(site: Site, minute: float, a: tuple[float, float], b: tuple[float, float]) -> None:
    """Read both counters at the same instant: kWh and kW of each."""
    site.read("a", minute, *a)
    site.read("b", minute, *b)
