"""The worked tariffs of `cases/reference`, each a year of hourly energies through `replay`.

The expected money is unrounded; ours rounds every printed line, so that a total may differ
by half a cent for each of its lines, and no more.
"""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meterd.__main__ import main

FOLDER = Path(__file__).parent / "cases" / "reference" / "tariffs"
CASES = sorted(FOLDER.glob("*.json"))
HALF_CENT = Decimal("0.005")


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The counter that the hourly energies are the differences of."""
    path = tmp_path_factory.mktemp("load") / "readings.csv"
    total = Decimal(0)
    lines = ["time,meter,energy_import"]
    with gzip.open(FOLDER / "load_hourly.csv.gz", "rt") as file:
        next(file)
        for row in file:
            _local, start, kwh, _kw = row.split(",")
            lines.append(f"{start},main,{total}")
            total += Decimal(kwh)
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
