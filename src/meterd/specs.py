"""What the configuration means, as the pure core reads it.

`config` makes these from the YAML; nothing below it knows the file. Durations and times are
milliseconds, amounts are integers in base units, money and rates are Decimal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import msgspec

from meterd.tariff import PriceSeries, TariffSpec

STRICT: Final = "strict"
RECONCILE: Final = "reconcile"
STALE_MS: Final = 900_000
"""A source not refreshed for this long is stale (seed 003: fifteen minutes)."""
DEFAULT_PER_HOUR: Final = 1000 * 3_600_000


class RegisterSpec(msgspec.Struct, frozen=True):
    """One counter of a meter (reference/counter-rules.md, "Inputs").

    unit: the declared unit of the point. count: one count, in base units (q).
    modulus: base units at which it wraps (M), or None. per_hour: believed ceiling in base
    units per hour (P), None for no ceiling. jitter: tolerated step back, base units.
    torn: the point is 32 bits wide, so half-updated words are looked for.
    float32: base units in one raw unit of a float32 register (its last digit then is
    tolerated as jitter), 0 for any other type.
    """

    quantity: str
    unit: str = "kWh"
    count: int = 1
    modulus: int | None = None
    per_hour: int | None = DEFAULT_PER_HOUR
    nonvolatile: bool = False
    jitter: int = 0
    on_decrease: str = RECONCILE
    stale_after_ms: int = STALE_MS
    torn: bool = False
    float32: int = 0


class DemandSpec(msgspec.Struct, frozen=True):
    """A demand window: step_ms < window_ms is a rolling one. quantity: kw or kva."""

    window_ms: int = 900_000
    step_ms: int = 900_000
    quantity: str = "kw"


class ThresholdSpec(msgspec.Struct, frozen=True):
    """What a meter is watched for (seed 000, "Thresholds"); None: not at all.

    warning_percent, critical_percent: of the rated capacity. stale_after_ms: so long without a
    reading. calibration_due: its last day. still_j: power that its energy_import must show.
    """

    status: str = "active"
    rated_kw: float | None = None
    rated_amps: float | None = None
    warning_percent: float | None = None
    critical_percent: float | None = None
    voltage_high: float | None = None
    voltage_low: float | None = None
    power_factor_min: float | None = None
    imbalance_max_percent: float | None = None
    stale_after_ms: int = STALE_MS
    calibration_due: date | None = None
    still_j: int | None = None


class ChainMeter(msgspec.Struct, frozen=True):
    """A meter as a link of the power chain (seed 000, "Use cases").

    point, feed: seed 000's words, "" for none. parent: the meter upstream of it. place: the
    building, floor, room and rack it is in. count_j: one count of its counter. measures:
    whether it is read and has active energy; others only pass their parent on.
    tolerance_percent: what its children may differ by, None for what the classes allow.
    transformers: the classes of those it is behind, None for one that names none.
    """

    name: str
    point: str = ""
    parent: str | None = None
    feed: str = ""
    place: tuple[str | None, ...] = ()
    accuracy_class: str = "unknown"
    count_j: int = 1
    measures: bool = True
    tolerance_percent: float | None = None
    transformers: tuple[str | None, ...] = ()


class MeterSpec(msgspec.Struct, frozen=True):
    """One meter. units: quantity -> declared unit, for every quantity it reads.

    integrate: power is integrated (it has no counter, or a bill wants it).
    estimate: phases for which V x A is kept: "" single-phase or the sum, "l1", "l2", "l3".
    power_ceiling_kw: a power above it is out of range. silent_after_ms: without a reading
    for so long, and nobody reporting a failed poll, it is off line. general: seed 000's
    fields that the configuration fixes, by the seed's names, in the seed's order. pushed: its
    own device sends its readings in, not a person. rated_amps: where there is no rated_kw.
    thresholds: what it is watched for. expressions: of a virtual meter, quantity -> what it is
    calculated from; its registers are among them. texts: quantities that are no numbers.
    every_ms: between two readings, 0 if it waits. tariff: it costs by it, not by cost_per_kwh.
    """

    name: str
    status: str = "active"
    units: dict[str, str] = {}
    registers: tuple[RegisterSpec, ...] = ()
    integrate: bool = False
    integrate_phases: tuple[str, ...] = ()
    estimate: tuple[str, ...] = ()
    power_ceiling_kw: float = 1000.0
    rated_kw: float | None = None
    silent_after_ms: int = STALE_MS
    demand: DemandSpec = DemandSpec()
    cost_per_kwh: Decimal | None = None
    currency: str = "EUR"
    general: dict[str, Any] = {}
    pushed: bool = False
    rated_amps: float | None = None
    thresholds: ThresholdSpec | None = None
    expressions: dict[str, str] = {}
    texts: tuple[str, ...] = ()
    every_ms: int = 0
    tariff: str = ""


class Term(NamedTuple):
    """What one register has to do with a whole. It applies to amounts in base units."""

    coefficient: Fraction
    meter: str
    quantity: str


class RecordSpec(msgspec.Struct, frozen=True):
    """A meter configuration of seed 001.

    meter, quantity: the counter it follows. cost_per_unit: per usage unit, or None.
    schedule: five-field cron expression in the site's time, or "". max_flush_ms: the row of
    an open record is never older, None where it is as old as the last reading.
    terms: the sum that is counted, () for that counter as it is; then it is the first's.
    on_change: an expression, "" for none; when its value changes the record is cut.
    cost_expression: gives the cost per unit of each cycle, "" for the fixed one.
    """

    name: str
    meter: str
    quantity: str
    usage_unit: str = "kWh"
    cost_unit: str = "EUR"
    cost_per_unit: Decimal | None = None
    meter_type: str = ""
    equipment: str = ""
    location: str | None = None
    description: str | None = None
    enabled: bool = True
    max_duration_ms: int | None = None
    schedule: str = ""
    on_rollover: bool = True
    prune_after_ms: int | None = None
    notes: str | None = None
    spares: tuple[str | None, str | None, str | None] = (None, None, None)
    max_flush_ms: int | None = None
    terms: tuple[Term, ...] = ()
    on_change: str = ""
    cost_expression: str = ""


class SourceSpec(msgspec.Struct, frozen=True):
    """A source of a bill. kind: energy, power or volt_ampere (`best` is resolved before).
    also: other counters of the meter that the bill's tariff needs."""

    meter: str
    kind: str = "energy"
    phase: str = ""
    enabled: bool = True
    rate_per_kwh: Decimal | None = None
    also: tuple[str, ...] = ()


class BillSpec(msgspec.Struct, frozen=True):
    """A bill of seed 003.

    type: energy or demand. allowance: kWh or kW as the type says, or None. max_source_kw:
    believed ceiling of one source on this bill. tariff: its versions, oldest first. ended: no
    period follows the one that is open, and its sources are disabled.
    """

    name: str
    type: str = "energy"
    billing_day: int = 1
    allowance: Decimal | None = None
    sources: tuple[SourceSpec, ...] = ()
    demand: DemandSpec = DemandSpec()
    max_source_kw: Decimal | None = None
    grace_ms: int = 86_400_000
    currency: str = "EUR"
    sampling_ms: int = 300_000
    tariff: tuple[TariffSpec, ...] = ()
    ended: bool = False


class FieldSpec(msgspec.Struct, frozen=True):
    """A field of the POWERMETER definition: seed 000's, as the site has changed it.

    code: its name outside. source: the seed's name of it, or the one it was added under.
    type: text, number, date, datetime, enum or reference. options: of an enumeration, their
    labels; an option's id is its place, from 1. target: what a reference points at, "" for
    anything. was: the type it had before the site changed it, else "". added: by the site.
    """

    code: str
    source: str
    label: str
    type: str
    panel: str = "General"
    required: bool = False
    readonly: bool = False
    multiline: bool = False
    options: tuple[str, ...] = ()
    target: str = ""
    was: str = ""
    added: bool = False


class SiteSpec(msgspec.Struct, frozen=True):
    """The whole site. fields: the POWERMETER definition; prices: series by their names;
    accounts: of meters that have a tariff, their own terms as bills."""

    name: str
    timezone: str
    currency: str = "EUR"
    sampling_ms: int = 300_000
    meters: tuple[MeterSpec, ...] = ()
    records: tuple[RecordSpec, ...] = ()
    bills: tuple[BillSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    chain: tuple[ChainMeter, ...] = ()
    prices: dict[str, PriceSeries] = {}
    accounts: tuple[BillSpec, ...] = ()
