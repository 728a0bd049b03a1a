"""Bills (seed 003): sources, an allowance, a billing day.

bills:
  - name: tenant-a
    allowance: 5000
    sources: [{meter: rack-12, kind: energy}]
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from meterd.config.site import DemandConfig
from meterd.config.values import Currency, Duration, Name, NotNegative, Positive

DAY_MS = 86_400_000


class SourceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source of a bill. kind: energy (counter), power, volt_ampere, or the best it has."""

    meter: str
    kind: Literal["energy", "power", "volt_ampere", "best"] = "best"
    phase: Literal["l1", "l2", "l3"] | None = None
    enabled: bool = True


class BillConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bill. allowance: kWh of an energy bill, kW of a demand bill.

    billing_day: 29..31 clamp to the month's last day. grace: how long after the end of a
    period late data may still arrive. ended: nothing is sampled any more, and the period that
    is open is the last.
    """

    name: Name
    type: Literal["energy", "demand"] = "energy"
    billing_day: Annotated[int, Meta(ge=1, le=31)] = 1
    allowance: NotNegative | None = None
    max_source_kw: Positive | None = None
    sources: tuple[SourceConfig, ...] = ()
    demand: DemandConfig = DemandConfig()
    tariff: str | None = None
    currency: Currency | None = None
    grace: Duration = DAY_MS
    ended: bool = False
