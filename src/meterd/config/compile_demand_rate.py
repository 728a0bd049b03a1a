"""From the demand rates of a tariff to what the pure core prices by, each with its window."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from meterd.config.schedule import WhenError, schedule
from meterd.config.site import DemandConfig
from meterd.config.tariffs import (
    DemandRateConfig,
    DemandWindowConfig,
    RatchetConfig,
    TariffConfig,
    TariffError,
)
from meterd.config.urdb import Record
from meterd.specs import DemandSpec
from meterd.tariff import ALWAYS, DemandRate, Ratchet, Tier


def demand_rates(
    tariff: TariffConfig, record: Record, window: DemandSpec
) -> tuple[DemandRate, ...]:
    """The tariff's own, else those of its URDB record. window: the bill's. Raises TariffError."""
    own = tariff.demand
    if not isinstance(own, DemandWindowConfig) and own:
        return tuple(
            _demand_rate(
                tariff, rate, _window(rate, window), f"demand {n}" if len(own) > 1 else "demand"
            )
            for n, rate in enumerate(own, 1)
        )
    if record.window_ms:
        window = DemandSpec(record.window_ms, record.window_ms, window.quantity)
    if isinstance(own, DemandWindowConfig):
        window = _window(own, window)
    ratchet = _ratchet(tariff.ratchet) or record.ratchet
    return tuple(
        msgspec.structs.replace(
            rate,
            window_ms=window.window_ms,
            step_ms=window.step_ms,
            quantity=window.quantity if rate.quantity == "kw" else rate.quantity,
            ratchet=ratchet if _remembers(rate) else None,
        )
        for rate in record.demand
        if rate.quantity != "kvar" or tariff.power_factor is None
    )


def _remembers(rate: DemandRate) -> bool:
    """Whether it is one that a ratchet beside `demand` is of: of the load, at any time."""
    return rate.schedule.any_time and rate.quantity != "kvar" and not rate.daily


def _demand_rate(
    tariff: TariffConfig, rate: DemandRateConfig, window: DemandSpec, name: str
) -> DemandRate:
    try:
        hours = ALWAYS if rate.when is None else schedule([rate.when])
    except WhenError as error:
        raise TariffError("demand", str(error), "Write months 1-12 and hours 0-24.") from error
    made = DemandRate(
        name=rate.name or name,
        tiers=(Tier(rate.rate),),
        window_ms=window.window_ms,
        step_ms=window.step_ms,
        quantity=window.quantity,
        schedule=hours,
        daily=rate.per == "day",
    )
    ratchet = rate.ratchet or (tariff.ratchet if _remembers(made) else None)
    return msgspec.structs.replace(made, ratchet=_ratchet(ratchet))


def _window(own: DemandRateConfig | DemandWindowConfig, bill: DemandSpec) -> DemandSpec:
    """A rate's own window; with none of its own, the bill's."""
    if own.window is None and own.step is None:
        return DemandSpec(bill.window_ms, bill.step_ms, own.quantity or bill.quantity)
    length_ms = own.window or bill.window_ms
    return DemandSpec(length_ms, own.step or length_ms, own.quantity or bill.quantity)


def window_config(own: DemandRateConfig | DemandWindowConfig) -> DemandConfig:
    """The same, as demand windows are checked."""
    return DemandConfig(own.window, own.step)


def _ratchet(rule: RatchetConfig | None) -> Ratchet | None:
    if rule is None:
        return None
    percents = rule.percent_by_month or (rule.percent or Decimal(0),) * 12
    minimum_kw = rule.minimum_kw or Decimal(0)
    return Ratchet(percents, rule.months or 11, minimum_kw, rule.prior_peaks_kw)
