"""`rebill`: what another price would have made of a period, and that nothing comes of asking."""

from __future__ import annotations

import pytest
from tests.cli.shell import Shell


def test_a_closed_period_at_another_rate(told: Shell) -> None:
    before = (told.store.read_bytes(), told.rows("bills"))
    found = told.rows("rebill", "tenant", "--rate", "0.50")
    assert (found["bill"], found["start"], found["status"]) == (
        "tenant", "2026-01-01T00:00:00Z", "closed",
    )  # fmt: skip
    assert found["terms"] == {"rate": "0.50"}
    assert (found["billed"]["total"], found["what_if"]["total"]) == ("1.20", "2.00")
    assert found["difference"] == "+0.80"
    assert found["what_if"]["lines"] == [
        {"name": "energy", "quantity": "4", "unit": "kWh", "rate": "0.5", "amount": "2.00"}
    ]
    assert (told.store.read_bytes(), told.rows("bills")) == before
    assert told.rows("audit")["ok"]


def test_it_is_printed_side_by_side(told: Shell) -> None:
    said = told.on("rebill", "tenant", "--rate", "0.1").out.splitlines()
    assert said[0] == "tenant  2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z  closed"
    assert said[1].split() == ["line", "billed", "what_if", "difference"]
    assert "4 kWh x 0.3 = 1.20  4 kWh x 0.1 = 0.40" in said[2]
    assert said[3].split() == ["total", "1.20", "EUR", "0.40", "EUR", "-0.80"]


def test_the_open_period_so_far_keeps_its_adjustments(told: Shell) -> None:
    """What is adjusted is priced by the terms of the period that it belongs to."""
    found = told.rows("rebill", "tenant", "--period", "2026-02", "--rate", "0")
    (bill, *_) = told.rows("bills")
    assert found["status"] == "open"
    assert found["billed"] == bill["periods"][-1]["cost"]
    energy, adjusted = found["what_if"]["lines"]
    assert (energy["amount"], adjusted) == ("0.00", found["billed"]["lines"][1])
    assert told.rows("rebill", "tenant", "--period", "2026-02-01", "--rate", "0") == found


def test_a_bill_without_a_price_has_nothing_to_compare(told: Shell) -> None:
    told.config["site"].pop("cost_per_kwh")
    told.store.unlink()
    told.replay("2026-01-31T23:40:00Z,main,990", "2026-01-31T23:50:00Z,main,994")
    found = told.rows("rebill", "tenant", "--rate", "0.50")
    assert (found["status"], found["billed"], found["difference"]) == ("open", None, None)
    assert found["what_if"]["total"] == "2.00"
    assert "total   -" in told.on("rebill", "tenant", "--rate", "0.50").out


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("tenat", "--rate", "1"), "no bill 'tenat'; did you mean 'tenant'?", 2),
        (("tenant", "--rate", "cheap"), "--rate is a price per kWh such as 0.30, not 'cheap'", 2),
        (("tenant", "--rate", "inf"), "not 'inf'", 2),
        (("tenant", "--tariff", "x"), "no tariff 'x'", 2),
        (("tenant", "--rate", "1", "--period", "2025"), "no period that began in 2025", 1),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], said: str, code: int, told: Shell) -> None:
    assert said in told.on("rebill", *words, code=code).err


def test_a_bill_that_never_had_a_sample_has_no_period(told: Shell) -> None:
    told.config["bills"].append({"name": "new", "sources": []})
    told.write()
    assert "new has no period" in told.on("rebill", "new", "--rate", "1", code=1).err
