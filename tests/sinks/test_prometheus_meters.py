"""What a scrape says of a meter."""

from __future__ import annotations

import msgspec
import pytest
from tests.sinks.scrape import NOON_MS, everything, of, scraped, sink, site, view

from meterd.views import MeterView


def test_a_meter_is_shown_in_base_units() -> None:
    one = sink()
    one.tell((), [everything()], [])
    values = scraped(one)
    assert of(values, "meterd_power_watts") == {"": 1250}
    assert of(values, "meterd_phase_power_watts") == {f"phase=l{n}": 1250 for n in (1, 2, 3)}
    assert of(values, "meterd_reactive_power_vars") == {"": 1250}
    assert of(values, "meterd_apparent_power_voltamperes") == {"": 1250}
    assert set(of(values, "meterd_current_amperes")) == {
        "phase=total", "phase=l1", "phase=l2", "phase=l3", "phase=n",
    }  # fmt: skip
    assert set(of(values, "meterd_voltage_volts")) == {
        "phase=total", "phase=l1", "phase=l2", "phase=l3", "phase=l12", "phase=l23", "phase=l31",
    }  # fmt: skip
    assert of(values, "meterd_power_factor_ratio") == {"": 1.25}
    assert of(values, "meterd_frequency_hertz") == {"": 1.25}
    assert of(values, "meterd_load_ratio") == {"": 0.625}
    assert of(values, "meterd_phase_imbalance_ratio") == {"": 0.0325}
    assert of(values, "meterd_flow_liters_per_second") == {"": pytest.approx(1.25 / 3.6)}
    assert of(values, "meterd_temperature_celsius") == {"": 1.25}
    assert of(values, "meterd_quantity") == {"quantity=humidity,unit=%": 0.4}
    assert of(values, "meterd_meter_up") == {"": 1}


def test_what_was_derived_stands_in_for_what_was_not_read() -> None:
    one = sink()
    one.tell((), [view(fields={"currentKva": 1.6, "powerFactor": 0.9, "loadPercent": None})], [])
    values = scraped(one)
    assert of(values, "meterd_apparent_power_voltamperes") == {"": 1600}
    assert of(values, "meterd_power_factor_ratio") == {"": 0.9}
    assert of(values, "meterd_load_ratio") == {}


@pytest.mark.parametrize("openmetrics", [True, False])
def test_counters_are_exact_to_the_last_joule(openmetrics: bool) -> None:
    one = sink()
    totals = {
        "energy_import": 2**53 + 1,
        "energy_export": 7,
        "volume": 1_234_560,
        "count": 2_500_000,
    }
    one.tell((), [view(totals=totals | {"night": 9000}, unbilled={"energy_import": 17})], [])
    lines = one.exposition(NOON_MS, openmetrics).decode().splitlines()
    at = 'meter="main",site="hq"'
    assert {line for line in lines if line.startswith("meterd_") and "total{meter" in line} == {
        f'meterd_energy_joules_total{{{at},direction="import"}} 9007199254740993',
        f'meterd_energy_joules_total{{{at},direction="export"}} 7',
        f"meterd_volume_liters_total{{{at}}} 1234.56",
        f"meterd_count_total{{{at}}} 2.5",
        f'meterd_register_total{{{at},quantity="night",unit="Wh"}} 2.5',
        f'meterd_unbilled_joules_total{{{at},quantity="energy_import"}} 17',
        f'meterd_unbilled_joules_total{{{at},quantity="energy_export"}} 0',
    }


def test_an_offline_meter_has_no_gauges_and_keeps_its_counters() -> None:
    one = sink()
    one.tell((), [everything()], [])
    before = scraped(one)
    one.tell((), [msgspec.structs.replace(everything(), online=False)], [])
    gone = {name for name, _ in before.keys() - scraped(one).keys()}
    assert {name for name in gone if name.endswith("_total")} == set()
    assert "meterd_power_watts" in gone
    assert "meterd_reading_age_seconds" not in gone
    assert of(scraped(one), "meterd_meter_up") == {"": 0}


def test_the_age_of_a_reading_grows_and_is_never_negative() -> None:
    one = sink()
    one.tell((), [view()], [])
    late = scraped(one, now_ms=NOON_MS + 90_250)
    assert of(late, "meterd_reading_age_seconds") == {"": 90.25}
    assert of(late, "meterd_last_reading_timestamp_seconds") == {"": NOON_MS / 1000}
    assert of(scraped(one, now_ms=NOON_MS - 1), "meterd_reading_age_seconds") == {"": 0}


@pytest.mark.parametrize("silent", [None, view(at_ms=None, online=False)])
def test_a_meter_that_never_spoke_is_down_and_has_no_zeros(silent: MeterView | None) -> None:
    one = sink()
    one.tell((), [silent] if silent else [], [])
    shown = {name for name, labels in scraped(one) if ("meter", "main") in labels}
    assert shown == {"meterd_meter_up", "meterd_meter_info"}


@pytest.mark.parametrize("status", ["planned", "decommissioned"])
def test_a_meter_that_is_not_read_is_neither_up_nor_down(status: str) -> None:
    one = sink(site("main", status=status))
    one.tell((), [view(online=False, totals={"energy_import": 5})], [])
    values = scraped(one)
    assert of(values, "meterd_meter_up") == {}
    assert of(values, "meterd_energy_joules_total") == {"direction=import": 5}


def test_a_value_that_is_no_number_has_no_series() -> None:
    one = sink()
    one.tell((), [view(quantities={"current": float("nan"), "voltage": float("inf")})], [])
    values = scraped(one)
    assert of(values, "meterd_current_amperes") == {}
    assert of(values, "meterd_voltage_volts") == {}


def test_the_configuration_of_a_meter_is_one_info_series() -> None:
    general = {
        "meterName": 'A "main"\\\n',
        "meterPoint": {"id": 9, "label": "Rack PDU"},
        "building": None,
    }
    one = sink(site("main", general=general))
    [info] = [labels for name, labels in scraped(one) if name == "meterd_meter_info"]
    assert dict(info) == {
        "meter": "main",
        "site": "hq",
        "meter_name": 'A "main"\\\n',
        "meter_point": "Rack PDU",
    }
