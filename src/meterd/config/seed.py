"""A meter's fields of seed 000 that the configuration fixes, by the seed's names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, Final

from meterd.config.connections import Connection, protocol_word
from meterd.config.enums import is_enum, numbered
from meterd.config.field_values import kept
from meterd.config.meters import MeterConfig
from meterd.config.site import SiteConfig
from meterd.metering.maintenance import next_calibration
from meterd.specs import FieldSpec

FIELDS: Final = (
    "name", "meter_name", "meter_point", "status", "description", "building", "floor", "room",
    "rack", "panel_board_ref", "feed_path", "manufacturer", "model", "serial_number",
    "meter_type", "accuracy_class", "ct_ratio", "pt_ratio", "protocol", "ip_address",
    "cost_per_kwh", "currency", "rated_capacity_kw", "rated_capacity_amps",
    "warning_threshold_percent", "critical_threshold_percent", "voltage_high_threshold",
    "voltage_low_threshold", "power_factor_min_threshold", "phase_imbalance_max_percent",
    "install_date", "last_calibration_date", "next_calibration_date",
    "calibration_interval_months", "calibration_certificate", "last_verification_date",
    "verification_result", "notes",
)  # fmt: skip
"""The keys of a meter that are fields of the seed, in the seed's order."""


def general(meter: MeterConfig, link: Connection | None, site: SiteConfig) -> dict[str, Any]:
    """Seed name -> JSON value, for all that is known; enumerations as id and label.

    protocol follows from the connection (modbus_rtu_tcp is Modbus RTU), the IP address too
    if its host is one; rate and currency are inherited from the site.
    """
    virtual = "virtual" if meter.protocol == "virtual" else None
    inherited = {
        "meter_point": meter.meter_point or virtual,
        "meter_type": meter.meter_type or virtual,
        "protocol": protocol_word(link.protocol) if link else None if virtual else meter.protocol,
        "ip_address": meter.ip_address or _address(getattr(link, "host", "")),
        "cost_per_kwh": site.cost_per_kwh if meter.cost_per_kwh is None else meter.cost_per_kwh,
        "currency": meter.currency or site.currency,
        "next_calibration_date": calibration_due(meter),
    }
    values = {key: inherited.get(key, getattr(meter, key)) for key in FIELDS}
    return {
        camel(key): numbered(key, value) if is_enum(key) else _json(value)
        for key, value in values.items()
        if value is not None
    }


def calibration_due(meter: MeterConfig) -> date | None:
    """The day it says, else the last calibration and its interval."""
    return next_calibration(
        meter.next_calibration_date,
        meter.last_calibration_date,
        meter.calibration_interval_months,
    )


def own(meter: MeterConfig, fields: Iterable[FieldSpec]) -> dict[str, Any]:
    """The fields that the site itself has added, by the names it added them under."""
    if not meter.custom:
        return {}
    return {
        field.source: _option(field, kept(field, meter.custom[field.source]))
        for field in fields
        if field.source in meter.custom
    }


def _option(field: FieldSpec, value: Any) -> Any:
    """A kept value as JSON has it; an option as id and label."""
    if field.type == "enum":
        return {"id": field.options.index(value) + 1, "label": value}
    return _json(value)


def camel(key: str) -> str:
    """rated_capacity_kw -> ratedCapacityKw, as the seed writes it."""
    return re.sub("_([a-z])", lambda match: match[1].upper(), key)


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _json(value: Any) -> Any:
    """The seed's types: numbers, text, dates as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
