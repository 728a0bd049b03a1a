"""The listing verbs, by the shapes of the contract (section 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.cli.shell import Shell

from meterd.shapes.meters import FIELDS
from meterd.stores.meter_records import SEED_COLUMNS

PERIOD = [
    "start", "end", "status", "used", "energy_kwh", "allowance", "overage", "percent", "peak",
    "peak_start", "peak_end", "average", "accuracy", "coverage", "shares", "unbilled_kwh",
    "projection", "cost", "adjustments",
]  # fmt: skip
LISTS = {
    "meters": (),
    "records": (),
    "bills": (),
    "samples": ("--bill", "tenant"),
    "intervals": ("--meter", "main"),
    "events": (),
    "adjustments": (),
}
SPANNED = {name: words for name, words in LISTS.items() if name not in {"meters", "bills"}}


def test_meters_are_powermeter_objects_in_the_order_of_the_seed(told: Shell) -> None:
    main, rack = told.rows("meters")
    assert [name for name in main if name in FIELDS] == list(FIELDS)
    assert (main["name"], rack["name"]) == ("main", "rack-12")
    assert (main["kwhLifetime"], rack["kwhLifetime"]) == (1005, 9)
    assert main["lastReadingTime"] == "2026-02-01T07:10:00Z"
    assert main["currentKw"] is None, "what was not read is null"
    table = told.on("meters").out.splitlines()
    assert table[0].split()[:3] == ["name", "meterName", "status"]
    assert table[1].split()[:3] == ["main", "-", "Active"]


def test_records_have_the_columns_of_the_seed_in_its_order(told: Shell) -> None:
    rows = told.rows("records")
    assert list(rows[0])[: len(SEED_COLUMNS)] == list(SEED_COLUMNS)
    assert [row["name"] for row in rows] == [f"Line 1 Run {n}" for n in (1, 2, 3)]
    assert [row["status"] for row in rows] == ["COMPLETED", "COMPLETED", "RUNNING"]
    assert [row["cut_by"] for row in rows] == ["schedule", "rollover", ""]
    assert [row["start_date"] for row in rows[1:]] == [row["end_date"] for row in rows[:-1]]
    assert sum(row["usage_value"] for row in rows) == pytest.approx(15)
    assert rows[2]["total_duration_sec"] == 2 * 3600, "until the last event, not until now"
    assert told.rows("records", "--configuration", "Line 1") == rows
    assert told.rows("records", "--configuration", "Line 2") == []


def test_bills_have_the_shape_of_the_contract(told: Shell) -> None:
    tenant, peak = told.rows("bills")
    assert list(tenant) == ["name", "type", "unit", "accuracy", "sources", "periods"]
    assert (tenant["type"], tenant["unit"]) == ("energy", "kWh")
    assert (peak["type"], peak["unit"]) == ("demand", "kW")
    assert list(tenant["sources"][0]) == ["meter", "kind", "enabled", "health", "last"]
    closed, is_open = tenant["periods"]
    assert (closed["status"], is_open["status"]) == ("closed", "open")
    assert [name for name in closed if name in PERIOD] == PERIOD
    assert list(is_open)[: len(PERIOD)] == PERIOD
    assert set(closed["shares"]) == {
        "measured", "integrated", "estimated", "gap", "questionable",
    }  # fmt: skip
    assert set(closed["cost"]) == {"currency", "lines", "total"}
    assert set(closed["cost"]["lines"][0]) == {"name", "quantity", "unit", "rate", "amount"}
    own = sum(Decimal(period["used"]) for period in tenant["periods"])
    late = sum(Decimal(item["kwh"]) for item in is_open["adjustments"])
    assert late > 0
    assert round(own + late, 6) == 15, "nothing between two periods is lost"


def test_a_bill_is_a_row_a_period_in_a_table(told: Shell) -> None:
    rows = told.on("bills", "--csv").csv
    assert [(row["bill"], row["status"]) for row in rows] == [
        ("tenant", "closed"), ("tenant", "open"), ("peak", "closed"), ("peak", "open"),
    ]  # fmt: skip
    assert (Decimal(rows[0]["cost"]), rows[0]["currency"]) == (Decimal("1.20"), "EUR")
    for row, period in zip(rows, told.rows("bills")[0]["periods"], strict=False):
        assert row["energy_kwh"] == period["energy_kwh"]
        assert row["measured"] == period["shares"]["measured"]


def test_samples_have_the_shape_of_the_contract(told: Shell) -> None:
    rows = told.rows("samples", "--bill", "tenant")
    assert list(rows[0])[:8] == ["start", "end", "meter", "kwh", "kw", "method", "quality", "event"]
    assert isinstance(rows[0]["kwh"], str)
    assert {row["quality"] for row in rows} == {"good", "gap"}


def test_intervals_are_of_one_meter_and_if_asked_of_one_quantity(told: Shell) -> None:
    rows = told.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
    assert sum(Decimal(row["amount"]) for row in rows) == pytest.approx(15)
    assert told.rows("intervals", "--meter", "main", "--quantity", "energy_import") == rows
    assert told.rows("intervals", "--meter", "main", "--quantity", "energy_export") == []


def test_events_have_an_id_a_time_a_kind_and_their_numbers(told: Shell) -> None:
    (row,) = told.rows("events", "--kind", "rollover")
    assert list(row)[:5] == ["id", "time", "kind", "meter", "quantity"]
    assert [len(part) for part in row["id"].split("-")] == [10, 8, 8]
    assert row["booked"] == "10"
    assert {row["meter"] for row in told.rows("events", "--meter", "rack-12")} == {"rack-12"}


def test_late_energy_is_an_adjustment(told: Shell) -> None:
    rows = told.rows("adjustments")
    assert [(row["bill"], row["period"]) for row in rows] == [("tenant", "2026-01-01T00:00:00Z")]
    assert Decimal(rows[0]["kwh"]) > 0
    assert told.rows("adjustments", "--bill", "tenant") == rows
    assert told.rows("adjustments", "--bill", "peak") == []


@pytest.mark.parametrize(("verb", "words"), LISTS.items(), ids=LISTS)
def test_every_list_is_a_table_csv_and_json(told: Shell, verb: str, words: tuple[str, ...]) -> None:
    tree: list[Any] = told.rows(verb, *words)
    rows = told.on(verb, "--csv", *words).csv
    table = told.on(verb, *words).out.splitlines()
    assert rows
    assert len(table) == len(rows) + 1
    assert len(rows) == len(tree) or verb == "bills"


@pytest.mark.parametrize(("verb", "words"), SPANNED.items(), ids=SPANNED)
def test_a_list_is_cut_at_from_and_before_to(
    told: Shell, verb: str, words: tuple[str, ...]
) -> None:
    key = {"records": "start_date", "events": "time", "adjustments": "time"}.get(verb, "start")
    rows = told.rows(verb, *words)
    first, last = rows[0][key], rows[-1][key]
    assert told.rows(verb, *words, "--from", first) == rows
    assert told.rows(verb, *words, "--to", first) == []
    assert told.rows(verb, *words, "--to", last) == [row for row in rows if row[key] < last]
    assert told.rows(verb, *words, "--from", last) == [row for row in rows if row[key] == last]


def test_a_bill_is_cut_at_the_periods_that_the_span_touches(told: Shell) -> None:
    periods = told.rows("bills")[0]["periods"]
    assert len(periods) > 1
    edge = periods[1]["start"]
    assert told.rows("bills", "--from", edge)[0]["periods"] == periods[1:]
    assert told.rows("bills", "--to", edge)[0]["periods"] == periods[:1]


def test_meters_are_chosen_by_when_they_were_last_read(told: Shell) -> None:
    last = told.rows("meters")[0]["lastReadingTime"]
    assert "main" in {row["name"] for row in told.rows("meters", "--from", last)}
    assert "main" not in {row["name"] for row in told.rows("meters", "--to", last)}


def test_a_date_is_the_first_instant_of_the_sites_day(told: Shell) -> None:
    day = told.rows("events", "--from", "2026-02-01T00:00:00Z")
    assert 0 < len(day) < len(told.rows("events"))
    assert told.rows("events", "--from", "2026-02-01") == day
    assert told.rows("events", "--from", "2026-02-01T00:00") == day


@pytest.mark.parametrize(
    ("verb", "words", "hint"),
    [
        ("samples", ("--bill", "tenat"), "no bill 'tenat'; did you mean 'tenant'?"),
        ("samples", ("--bill", "x"), "no bill 'x'; there is: peak, tenant"),
        ("adjustments", ("--bill", "tenat"), "did you mean 'tenant'?"),
        ("intervals", ("--meter", "rack-13"), "did you mean 'rack-12'?"),
        ("events", ("--from", "yesterday"), "'yesterday' is no time"),
    ],
)
def test_what_is_not_there_is_wrong_usage_and_said_on_standard_error(
    told: Shell, verb: str, words: tuple[str, ...], hint: str
) -> None:
    done = told.on(verb, *words, code=2)
    assert done.err.startswith(f"meterd {verb}: ")
    assert hint in done.err
    assert done.out == ""


@pytest.mark.parametrize(("verb", "words"), LISTS.items(), ids=LISTS)
def test_without_a_store_it_is_said_how_one_is_made(
    shell: Shell, verb: str, words: tuple[str, ...]
) -> None:
    shell.write()
    done = shell.on(verb, *words, code=1)
    assert "`meterd run` makes it" in done.err
    assert done.out == ""


def test_another_store_is_named_on_the_command_line(told: Shell) -> None:
    rows = told.rows("events")
    told.config["store"] = "sqlite:elsewhere.db"
    told.write()
    assert "`meterd run` makes it" in told.on("events", code=1).err
    assert told.rows("events", "--store", "sqlite:meterd.db") == rows
    assert "is no store" in told.on("events", "--store", "oracle:x", code=2).err
    away = "postgresql://u:secret@127.0.0.1:1/d"
    assert "postgresql://u@127.0.0.1:1/d: " in told.on("events", "--store", away, code=1).err
