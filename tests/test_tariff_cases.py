"""The worked tariffs of `cases/reference`, each a year of hourly energies through `replay`.

The expected money is unrounded; ours rounds every printed line, so that a total may differ
by half a cent for each of its lines, and no more.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meterd.__main__ import main
from meterd.billing.figures import usage
from meterd.billing.period import Period, PeriodState
from meterd.billing.tariffs.metered import PartUse, Past
from meterd.billing.tariffs.price import account_of, charges_of, past_of
from meterd.config.compile import site_spec
from meterd.config.load import load as load_config
from meterd.events import Interval
from meterd.metering.calendar import Calendar, iso, parse_iso
from meterd.specs import SiteSpec
from meterd.units import JOULES_PER_KWH

pytestmark = pytest.mark.long
REFERENCE = Path(__file__).parent / "cases" / "reference"
FOLDER = REFERENCE / "tariffs"
CASES = sorted(FOLDER.glob("*.json"))
KEY = ("main", "energy_import", "measured", "")
HOUR_MS = 3_600_000
HALF_CENT = Decimal("0.005")


@pytest.fixture(scope="module")
def load() -> list[tuple[str, Decimal]]:
    """(start, kWh) of every hour."""
    with gzip.open(FOLDER / "load_hourly.csv.gz", "rt") as file:
        rows = [row.split(",") for row in file][1:]
    return [(start, Decimal(kwh)) for _local, start, kwh, _kw in rows]


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory, load: list[tuple[str, Decimal]]) -> Path:
    """The counter that the hourly energies are the differences of."""
    path = tmp_path_factory.mktemp("load") / "readings.csv"
    total = Decimal(0)
    lines = ["time,meter,energy_import"]
    for start, kwh in load:
        lines.append(f"{start},main,{total}")
        total += kwh
    lines.append(f"2019-01-01T07:00:00Z,main,{total}")
    path.write_text("\n".join(lines) + "\n")
    return path


def configured(folder: Path, case: dict[str, Any]) -> Path:
    (folder / "utility.json").write_text(json.dumps({"items": [case["urdb"]]}))
    options = case["options"]
    minutes = options["demand_interval_min"]
    keys: dict[str, Any] = {
        "urdb": "utility.json",
        "tier_allocation": options["tier_allocation"],
        "demand": {"window": f"{minutes}m"},
    }
    if "ratchet" in options:
        ratchet = options["ratchet"]
        keys["ratchet"] = {
            "percent_by_month": ratchet["lookback_percent"],
            "months": ratchet["lookback_months"],
            "minimum_kw": ratchet["minimum_kw"],
            "prior_peaks_kw": ratchet["yearzero_peaks_kw"],
        }
    bill = {"name": "tenant", "tariff": "utility", "sources": [{"meter": "main"}]}
    point = {"unit": "kWh", "resolution": "0.01", "max_kw": 1000}
    config = {
        "site": {"name": "hq", "timezone": case["timezone"], "currency": case["currency"]},
        "sampling": "1h",
        "meters": [{"name": "main", "points": {"energy_import": point}}],
        "bills": [bill],
        "tariffs": {"utility": keys},
    }
    path = folder / "meterd.yaml"
    path.write_text(json.dumps(config))
    return path


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_year(
    path: Path, readings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = json.loads(path.read_text())
    config = configured(tmp_path, case["tariff"])
    words = ["replay", "-c", str(config), "--readings", str(readings), "--json"]
    assert main([*words, "--until", "2019-01-01T08:00:00Z"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["audit"]["ok"]
    (bill,) = result["bills"]
    months = case["expected"]["months"]
    assert len(bill["periods"]) == len(months) + 1
    for expected, period in zip(months, bill["periods"], strict=False):
        cost = period["cost"]
        lines = cost["lines"]
        assert period["status"] == "closed"
        assert float(period["energy_kwh"]) == pytest.approx(expected["kwh"], abs=1e-6)
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(cost["total"])
        exact = Decimal(str(expected["total"]))
        assert abs(Decimal(cost["total"]) - exact) <= HALF_CENT * len(lines)
        demands = [line for line in lines if line["name"].startswith("demand")]
        for line in demands:
            assert float(line["quantity"]) == pytest.approx(expected["billing_demand_kw"])
            charged = expected["charge_demand_flat"]
            assert float(line["amount"]) == pytest.approx(charged, abs=0.005)
        assert bool(demands) == bool(expected["charge_demand_flat"])


def compiled(folder: Path, case: dict[str, Any]) -> SiteSpec:
    loaded = load_config(configured(folder, case), {"STATE_DIRECTORY": str(folder)})
    assert loaded.config is not None
    return site_spec(loaded.config)


def zones(part: PartUse) -> dict[str, float]:
    """Zone -> kWh."""
    found: dict[str, float] = {}
    for stretch in part.stretches:
        zone = str(stretch.zone)
        found[zone] = found.get(zone, 0) + stretch.import_j / JOULES_PER_KWH
    return found


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_year_without_rounding(
    path: Path, load: list[tuple[str, Decimal]], tmp_path: Path
) -> None:
    case = json.loads(path.read_text())
    site = compiled(tmp_path, case["tariff"])
    (terms,) = site.bills
    calendar, past = Calendar(site.timezone), list[Past]()
    for expected in case["expected"]["months"]:
        start_ms = calendar.day_start(date(2018, expected["month"], 1))
        period = Period(PeriodState(*calendar.month(start_ms), 1), terms, calendar)
        period.past = tuple(past)
        for start, kwh in load:
            at_ms = parse_iso(start)
            if period.holds(at_ms):
                row = Interval(*KEY, at_ms, at_ms + HOUR_MS, int(kwh * JOULES_PER_KWH))
                period.book(KEY, row)
        metered = period.metered()
        assert metered is not None
        (part,) = metered.parts
        charges = charges_of(account_of(terms, part, metered))
        assert charges is not None
        total = float(sum(charge.amount for charge in charges))
        assert total == pytest.approx(expected["total"], abs=1e-6)
        by_tier = expected["kwh_by_period_tier"]
        assert zones(part) == pytest.approx({zone: sum(by_tier[zone].values()) for zone in by_tier})
        past.append(past_of(terms, usage(period, calendar)))


def test_the_peaks_of_the_reference_are_those_of_demand_rates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = json.loads((REFERENCE / "demand" / "demand_cases.json").read_text())
    total, lines = Decimal(0), ["time,meter,energy_import"]
    with (REFERENCE / "demand" / "load_5min.csv").open() as file:
        for row in list(file)[1:]:
            start, wh = row.strip().split(",")
            if not wh:
                continue
            end = iso(parse_iso(start) + 300_000)
            lines += [f"{start},main,{total}", f"{end},main,{total + Decimal(wh) / 1000}"]
            total += Decimal(wh) / 1000
    (tmp_path / "readings.csv").write_text("\n".join(dict.fromkeys(lines)) + "\n")
    rates = [
        {"rate": 1, "window": f"{case['window_min']}m", "step": f"{case['step_min']}m"}
        for case in cases["peaks"]
    ]
    config = {
        "site": {"name": "hq", "timezone": cases["tz"], "currency": "EUR"},
        "meters": [{"name": "main", "points": {"energy_import": {"resolution": "0.001"}}}],
        "bills": [{"name": "tenant", "tariff": "t", "sources": [{"meter": "main"}]}],
        "tariffs": {"t": {"demand": rates}},
    }
    (tmp_path / "meterd.yaml").write_text(json.dumps(config))
    words = ["replay", "-c", str(tmp_path / "meterd.yaml"), "--json", "--readings"]
    assert main([*words, str(tmp_path / "readings.csv")]) == 0
    (bill,) = json.loads(capsys.readouterr().out)["bills"]
    found = [line["quantity"] for line in bill["periods"][0]["cost"]["lines"]]
    assert found == [case["kw"] for case in cases["peaks"]]
