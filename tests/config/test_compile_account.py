"""From a meter that has a tariff to the terms it costs by."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.compile import site_spec
from meterd.config.compile_account import PATIENCE_MS
from meterd.specs import DemandSpec, SourceSpec

TEXT = (
    SITE
    + """meters:
  - {name: m, tariff: t, cost_per_kwh: 0.3, demand: {window: 30m}}
  - {name: p, tariff: t, points: {active_power: {}}}
  - {name: plain, cost_per_kwh: 0.3}
tariffs: {t: {price_series: prices.csv, export: {rate: 0.08}}}
"""
)


def test_a_meter_with_a_tariff_is_the_only_source_of_terms_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("time,rate\n2026-01-01T00:00:00Z,-0.01\n")
    site = site_spec(sound(tmp_path, TEXT))
    one, other = site.accounts
    assert (one.name, one.billing_day, one.grace_ms) == ("m", 1, PATIENCE_MS)
    assert one.sources == (SourceSpec("m", rate_per_kwh=Decimal("0.3"), also=("energy_export",)),)
    assert one.demand == DemandSpec(1_800_000, 1_800_000)
    assert other.sources == (SourceSpec("p", "power", rate_per_kwh=Decimal("0.30")),)
    assert [version.series for version in one.tariff] == list(site.prices) == ["t"]
    assert [(m.tariff, m.cost_per_kwh) for m in site.meters] == [
        ("t", None), ("t", None), ("", Decimal("0.3")),
    ]  # fmt: skip
