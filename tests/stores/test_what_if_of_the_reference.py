"""`rebill --tariff`: a year billed flat, as the worked tariffs of the reference price it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.test_tariff_cases import CASES, HALF_CENT, configured, load, readings

from meterd.__main__ import main

pytestmark = pytest.mark.long
__all__ = ["load", "readings"]  # fixtures
MONTHS = (1, 6, 12)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_flat_year_on_another_tariff(
    path: Path, readings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = json.loads(path.read_text())
    file = configured(tmp_path, case["tariff"])
    config = json.loads(file.read_text())
    config["bills"][0].pop("tariff")
    config["site"]["cost_per_kwh"] = "0.10"
    file.write_text(json.dumps(config))
    store = ("--store", f"sqlite://{tmp_path}/meterd.db")
    words = ["replay", "-c", str(file), *store, "--readings", str(readings)]
    assert main([*words, "--until", "2019-01-01T08:00:00Z"]) == 0
    for month in MONTHS:
        capsys.readouterr()
        when = ("--period", f"2018-{month:02}")
        words = ["rebill", "-c", str(file), *store, "--json", "tenant", "--tariff", "utility"]
        assert main([*words, *when]) == 0
        cost = json.loads(capsys.readouterr().out)["what_if"]
        exact = Decimal(str(case["expected"]["months"][month - 1]["total"]))
        assert abs(Decimal(cost["total"]) - exact) <= HALF_CENT * len(cost["lines"])
