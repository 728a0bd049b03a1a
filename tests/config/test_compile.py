"""What the pure core is told of a site: all defaults filled in, all inheritance settled."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.config.written import HALL, SITE, sound

from meterd.config.compile import site_spec
from meterd.config.compile_meter import MANUAL_SILENCE_MS
from meterd.specs import (
    STALE_MS,
    BillSpec,
    DemandSpec,
    MeterSpec,
    RecordSpec,
    SiteSpec,
    SourceSpec,
)

M = 60_000


def compiled(folder: Path, text: str) -> SiteSpec:
    return site_spec(sound(folder, text))


def meters(folder: Path, text: str) -> dict[str, MeterSpec]:
    return {meter.name: meter for meter in compiled(folder, SITE + text).meters}


BILLS = """
site: {name: hq, timezone: UTC, currency: CHF, cost_per_kwh: "0.30", demand: {window: 30m}}
sampling: 10m
meters: [{name: a}, {name: b, cost_per_kwh: 0}]
bills:
  - {name: t, sources: [{meter: a}, {meter: b, kind: power, phase: l2, enabled: false}]}
  - {name: u, type: demand, billing_day: 31, allowance: 25, max_source_kw: 50, grace: 0s,
     currency: EUR, demand: {window: 20m, step: 10m, quantity: kva}}
"""


def test_a_bill_inherits_from_its_site(tmp_path: Path) -> None:
    site = compiled(tmp_path, BILLS)
    assert (site.name, site.timezone, site.currency) == ("hq", "UTC", "CHF")
    assert site.sampling_ms == 10 * M
    sources = (
        SourceSpec("a", "energy", rate_per_kwh=Decimal("0.30")),
        SourceSpec("b", "power", "l2", enabled=False, rate_per_kwh=Decimal(0)),
    )
    assert site.bills == (
        BillSpec(
            name="t",
            sources=sources,
            demand=DemandSpec(30 * M, 30 * M),
            currency="CHF",
            sampling_ms=10 * M,
        ),
        BillSpec(
            name="u",
            type="demand",
            billing_day=31,
            allowance=Decimal(25),
            max_source_kw=Decimal(50),
            grace_ms=0,
            demand=DemandSpec(20 * M, 10 * M, "kva"),
            sampling_ms=10 * M,
        ),
    )


RECORDS = """
meters:
  - {name: water_1, points: {volume: {unit: L, scale: 1, max_per_hour: 5}}}
  - {name: rack-12}
meter_types:
  water: {usage_unit: m3, cost_unit: CHF, cost_per_unit: "0.38"}
  free: {usage_unit: L}
equipment: {conveyor-1: {location: line-1}, loose: {}}
records:
  - name: Conveyor water
    equipment: conveyor-1
    meter_type: water
    usage: water_1.volume
    overflow_value: 999.99
    cost_per_unit: "0.40"
    cost_source: from_meter_type
    max_record_duration: 10m
    cutover: {schedule: "0 6 * * *", on_rollover: false}
    prune_after: 1d
    description: D
    enabled: false
    notes: N
    spare2: S
  - {name: b, usage: water_1.volume, meter_type: water, equipment: conveyor-1, location: here,
     cost_per_unit: 2}
  - {name: c, usage: rack-12.energy_import, equipment: loose}
  - {name: d, usage: water_1.volume, meter_type: free, equipment: unlisted}
  - {name: e, usage: water_1.volume}
"""


def test_records_take_units_costs_and_places_where_they_are(tmp_path: Path) -> None:
    site = compiled(tmp_path, SITE + RECORDS)
    first, second, third, fourth, fifth = site.records
    assert first == RecordSpec(
        name="Conveyor water",
        meter="water_1",
        quantity="volume",
        usage_unit="m3",
        cost_unit="CHF",
        cost_per_unit=Decimal("0.38"),
        meter_type="water",
        equipment="conveyor-1",
        location="line-1",
        description="D",
        enabled=False,
        max_duration_ms=10 * M,
        schedule="0 6 * * *",
        on_rollover=False,
        prune_after_ms=86_400_000,
        notes="N",
        spares=(None, "S", None),
    )
    assert (second.cost_per_unit, second.location) == (Decimal(2), "here")
    assert (third.meter, third.usage_unit, third.cost_unit) == ("rack-12", "kWh", "EUR")
    assert (third.cost_per_unit, third.location, third.schedule) == (None, None, "")
    assert (fourth.usage_unit, fourth.cost_unit, fourth.cost_per_unit) == ("L", "EUR", None)
    assert fifth.usage_unit == "L"
    (register,) = site.meters[0].registers
    assert register.modulus == 999_991_000


READ = {
    "energy_import: {}": (False, ()),
    "energy_import: {}, active_power: {}": (False, ()),
    "active_power: {}": (True, ()),
    "active_power: {}, voltage: {}, current: {}": (True, ()),
    "voltage: {}, current: {}": (False, ("",)),
    "voltage_l1: {}, current_l1: {}": (False, ("",)),
    "voltage_l1: {}, current_l2: {}": (False, ()),
    "temperature: {}": (False, ()),
}


@pytest.mark.parametrize("points", READ)
def test_the_weaker_methods_serve_where_there_is_no_stronger(points: str, tmp_path: Path) -> None:
    spec = meters(tmp_path, f"meters: [{{name: m, points: {{{points}}}}}]\n")["m"]
    assert (spec.integrate, spec.estimate) == READ[points]
    assert spec.integrate_phases == ()


def test_what_a_bill_wants_is_kept_beside_the_counter(tmp_path: Path) -> None:
    text = """
meters: [{name: a}, {name: b}, {name: c}, {name: d, points: {voltage_l1: {}, current_l1: {}}}]
bills:
  - name: t
    sources:
      - {meter: a, kind: power}
      - {meter: b, kind: power, phase: l2}
      - {meter: b, kind: power, phase: l1}
      - {meter: c, kind: volt_ampere}
      - {meter: c, kind: volt_ampere, phase: l3}
      - {meter: d, kind: volt_ampere, phase: l1}
"""
    specs = meters(tmp_path, text)
    assert (specs["a"].integrate, specs["a"].integrate_phases) == (True, ())
    assert (specs["b"].integrate, specs["b"].integrate_phases) == (False, ("l1", "l2"))
    assert specs["c"].estimate == ("", "l3")
    assert specs["d"].estimate == ("l1",)


def test_a_meter_inherits_from_its_site(tmp_path: Path) -> None:
    text = """
site: {name: hq, timezone: UTC, cost_per_kwh: "0.30", max_source_kw: 77, demand: {step: 5m}}
connections: {clip: {protocol: manual}}
meters:
  - {name: a, every: 10m}
  - {name: b, currency: USD, cost_per_kwh: 1, rated_capacity_kw: 100, demand: {window: 1h}}
  - {name: c, connection: clip, points: {energy_import: {unit: MWh, max_kw: 5}, model: {},
     power_factor: {unit: "1"}}, status: fault}
"""
    a, b, c = compiled(tmp_path, text).meters
    assert (a.cost_per_kwh, a.currency, a.status) == (Decimal("0.30"), "EUR", "active")
    assert (a.power_ceiling_kw, a.rated_kw, a.silent_after_ms) == (77.0, None, 30 * M)
    assert a.demand == DemandSpec(15 * M, 5 * M)
    assert (b.cost_per_kwh, b.currency, b.power_ceiling_kw) == (Decimal(1), "USD", 125.0)
    assert (b.rated_kw, b.silent_after_ms) == (100.0, STALE_MS)
    assert b.demand == DemandSpec(60 * M, 60 * M)
    assert (c.power_ceiling_kw, c.silent_after_ms, c.status) == (5.0, MANUAL_SILENCE_MS, "fault")
    assert c.units == {"energy_import": "MWh", "model": "", "power_factor": "ratio"}
    assert c.general["name"] == "c"


def test_a_meter_that_pushes_is_as_patient_as_its_points(tmp_path: Path) -> None:
    text = (
        SITE
        + """
connections: {api: {protocol: push}}
meters:
  - {name: a, connection: api, every: 1h}
  - {name: b, connection: api, points: {count: {stale_after: 2h}, volume: {max_per_hour: 1}}}
  - {name: c, connection: api, points: {volume: {stale_after: 2m, max_per_hour: 1}}}
"""
    )
    found = compiled(tmp_path, text).meters
    assert [spec.silent_after_ms for spec in found] == [STALE_MS, 120 * M, 2 * M]
    assert all(spec.pushed for spec in found)


def test_a_recording_tells_what_a_meter_without_points_reads(tmp_path: Path) -> None:
    text = (
        SITE
        + HALL
        + """
meters:
  - {name: a}
  - {name: b, points: {energy_import: {}}}
  - {name: c}
bills: [{name: t, sources: [{meter: a}]}]
"""
    )
    config = sound(tmp_path, text)
    seen = {"a": {"active_power", "humidity"}, "b": {"active_power"}, "c": set[str]()}
    a, b, c = site_spec(config, seen).meters
    assert (a.registers, a.integrate) == ((), True)
    assert a.units == {"active_power": "kW", "humidity": ""}
    assert site_spec(config, seen).bills[0].sources[0].kind == "power"
    assert [register.quantity for register in b.registers] == ["energy_import"]
    assert len(c.registers) == 9
    assert site_spec(config).bills[0].sources[0].kind == "energy"
