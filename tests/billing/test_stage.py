"""Meters with a tariff beside bills: who is told, what is shown, what is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from tests.billing.tariffs.written import rate, tariff
from tests.running import ENERGY, HOUR, NOON, SITE, House

from meterd.billing.account import ACCOUNT
from meterd.events import Sample, Tick
from meterd.specs import BillSpec, MeterSpec, SiteSpec, SourceSpec
from meterd.tariff import Amount

DAY = 24 * HOUR
COSTS = ("costThisMonth", "costLastMonth", "costThisYear")
TERMS = BillSpec("a", sources=(SourceSpec("a"),), grace_ms=366 * DAY)


def site(*, priced: bool, rate_per_kwh: str | None = None, series: str = "") -> SiteSpec:
    """Meter "a" with a tariff of 0.20 per kWh, or with a rate."""
    cost = None if rate_per_kwh is None else Decimal(rate_per_kwh)
    own = MeterSpec("a", registers=(ENERGY,), tariff="t" if priced else "", cost_per_kwh=cost)
    by = tariff(series=series) if series else tariff(rate("0.20"), fixed=(Amount(Decimal(0)),))
    terms = msgspec.structs.replace(TERMS, tariff=(by,))
    changes: dict[str, Any] = {"meters": (own, *SITE.meters[1:]), "records": ()}
    return msgspec.structs.replace(SITE, **changes, accounts=(terms,) if priced else ())


def shown(house: House) -> tuple[float | None, ...]:
    fields = house.pipeline.meter_view("a").fields
    return tuple(fields[name] for name in COSTS)


def test_a_meters_costs_are_those_of_its_account_and_its_samples_are_nobodys() -> None:
    house = House(site(priced=True))
    assert shown(house) == (None, None, None)
    house.read("a", 0, 0)
    house.read("a", 10, 2)
    samples = [one for one in house.take() if isinstance(one, Sample)]
    assert shown(house) == (0.4, None, 0.4)
    assert {sample.bill for sample in samples} == {"hall"}
    assert (ACCOUNT, "a") in house.states
    house.resume()
    assert shown(house) == (0.4, None, 0.4)
    house.feed(Tick(NOON + 30 * DAY))
    assert shown(house) == (0.0, 0.4, 0.4)


def test_a_change_from_a_rate_to_a_tariff_and_back_keeps_what_was_priced() -> None:
    house = House(site(priced=False, rate_per_kwh="1"))
    house.read("a", 0, 0)
    house.read("a", 10, 1)
    house.pipeline = house.pipeline.reconfigured(site(priced=True), {})
    house.read("a", 20, 3)
    assert shown(house) == (1.4, None, 1.4)
    house.pipeline = house.pipeline.reconfigured(site(priced=False, rate_per_kwh="0.5"), {})
    house.read("a", 30, 4)
    assert shown(house) == (1.9, None, 1.9)


def test_energy_without_a_price_leaves_the_costs_unknown() -> None:
    house = House(site(priced=True, series="gone"))
    house.read("a", 0, 0)
    house.read("a", 10, 2)
    assert shown(house) == (None, None, None)


def test_what_a_counter_could_not_book_is_told_to_bill_and_account() -> None:
    strict = msgspec.structs.replace(ENERGY, on_decrease="strict")
    there = site(priced=True)
    meters = (msgspec.structs.replace(there.meters[0], registers=(strict,)), *there.meters[1:])
    house = House(msgspec.structs.replace(there, meters=meters))
    for minute, kwh in ((0, 50), (5, 51), (10, 3), (15, 5), (20, 6)):
        house.read("a", minute, kwh)
    billing = house.pipeline.billing
    (period,) = billing.accounts["a"].state.bill.periods
    assert period.unbilled == billing.bills["hall"].state.periods[0].unbilled > 0
    assert set(billing.keys()) == {("bill", "hall"), (ACCOUNT, "a")}


def test_a_meter_that_has_left_has_no_account_and_a_site_may_bill_nothing() -> None:
    house = House(site(priced=True))
    house.read("a", 0, 0)
    house.take()
    bare = msgspec.structs.replace(SITE, meters=SITE.meters[1:], records=(), bills=())
    house.pipeline = house.pipeline.reconfigured(bare, house.states)
    assert house.pipeline.billing.accounts == {}
    house.read("b", 5, 0)
    assert house.pipeline.billing.due_ms() > NOON


def test_the_health_of_a_bills_sources() -> None:
    sources = (SourceSpec("a"), SourceSpec("b"), SourceSpec("p", "power", enabled=False))
    hall = BillSpec("hall", sources=(*sources, SourceSpec("later")))
    house = House(msgspec.structs.replace(SITE, bills=(hall,)))
    house.read("a", 0, 500)
    house.read("b", 20, 500)
    assert house.health() == {"a": "stale", "b": "ok", "p": "disabled", "later": "never"}
    for minute in (21, 22, 23):
        house.read("b", minute, 500 + minute * 1000)
    assert house.health()["b"] == "faulted"
