"""The site of the small world: a register of every kind, a power, records and two bills."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from tests.laws.lives import ENERGY, HOUR_MS, KWH

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
WH: Final = 3_600
SAMPLING_MS: Final = 1_800_000
SAMPLINGS_MS: Final = (SAMPLING_MS, *[2 * HOUR_MS] * 2, *[6 * HOUR_MS] * 3, *[12 * HOUR_MS] * 4)
"""How finely a plant may be sampled; seldom finely, since that takes its time."""
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


class Works(NamedTuple):
    """The meters, how finely they are sampled, and how many of them are read by each protocol."""

    names: tuple[str, ...] = NAMES
    sampling_ms: int = SAMPLING_MS
    framed: float = 0.3


WHOLE: Final = Works()


def sampled(works: Works, seed: int) -> Works:
    """As finely as this seed wants it."""
    return works._replace(sampling_ms=Random(f"sampled {seed}").choice(SAMPLINGS_MS))


def site(works: Works, *, enabled: bool = True) -> SiteSpec:
    """Every counter on an energy bill, two on a demand bill, three of them recorded."""
    names, sampling_ms = works.names, works.sampling_ms
    demand = DemandSpec(2 * sampling_ms, sampling_ms)
    counters = {name: REGISTERS[name] for name in names if name in REGISTERS}
    meters = [
        MeterSpec(
            name,
            units={ENERGY: "kWh"},
            registers=(register,),
            cost_per_kwh=Decimal("0.3"),
            demand=demand,
        )
        for name, register in counters.items()
    ]
    if POWER in names:
        units = {"active_power": "kW"}
        meters.append(MeterSpec(POWER, units=units, integrate=True, demand=demand))
    records = (
        RecordSpec("shift", "fine", ENERGY, schedule="0 6,14,22 * * *", on_rollover=False),
        RecordSpec("dials", "dials", ENERGY, max_duration_ms=8 * HOUR_MS),
        RecordSpec("strict", "strict", ENERGY, enabled=enabled),
    )
    return SiteSpec(
        "plant",
        "Europe/Berlin",
        sampling_ms=sampling_ms,
        meters=tuple(meters),
        records=tuple(record for record in records if record.meter in names),
        bills=_bills(names, demand),
    )


def _bills(names: tuple[str, ...], demand: DemandSpec) -> tuple[BillSpec, BillSpec]:
    counted = tuple(SourceSpec(name) for name in names if name in REGISTERS)
    powers = tuple(SourceSpec(name, "power") for name in names if name == POWER)
    sampling_ms = demand.step_ms
    return (
        BillSpec(
            "tenant",
            billing_day=31,
            sources=counted + powers,
            demand=demand,
            sampling_ms=sampling_ms,
        ),
        BillSpec(
            "peak",
            "demand",
            sources=counted[:2],
            demand=demand,
            grace_ms=HOUR_MS,
            sampling_ms=sampling_ms,
        ),
    )
