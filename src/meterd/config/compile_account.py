"""From a meter of the file that has a tariff to the terms it costs by: a bill of its own."""

from __future__ import annotations

from typing import Final

from meterd.config.bills import SourceConfig
from meterd.config.checks.bills import kind_of
from meterd.config.compile_meter import rate_of
from meterd.config.compile_tariff import also, tariff_specs
from meterd.config.demand import demand_spec
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.specs import BillSpec, SourceSpec

PATIENCE_MS: Final = 366 * 86_400_000
"""A month waits so long for the meter to tell what it used in it; then it is closed."""


def account_specs(config: Config) -> tuple[BillSpec, ...]:
    """Those of every meter that names a tariff."""
    return tuple(_account(config, meter) for meter in config.meters if meter.tariff is not None)


def _account(config: Config, meter: MeterConfig) -> BillSpec:
    """The meter as the only source of a bill that begins on the first of each month."""
    tariff = tariff_specs(config, meter)
    source = SourceSpec(
        meter=meter.name,
        kind=kind_of(SourceConfig(meter.name), meter) or "energy",
        rate_per_kwh=rate_of(config.site, meter),
        also=tuple(sorted(meter.counters.keys() & also(tariff))),
    )
    return BillSpec(
        name=meter.name,
        sources=(source,),
        demand=demand_spec(meter.demand, config.site.demand, config.sampling),
        grace_ms=PATIENCE_MS,
        currency=meter.currency or config.site.currency,
        sampling_ms=config.sampling,
        tariff=tariff,
    )
