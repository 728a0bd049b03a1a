"""The worked cases of the reference, replayed through the whole path from the file to the bill."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from meterd.__main__ import main
from meterd.metering.calendar import iso, parse_iso

REFERENCE = Path(__file__).parent / "cases" / "reference"
FIVE_MS = 300_000
DAYS = json.loads((REFERENCE / "calendar_and_money.json").read_text())["days"]


def replayed(
    folder: Path, capsys: pytest.CaptureFixture[str], config: str, rows: Iterable[Sequence[object]]
) -> dict[str, Any]:
    """What `meterd replay --json` prints of these rows; the first is the header."""
    (folder / "meterd.yaml").write_text(config, "utf-8")
    with (folder / "readings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    words = ["replay", "-c", str(folder / "meterd.yaml"), "--json"]
    assert main([*words, "--readings", str(folder / "readings.csv")]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["audit"]["ok"]
    return found


def load() -> list[tuple[int, int]]:
    """(start, Wh) of the five minutes of the reference's load; 35 minutes are not there."""
    with (REFERENCE / "demand" / "load_5min.csv").open(encoding="utf-8") as file:
        rows = [(parse_iso(row["interval_start_utc"]), row["wh"]) for row in csv.DictReader(file)]
    return [(start_ms, int(wh)) for start_ms, wh in rows if wh]


NOTED = {
    (5, 5): "417.8", (15, 15): "253.9", (15, 5): "256.7", (30, 30): "219.5", (30, 5): "238.5",
    (60, 60): "198.9", (60, 15): "209.4",
}  # fmt: skip
"""(window, step) in minutes -> kW to a tenth (reference, "Demand interval")."""
CASES = json.loads((REFERENCE / "demand" / "demand_cases.json").read_text())


def load_rows() -> Iterator[tuple[object, ...]]:
    """A counter of the load; in the hole it stands still."""
    rows, dial = load(), 0
    yield ("time", "meter", "energy_import")
    yield (iso(rows[0][0]), "m", dial)
    for start_ms, wh in rows:
        dial += wh
        yield (iso(start_ms + FIVE_MS), "m", dial)


def test_the_load_gives_the_references_peaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bills = "".join(
        f"  - {{name: b{window}-{step}, type: demand, sources: [{{meter: m}}],"
        f" demand: {{window: {window}m, step: {step}m}}}}\n"
        for window, step in NOTED
    )
    config = (
        f"site: {{name: hq, timezone: {CASES['tz']}}}\n"
        "meters:\n  - {name: m, points: {energy_import: {unit: Wh, resolution: 1}}}\n"
        f"bills:\n{bills}"
    )
    found = replayed(tmp_path, capsys, config, load_rows())
    peaks = {}
    for bill, (spans, kw) in zip(found["bills"], NOTED.items(), strict=True):
        (period,) = bill["periods"]
        peaks[spans] = (period["peak"], period["peak_start"], period["peak_end"])
        assert round(Decimal(period["peak"]), 1) == Decimal(kw), spans
        assert Decimal(period["energy_kwh"]) * 1000 == CASES["total_wh_present"]
    for peak in CASES["peaks"]:
        kw, start, end = peaks[peak["window_min"], peak["step_min"]]
        assert (Decimal(kw), start, end) == (
            Decimal(peak["kw"]), peak["start_utc"], peak["end_utc"],
        )  # fmt: skip


def test_a_demand_in_kva_is_found_window_by_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = json.loads((REFERENCE / "power_factor.json").read_text())
    config = (
        "site: {name: hq, timezone: UTC}\nmeters:\n  - {name: m, points: {energy_import: "
        "{unit: kWh, resolution: 1}, reactive_energy_import: {unit: kvarh, resolution: 1}}}\n"
        "bills:\n"
        "  - {name: kw, type: demand, sources: [{meter: m}]}\n"
        "  - {name: kva, type: demand, sources: [{meter: m}], demand: {quantity: kva}}\n"
    )
    start_ms, length_ms = parse_iso("2026-01-10T10:00:00Z"), case["interval_min"] * 60_000
    rows: list[Sequence[object]] = [("time", "meter", "energy_import", "reactive_energy_import")]
    kwh = kvarh = 0
    for n, quarter in enumerate([{"kwh": 0, "kvarh": 0}, *case["intervals"]]):
        kwh, kvarh = kwh + round(quarter["kwh"]), kvarh + round(quarter["kvarh"])
        rows.append((iso(start_ms + n * length_ms), "m", kwh, kvarh))
    found = replayed(tmp_path, capsys, config, rows)
    for bill in found["bills"]:
        (period,) = bill["periods"]
        name = bill["name"]
        assert bill["unit"].lower() == name
        assert float(period["used"]) == pytest.approx(case[f"peak_{name}"], abs=1e-6)
        begun_ms = start_ms + case[f"peak_{name}_interval"] * length_ms
        assert period["peak_start"] == iso(begun_ms)
        assert period["peak_end"] == iso(begun_ms + length_ms)


SPLITS = json.loads((REFERENCE / "calendar_and_money.json").read_text())["gap_splits"]


@pytest.mark.parametrize("case", SPLITS, ids=[case["note"] for case in SPLITS])
def test_energy_across_the_ends_of_intervals_is_split_by_time(
    case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between two readings; where the edge is the end of a month, so are the two bills."""
    config = (
        "site: {name: hq, timezone: UTC}\n"
        "meters:\n  - {name: m, points: {energy_import: {unit: J, resolution: 1}}}\n"
        "bills:\n  - {name: b, sources: [{meter: m}]}\n"
    )
    rows = [("time", "meter", "energy_import"), (case["t0"], "m", 0)]
    rows.append((case["t1"], "m", case["counts"]))
    found = replayed(tmp_path, capsys, config, rows)
    (bill,) = found["bills"]
    billed = [Fraction(Decimal(period["energy_kwh"])) * 3_600_000 for period in bill["periods"]]
    assert [round(joules) for joules in billed] == list(_by_month(case))


def _by_month(case: dict[str, Any]) -> Iterator[int]:
    """The expected parts, those within one month added."""
    starts = sorted({case["t0"], *case["boundaries"]})
    for _month, parts in groupby(zip(starts, case["expect"], strict=True), lambda p: p[0][:7]):
        yield sum(part for _start, part in parts)


MONEY = json.loads((REFERENCE / "calendar_and_money.json").read_text())["money"]


def test_a_line_is_rounded_once_half_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bill a line: what was used at its rate, in its currency."""
    lines = [line for line in MONEY if Decimal(line["qty"]) > 0]
    meters, bills = "", ""
    rows: list[Sequence[object]] = [("time", "meter", "energy_import")]
    for n, line in enumerate(lines):
        meters += (
            f"  - {{name: m{n}, cost_per_kwh: '{line['rate']}', points: "
            "{energy_import: {unit: kWh, resolution: '0.1', max_kw: 10000}}}\n"
        )
        bills += f"  - {{name: b{n}, currency: {line['currency']}, sources: [{{meter: m{n}}}]}}\n"
        rows += [
            ("2026-01-10T10:00:00Z", f"m{n}", 0),
            ("2026-01-10T10:05:00Z", f"m{n}", line["qty"]),
        ]
    config = f"site: {{name: hq, timezone: UTC}}\nmeters:\n{meters}bills:\n{bills}"
    found = replayed(tmp_path, capsys, config, sorted(rows, key=lambda row: row[0] != "time"))
    totals = [bill["periods"][0]["cost"]["total"] for bill in found["bills"]]
    assert totals == [line["half_up"] for line in lines]


@pytest.mark.parametrize("day", DAYS, ids=[f"{day['tz']} {day['date']}" for day in DAYS])
def test_a_day_has_its_own_number_of_quarter_hours(
    day: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kilowatt all day is as many kilowatt-hours as the day has hours, and one peak of 1 kW."""
    config = (
        f"site: {{name: hq, timezone: {day['tz']}}}\n"
        "meters:\n  - {name: m, points: {energy_import: {unit: Wh, resolution: 1}}}\n"
        f"bills:\n  - {{name: b, billing_day: {day['date'][-2:]}, sources: [{{meter: m}}]}}\n"
    )
    start_ms, end_ms = parse_iso(day["start_utc"]), parse_iso(day["end_utc"])
    rows: list[Sequence[object]] = [("time", "meter", "energy_import")]
    quarters = range(start_ms, end_ms + 1, 900_000)
    rows += [(iso(at_ms), "m", 250 * n) for n, at_ms in enumerate(quarters)]
    found = replayed(tmp_path, capsys, config, rows)
    (period,) = found["bills"][0]["periods"]
    assert len(quarters) - 1 == day["quarter_hours"]
    assert (period["start"], period["energy_kwh"]) == (day["start_utc"], day["hours"])
    assert (period["peak"], period["peak_start"]) == ("1", day["start_utc"])
