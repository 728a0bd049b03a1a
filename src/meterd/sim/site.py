"""The simulated site of `meterd demo`: an office building with a data room.

The same devices make two months of history, with a rollover, a replacement, a glitch and an
outage in it, and are then read over their own protocols from where the history ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from meterd.events import Reading
from meterd.metering.calendar import DAY_MS, Calendar
from meterd.sim.loads import Load, cooling, office, servers
from meterd.units import JOULES_PER_KWH

ZONE: Final = "Europe/Berlin"
STEP_MS: Final = 300_000
HISTORY_DAYS: Final = 62
ML_PER_M3_HOUR_MS: Final = 1 / 3.6
"""Millilitres that pass in a millisecond at one cubic metre an hour."""
FACTOR: Final = 0.95
"""Power factor of everything here."""
PHASES: Final = {"l1": 1.04, "l2": 0.98, "l3": 0.98}
"""How the load is spread."""
OF_PHASES: Final = tuple(f"{name}_{phase}" for name in ("voltage", "current") for phase in PHASES)
THREE_PHASES: Final = ("active_power", "frequency", "power_factor", *OF_PHASES)
PDU: Final = ("active_power", "apparent_power", "power_factor")


class Device(msgspec.Struct):
    """A simulated meter; amounts are base units (joules or millilitres).

    of: the loads it carries, in kW, or in m3/h for water. shows: its gauges. count: its
    resolution. modulus: where its dial wraps. dial_at_start: what it shows before anything
    has passed.
    """

    name: str
    of: tuple[Load, ...]
    serial: str
    shows: tuple[str, ...] = THREE_PHASES
    quantity: str = "energy_import"
    count: int = JOULES_PER_KWH // 100
    modulus: int = 10**7 * JOULES_PER_KWH
    dial_at_start: int = 0
    passed: float = 0.0
    rate: float = 0.0

    def step(self, at_ms: int, span_ms: int, calendar: Calendar) -> None:
        """Let `span_ms` pass, up to `at_ms`."""
        local = calendar.local(at_ms)
        self.rate = sum(load.power_kw(at_ms, local) for load in self.of)
        water = self.quantity == "volume"
        self.passed += self.rate * span_ms * (ML_PER_M3_HOUR_MS if water else 1)

    def dial(self) -> int:
        """The counter as it stands, in whole counts."""
        return (self.dial_at_start + int(self.passed)) % self.modulus // self.count * self.count

    def replace(self, serial: str, dial: int) -> None:
        """A new device takes its place."""
        self.serial = serial
        self.dial_at_start = dial - int(self.passed)

    def gauges(self) -> dict[str, float]:
        """What it shows besides the counter, in canonical units."""
        if not self.shows:
            return {}
        kva = self.rate / FACTOR
        amperes = kva * 1000 / 230
        gauges = {
            "active_power": round(self.rate, 3),
            "apparent_power": round(kva, 3),
            "frequency": 50.0,
            "power_factor": FACTOR,
            "voltage": 230.0,
            "current": round(amperes, 2),
        }
        for phase, share in PHASES.items():
            gauges[f"voltage_{phase}"] = 230.0
            gauges[f"current_{phase}"] = round(amperes / 3 * share, 2)
        return {name: gauges[name] for name in self.shows}


class Site:
    """The devices, and the time up to which they have lived."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms
        self.calendar = Calendar(ZONE)
        racks = (Load(1, 4.2, 1.5, servers), Load(2, 6.0, 2.2, servers))
        floor = Load(3, 2.0, 21.0, office)
        chiller = Load(4, 3.0, 16.0, cooling, noise=0.1)
        kwh = JOULES_PER_KWH
        rack_12 = Device("rack-12", racks[:1], "R-1201", (*PDU, "voltage", "current"))
        rack_12.count, rack_12.modulus = kwh // 1000, 2**32 * (kwh // 1000)
        rack_12.dial_at_start = 31_000 * kwh
        rack_13 = Device("rack-13", racks[1:], "R-1301", (*PDU, *OF_PHASES), count=kwh // 10)
        rack_13.dial_at_start = 44_000 * kwh
        chillers = Device("chillers", (chiller,), "C-3301", modulus=10**6 * kwh)
        chillers.dial_at_start = 995_000 * kwh  # its dial of six digits wraps in the history
        water = Device("water", (Load(5, 0.02, 0.9, office, noise=0.2),), "", (), "volume", 1000)
        water.modulus, water.dial_at_start = 10**12, 10**9
        of_power = (
            Device("main", (*racks, floor, chiller), "M-4711", dial_at_start=812_345 * kwh),
            Device("ups", racks, "U-0815", dial_at_start=90_210 * kwh),
            rack_12,
            rack_13,
            Device("office", (floor,), "O-2201", dial_at_start=155_000 * kwh),
            chillers,
        )
        self.devices = {device.name: device for device in (*of_power, water)}

    def live_to(self, at_ms: int) -> None:
        """Let time pass to `at_ms`; never back."""
        span_ms = at_ms - self.at_ms
        if span_ms > 0:
            for device in self.devices.values():
                device.step(at_ms, span_ms, self.calendar)
            self.at_ms = at_ms


def history(site: Site, until_ms: int) -> Iterator[Reading]:
    """Readings every five minutes up to `until_ms`, as a poller would have had them."""
    began_ms = site.at_ms
    while site.at_ms + STEP_MS <= until_ms:
        site.live_to(site.at_ms + STEP_MS)
        age_ms = site.at_ms - began_ms
        if age_ms == 20 * DAY_MS:
            site.devices["rack-13"].replace("R-1302", 12 * JOULES_PER_KWH)
        if 45 * DAY_MS <= age_ms < 45 * DAY_MS + 3 * 3_600_000:
            continue  # nobody read anything for three hours
        for device in site.devices.values():
            yield _reading(device, site.at_ms, glitch=age_ms == 35 * DAY_MS)


def _reading(device: Device, at_ms: int, *, glitch: bool) -> Reading:
    zero = glitch and device.name == "rack-12"
    return Reading(
        device.name,
        at_ms,
        {device.quantity: 0 if zero else device.dial()},
        device.gauges(),
        serial=device.serial or None,
    )
