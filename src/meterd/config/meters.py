"""Meters: metering points, with seed 000's fields in snake_case and the points to read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from meterd.config.enums import (
    AccuracyClass,
    FeedPath,
    MeterPoint,
    MeterType,
    StatedProtocol,
    Status,
    TransformerClass,
    VerificationResult,
)
from meterd.config.points import PULSE_RATES, LimitsConfig, PointConfig
from meterd.config.site import DemandConfig
from meterd.config.sunspec import SunSpecConfig
from meterd.config.values import (
    Currency,
    Duration,
    Factor,
    LoadPercent,
    Name,
    NotNegative,
    Own,
    Percent,
    Positive,
    Ratio,
)
from meterd.units import GAUGES, REGISTERS

ALL_QUANTITIES: Final = frozenset({*REGISTERS, *GAUGES})
"""What a meter that declares nothing may be given by a recording."""


class MeterConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One meter. name: its asset tag, its identity everywhere.

    connection: none for a virtual meter, and for one that only a recording feeds.
    address: Modbus unit id, SNMP host[:port], BACnet device instance or address, GPIO line
    or file. every: how often it is asked. ct_ratio, pt_ratio: for the record, and applied
    to the values only if apply_ct_ratio, apply_pt_ratio say so. protocol: virtual, or what a
    meter without a connection speaks; else it follows from the connection. custom: the
    fields that `definitions:` adds. tolerance_percent: what the meters below it may differ by
    before energy counts as unaccounted for; by default what their accuracy classes allow.
    tariff: what its costs go by, instead of a rate. ct_class, pt_class: of its
    transformers, for the uncertainty that a statement tells.
    """

    name: Name
    meter_name: str | None = None
    meter_point: MeterPoint | None = None
    status: Status = "active"
    description: str | None = None
    building: str | None = None
    floor: str | None = None
    room: str | None = None
    rack: str | None = None
    panel_board_ref: str | None = None
    feed_path: FeedPath | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    meter_type: MeterType | None = None
    accuracy_class: AccuracyClass | None = None
    ct_ratio: Ratio | None = None
    pt_ratio: Ratio | None = None
    ip_address: str | None = None
    cost_per_kwh: Decimal | None = None
    tariff: str | None = None
    currency: Currency | None = None
    rated_capacity_kw: Positive | None = None
    rated_capacity_amps: Positive | None = None
    warning_threshold_percent: LoadPercent | None = None
    critical_threshold_percent: LoadPercent | None = None
    voltage_high_threshold: NotNegative | None = None
    voltage_low_threshold: NotNegative | None = None
    power_factor_min_threshold: Factor | None = None
    phase_imbalance_max_percent: Percent | None = None
    install_date: date | None = None
    last_calibration_date: date | None = None
    next_calibration_date: date | None = None
    calibration_interval_months: Annotated[int, Meta(ge=1, le=1200)] | None = None
    calibration_certificate: str | None = None
    last_verification_date: date | None = None
    verification_result: VerificationResult | None = None
    notes: str | None = None
    connection: str | None = None
    address: int | str | None = None
    protocol: StatedProtocol | None = None
    profile: str | None = None
    every: Duration = 10_000
    apply_ct_ratio: bool = False
    apply_pt_ratio: bool = False
    ct_class: TransformerClass | None = None
    pt_class: TransformerClass | None = None
    parent: str | None = None
    tolerance_percent: Percent | None = None
    demand: DemandConfig = DemandConfig()
    limits: LimitsConfig = LimitsConfig()
    sunspec: SunSpecConfig = SunSpecConfig()
    points: dict[str, PointConfig] = {}
    custom: dict[str, Own] = {}

    @property
    def quantities(self) -> frozenset[str]:
        """What it reads; all there is for a meter that declares nothing."""
        told = {
            PULSE_RATES[quantity][0]
            for quantity, point in self.points.items()
            if quantity in PULSE_RATES and point.pulses_per_unit is not None and not point.path
        }
        return frozenset({*self.points, *told}) or ALL_QUANTITIES

    @property
    def counters(self) -> dict[str, str]:
        """Its counters, and the unit each is declared in."""
        if not self.points:
            return dict(REGISTERS)
        return {
            quantity: point.unit or REGISTERS[quantity]
            for quantity, point in self.points.items()
            if point.is_counter(quantity)
        }

    @property
    def has_energy(self) -> bool:
        """Whether active energy can be had of it without an estimate."""
        return bool({"energy_import", "active_power"} & self.quantities)

    @property
    def has_volt_ampere(self) -> bool:
        """Whether a voltage and a current belong together."""
        read = self.quantities
        return any(
            f"voltage{n}" in read and f"current{n}" in read for n in ("", "_l1", "_l2", "_l3")
        )
