"""`rebill --tariff` and `audit` of bills with tariffs, on a store that a recording filled."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.cli.shell import Shell

HEADER = "time,meter,energy_import,energy_export,reactive_energy_import"
KWH = {"unit": "kWh", "resolution": "0.001", "max_kw": 50}
KVARH = {"unit": "kvarh", "resolution": "0.001", "max_per_hour": 50}
POINTS = {"energy_import": KWH, "energy_export": KWH, "reactive_energy_import": KVARH}
DAY = {"name": "day", "rate": "0.40", "when": {"hours": "8-20"}}
TARIFFS: dict[str, Any] = {
    "flat": {"energy": [{"name": "energy", "rate": "0.25"}]},
    "office": {
        "fixed": {"per_month": "10"},
        "energy": [DAY, {"name": "night", "rate": "0.10"}],
        "demand": [{"name": "peak", "rate": "2", "ratchet": {"percent": 50, "months": 2}}],
    },
    "solar": {
        "energy": [{"name": "energy", "rate": "0.30"}],
        "export": {"rate": "0.08", "net": "hour"},
        "power_factor": {"rule": "excess_reactive", "below": "0.95", "rate": "0.01"},
    },
    "spot": {"price_series": "prices.csv"},
}
PRICES = (
    "time,rate\n2025-01-01T00:00:00Z,0.50\n2026-02-01T12:00:00Z,-0.10\n2027-01-01T00:00:00Z,0\n"
)


def rows(first: str, steps: int, kw: float, dial: float = 0) -> list[str]:
    """A quarter of an hour each: `kw` in, half of it out, a third of it reactive."""
    found = []
    for step in range(steps):
        at = datetime.fromisoformat(first) + step * timedelta(minutes=15)
        used = dial + kw * step / 4
        values = f"{used:.3f},{used / 2:.3f},{used / 3:.3f}"
        found.append(f"{at:%Y-%m-%dT%H:%M:%SZ},main,{values}")
    return found


@pytest.fixture
def year(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """January: 10 kW from 7 to 9 on one day. February: 2 kW at noon, and it is open."""
    (shell.folder / "prices.csv").write_text(PRICES)
    shell.config["meters"] = [{"name": "main", "connection": "api", "points": POINTS}]
    shell.config["connections"] = {"api": {"protocol": "push"}}
    source = {"meter": "main", "kind": "energy"}
    shell.config["tariffs"] = TARIFFS
    shell.config["bills"] = [
        {"name": name, "sources": [source], "grace": "1h"} for name in ("plain", *TARIFFS)
    ]
    for bill in shell.config["bills"][1:]:
        bill["tariff"] = bill["name"]
    readings = (
        *rows("2026-01-10T07:00:00", 9, 10), "2026-01-31T23:59:00Z,main,20,10,6.667",
        *rows("2026-02-01T12:00:00", 9, 2, 20),
    )  # fmt: skip
    shell.keep(
        tmp_path_factory.getbasetemp() / "year.db",
        lambda: shell.replay(*readings, until="2026-02-01T18:00:00Z", header=HEADER),
    )
    return shell


def amounts(cost: Any) -> dict[str, str]:
    return {line["name"]: line["amount"] for line in cost["lines"]}


@pytest.mark.parametrize("bill", ["plain", *TARIFFS])
@pytest.mark.parametrize("other", TARIFFS)
@pytest.mark.parametrize("period", ["2026-01", "2026-02"])
def test_from_any_terms_to_a_tariff_is_what_the_bill_on_it_says(
    bill: str, other: str, period: str, year: Shell
) -> None:
    """Also where nobody kept the exported and reactive energy for the bill."""
    found = year.rows("rebill", bill, "--tariff", other, "--period", period)
    (there,) = (row for row in year.rows("bills") if row["name"] == other)
    (same,) = (row for row in there["periods"] if row["start"].startswith(period))
    assert found["what_if"] == same["cost"]
    assert found["status"] == ("closed" if period == "2026-01" else "open")


def test_the_figures_are_those_worked_out_by_hand(year: Shell) -> None:
    found = year.rows("rebill", "plain", "--tariff", "office")
    assert amounts(found["what_if"]) == {
        "fixed": "10.00", "day": "4.00", "night": "1.00", "peak": "20.00",
    }  # fmt: skip
    assert found["billed"]["total"] == "6.00"
    assert found["difference"] == "+29.00"
    solar = year.rows("rebill", "office", "--tariff", "solar")
    assert amounts(solar["what_if"])["energy"] == "3.00"
    february = year.rows("rebill", "plain", "--tariff", "office", "--period", "2026-02")
    assert amounts(february["what_if"])["peak"] == "10.00"  # half of January's
    spot = year.rows("rebill", "plain", "--tariff", "spot", "--period", "2026-02")
    assert spot["what_if"]["total"] == "-0.40"


def test_a_rate_takes_the_place_of_a_tariff(year: Shell) -> None:
    found = year.rows("rebill", "office", "--rate", "0.50")
    assert amounts(found["what_if"]) == {"energy": "10.00"}


def test_bills_with_tariffs_are_audited(year: Shell) -> None:
    assert year.rows("audit")["periods"] == {"checked": 5, "broken": 0}
    (year.folder / "prices.csv").write_text("time,rate\n2030-01-01T00:00:00Z,1\n")
    assert year.rows("audit")["ok"]


FORGERIES = {
    "what was exported": (
        """UPDATE intervals SET amount = 0 WHERE series IN
        (SELECT id FROM series WHERE quantity = 'energy_export')""",
        {("solar", "cost"), ("solar", "metered part 0 stretch 0")},
    ),
    "the price of an hour": (
        """UPDATE periods SET body = CAST(replace(body, '"0.50"', '"0.40"') AS BLOB)""",
        {("spot", "cost"), ("spot", "sha256")},
    ),
    "the amount of a line": (
        """UPDATE periods SET body = CAST(replace(body, '"20.00"', '"2.00"') AS BLOB)""",
        {("office", "cost"), ("office", "sha256")},
    ),
    "a body that cannot be computed with": (
        """UPDATE periods SET body = CAST(replace(body, '"share":"1"', '"share":"1/0"') AS BLOB)""",
        {("office", "body"), ("solar", "body")},
    ),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_what_was_forged_is_named(what: str, year: Shell) -> None:
    sql, named = FORGERIES[what]
    with closing(sqlite3.connect(year.store)) as store, store:
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in store.execute(guards).fetchall():
            store.execute(f"DROP TRIGGER {name}")
        assert store.execute(sql).rowcount
    found = year.on("audit", "--json", code=1).json["differences"]
    assert {(row["bill"], row["figure"]) for row in found} >= named, found


def test_the_total_is_the_sum_of_the_lines(year: Shell) -> None:
    for bill in year.rows("bills"):
        for period in bill["periods"]:
            lines = (Decimal(line["amount"]) for line in period["cost"]["lines"])
            assert Decimal(period["cost"]["total"]) == sum(lines)
