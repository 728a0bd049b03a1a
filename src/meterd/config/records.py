"""Meter records (seed 001): what is counted, for which equipment, at which cost, cut when.

meter_types: {water: {usage_unit: m3, cost_unit: EUR, cost_per_unit: "0.38"}}
records:
  - {name: Conveyor water, equipment: conveyor-1, meter_type: water, usage: water_1.volume}
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from meterd.config.values import Duration, Positive, Title


class MeterTypeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is metered, in which unit, at which cost."""

    usage_unit: str
    cost_unit: str | None = None
    cost_per_unit: Decimal | None = None
    name: str | None = None
    description: str | None = None


class EquipmentConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of equipment and where it stands."""

    name: str | None = None
    location: str | None = None
    description: str | None = None


class LocationConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place."""

    name: str | None = None
    description: str | None = None


class CutoverConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When one record ends and the next begins. schedule: a cron expression, local time."""

    schedule: str | None = None
    on_change: str | None = None
    on_rollover: bool = True


class RecordConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One meter configuration; it keeps one running record.

    usage: `meter.quantity` of a counter, or a sum of such. overflow_value: the largest value
    before it wraps, in the usage unit. cost_source: expression by default where
    cost_expression is given, static where cost_per_unit is, else from_meter_type.
    """

    name: Title
    usage: str
    description: str | None = None
    enabled: bool = True
    equipment: str | None = None
    location: str | None = None
    meter_type: str | None = None
    overflow_value: Positive | None = None
    cost_source: Literal["static", "from_meter_type", "expression"] | None = None
    cost_per_unit: Decimal | None = None
    cost_expression: str | None = None
    max_record_duration: Duration | None = None
    cutover: CutoverConfig = CutoverConfig()
    max_time_between_executions: Duration | None = None
    max_flush_interval: Duration | None = None
    prune_after: Duration | None = None
    notes: str | None = None
    spare1: str | None = None
    spare2: str | None = None
    spare3: str | None = None
