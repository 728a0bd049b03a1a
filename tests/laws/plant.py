"""A plant whose truth is known: eight meters, what they really used, and how they lie.

A device is honest unless told otherwise. An odd value is followed by honest ones until two of
them are kept, since of two odd readings in a row even the law believes the second.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final

import msgspec
from tests.laws.lives import ENERGY, HOUR_MS, KWH

from meterd.events import PollFailed, Reading
from meterd.specs import (
    STRICT,
    BillSpec,
    DemandSpec,
    MeterSpec,
    RecordSpec,
    RegisterSpec,
    SiteSpec,
    SourceSpec,
)

CEILING: Final = 100 * KWH
"""Joules per hour that the configuration says a feed can carry; a device uses four fifths."""
CLEAN: Final = 3
"""Honest readings that must be kept before a device does something odd again."""
AGREE: Final = 2
"""Values that rose since a counter was cleared, after which the law must have believed it."""
NEAR: Final = 4_000 * KWH
"""What may be used in an outage and the next few hours."""
WH: Final = 3_600
SAMPLING_MS: Final = 900_000
REGISTERS: Final = {
    "fine": RegisterSpec(ENERGY, count=WH, per_hour=CEILING),
    "coarse": RegisterSpec(ENERGY, count=KWH, per_hour=CEILING),
    "dials": RegisterSpec(ENERGY, count=WH, modulus=10_000 * KWH, per_hour=CEILING),
    "strict": RegisterSpec(ENERGY, count=WH, per_hour=CEILING, on_decrease=STRICT),
    "loose": RegisterSpec(ENERGY, count=WH, per_hour=CEILING, jitter=2 * WH),
    "binary": RegisterSpec(
        ENERGY, count=WH, modulus=2**23 * WH, per_hour=CEILING, nonvolatile=True
    ),
    "torn": RegisterSpec(ENERGY, count=10 * WH, per_hour=CEILING, torn=True),
}
POWER: Final = "power"
NAMES: Final = (*REGISTERS, POWER)


def site(names: tuple[str, ...] = NAMES, *, enabled: bool = True) -> SiteSpec:
    """Every counter on an energy bill, two on a demand bill, three of them recorded."""
    counters = {name: REGISTERS[name] for name in names if name in REGISTERS}
    meters = [
        MeterSpec(name, units={ENERGY: "kWh"}, registers=(register,), cost_per_kwh=Decimal("0.3"))
        for name, register in counters.items()
    ]
    if POWER in names:
        meters.append(MeterSpec(POWER, units={"active_power": "kW"}, integrate=True))
    records = (
        RecordSpec("shift", "fine", ENERGY, schedule="0 6,14,22 * * *", on_rollover=False),
        RecordSpec("dials", "dials", ENERGY, max_duration_ms=8 * HOUR_MS),
        RecordSpec("strict", "strict", ENERGY, enabled=enabled),
    )
    return SiteSpec(
        "plant",
        "Europe/Berlin",
        sampling_ms=SAMPLING_MS,
        meters=tuple(meters),
        records=tuple(record for record in records if record.meter in names),
        bills=_bills(names),
    )


def _bills(names: tuple[str, ...]) -> tuple[BillSpec, BillSpec]:
    counted = tuple(SourceSpec(name) for name in names if name in REGISTERS)
    powers = tuple(SourceSpec(name, "power") for name in names if name == POWER)
    return (
        BillSpec("tenant", billing_day=31, sources=counted + powers, sampling_ms=SAMPLING_MS),
        BillSpec(
            "peak",
            "demand",
            sources=counted[:2],
            demand=DemandSpec(2 * SAMPLING_MS, SAMPLING_MS),
            grace_ms=HOUR_MS,
            sampling_ms=SAMPLING_MS,
        ),
    )


class Device:
    """A meter out there. used: base units it has truly counted since it was new.

    lost: the most that nobody could have seen, since the counter was cleared in between.
    resets: when it was cleared (epoch ms). clean: honest readings kept since the last odd one.
    """

    def __init__(self, name: str, chance: Random) -> None:
        self.name = name
        self.register = REGISTERS.get(name)
        self.used = self.lost = self.clean = 0
        self.resets: list[int] = []
        self.up_s = 1_000.0
        self._chance = chance
        self._first = self._begin = chance.randrange(9_000) * KWH
        self._kept = self._moves = 0
        self._honest: dict[int, int] = {}
        self._since: int | None = None

    def live(self, wait_ms: int) -> None:
        """Use something, up to four fifths of what the feed can carry."""
        self.up_s += wait_ms / 1000
        if self.register is not None:
            count = self.register.count
            most = CEILING * 4 // 5 * wait_ms // HOUR_MS
            self.used += self._chance.randrange(most + 1) // count * count

    @property
    def shown(self) -> int:
        """What the dial shows."""
        modulus = self.register.modulus if self.register else None
        return (self._begin + self.used) % (modulus or 1 << 62)

    def clear(self, at_ms: int) -> None:
        """The counter is cleared; its owner may see that the device rebooted."""
        self._since, self._begin, self._moves, self.clean = self._kept, -self.used, 0, 0
        self.resets.append(at_ms)
        if self._chance.random() < 0.5:
            self.up_s = 1.0

    @property
    def may_be_cleared(self) -> bool:
        """Not one that wraps, nor one that may soon be past its old value: nobody could tell."""
        wraps = self.register is None or self.register.modulus is not None
        return not wraps and self.clean >= CLEAN and self.shown > NEAR and self._since is None

    @property
    def _near_its_end(self) -> bool:
        """About to wrap: an odd zero and then a wrap are what a reset is."""
        modulus = self.register.modulus if self.register else None
        return modulus is not None and self.shown > modulus - NEAR

    def first_used(self, first: int) -> int:
        """What had been used when the dial showed `first`, its first value."""
        assert self.register is not None
        return (first - self._first) % (self.register.modulus or 1 << 62)

    def read(
        self, at_ms: int, mono_ms: int, boot: str, act: str = ""
    ) -> list[Reading | PollFailed]:
        """What the host hears when it asks."""
        if act == "silent":
            return [PollFailed(self.name, at_ms, "silent", self._chance.random() < 0.5)]
        if act == "odd" and self.clean >= CLEAN and not self._near_its_end:
            self.clean = 0
        elif act == "odd":
            act = ""
        absent = act == "absent" or self.register is None
        power = None if act == "absent" else round(self._chance.uniform(-5, 80), 3)
        reading = Reading(
            self.name,
            at_ms,
            {} if absent else {ENERGY: self._value(act)},
            {} if power is None or self.register else {"active_power": power},
            (ENERGY,) if act == "absent" else (),
            uptime_s=self.up_s,
            age_ms=900_001 if act == "stale" else 0,
            boot=boot,
            mono_ms=mono_ms,
        )
        if act in ("", "repeat", "late") and self.register:
            self._honest[at_ms] = self.used
        return [reading, *self._again(reading, act)]

    def _again(self, reading: Reading, act: str) -> list[Reading]:
        if act == "late":
            ago = self._chance.randrange(1, 100_000)
            earlier = {"at_ms": reading.at_ms - ago, "mono_ms": max(reading.mono_ms - ago, 1)}
            return [msgspec.structs.replace(reading, **earlier)]
        return [reading] if act == "repeat" else []

    def _value(self, act: str) -> int:
        """The dial, or something that cannot be."""
        assert self.register is not None
        if act == "odd":
            far = self.shown + self._chance.randrange(100_000, 1_000_000) * KWH
            return self._chance.choice((0, far))
        back = act == "stale" or (act == "wobble" and self.register.jitter)
        return max(self.shown - self.register.count, 0) if back else self.shown

    def kept(self, at_ms: int) -> None:
        """The host has this reading for good."""
        used = self._honest.pop(at_ms, None)
        if used is None:
            return
        self.clean += 1
        if self._since is None:
            self._kept = used
            return
        self._moves += used > self._kept
        self._kept = used
        if self._moves == AGREE:
            self.lost += used - self._since
            self._since = None
