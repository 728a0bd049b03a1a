"""What may become a source, and what it reads now."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd.shapes.candidates import candidates, kinds, of_site
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec
from meterd.views import MeterView

KWH = 3_600_000
ALL = MeterSpec(
    "m",
    units={"active_power": "W", "active_power_l1": "W", "voltage": "V", "current": "A"},
    registers=(RegisterSpec("energy_import"),),
)


def view(**quantities: float) -> MeterView:
    return MeterView(
        "m", True, 0, "good", {}, quantities, {"energy_import": 12_100 * KWH // 1000}, {}
    )


def test_the_strongest_comes_first() -> None:
    rows = list(candidates(ALL, view(active_power=0.053, voltage=230, current=2, power_factor=0.9)))
    assert [(row["kind"], row["phase"], row["method"], row["reading"]) for row in rows] == [
        ("energy", None, "measured", "12.1kWh total"),
        ("power", None, "integrated", "53W now"),
        ("power", "l1", "integrated", "no reading now"),
        ("volt_ampere", None, "estimated", "414W now"),
    ]
    assert [row["current"] for row in rows[:3]] == [
        {"value": 12.1, "unit": "kWh"}, {"value": 0.053, "unit": "kW"}, None,
    ]  # fmt: skip
    assert (rows[0]["time"], rows[0]["availability"]) == ("1970-01-01T00:00:00Z", "online")


def test_before_the_first_reading_nothing_is_known() -> None:
    rows = list(candidates(ALL, None))
    assert {(row["reading"], row["time"], row["availability"]) for row in rows} == {
        ("no reading now", None, "offline")
    }
    assert (
        next(candidates(ALL, MeterView("m", False, None, "good", {}, {}, {}, {})))["time"] is None
    )


@pytest.mark.parametrize(
    ("quantities", "words"),
    [
        ({"active_power": 4.8}, "4.8kW now"),
        ({"active_power": -0.0535}, "-53.5W now"),
        ({"active_power": 1}, "1kW now"),
    ],
)
def test_watts_become_kilowatts(quantities: dict[str, Any], words: str) -> None:
    assert list(candidates(ALL, view(**quantities)))[1]["reading"] == words


def test_volts_and_amperes_of_three_phases_are_one_or_three_sources() -> None:
    units = {f"{q}_l{n}": u for q, u in (("voltage", "V"), ("current", "A")) for n in (1, 2)}
    assert list(kinds(MeterSpec("m", units=units))) == [
        ("volt_ampere", ""), ("volt_ampere", "l1"), ("volt_ampere", "l2"),
    ]  # fmt: skip
    assert list(kinds(MeterSpec("m", units={"voltage": "V"}))) == []


def test_a_meter_that_is_not_read_is_no_candidate() -> None:
    assert list(candidates(msgspec.structs.replace(ALL, status="decommissioned"), None)) == []


def test_the_site_tells_which_bills_have_it_already() -> None:
    bills = (
        BillSpec("t", sources=(SourceSpec("m"), SourceSpec("m", "power", "l1"))),
        BillSpec("u", sources=(SourceSpec("m", enabled=False),)),
    )
    site = SiteSpec(
        "hq", "UTC", meters=(ALL, MeterSpec("x", units={"active_power": "W"})), bills=bills
    )
    assert [(row["meter"], row["bills"]) for row in of_site(site, {})] == [
        ("m", ["t", "u"]), ("m", []), ("m", ["t"]), ("m", []), ("x", []),
    ]  # fmt: skip
    assert [row["meter"] for row in of_site(site, {}, "x")] == ["x"]
