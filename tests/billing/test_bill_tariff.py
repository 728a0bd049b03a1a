"""A bill with a tariff, from period to period: what it remembers, closes and carries."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from tests.billing.site import (
    BERLIN,
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    MARCH,
    at,
    event,
    feed,
    only,
    rate,
    shown,
    span,
    spec,
    used,
)
from tests.billing.tariffs.written import demand_rate, hours, tariff
from tests.billing.tariffs.written import rate as energy_rate

from meterd.billing.bill import UNPRICED, Bill
from meterd.billing.closing import broken
from meterd.billing.pricing import Usage
from meterd.billing.state import decode
from meterd.billing.tariffs.metered import metered_of
from meterd.billing.tariffs.price import price
from meterd.billing.world import World
from meterd.events import Adjusted, Event, Output, PeriodClosed
from meterd.specs import BillSpec, SourceSpec
from meterd.tariff import Export, PriceSeries, Ratchet, TariffSpec

QUARTER = 3 * FIVE
TWO = hours({"hours": "8-20"}, None)
OFFICE = tariff(energy_rate("0.30"), energy_rate("4 0.20", "0.10"), schedule=TWO)
RATCHET = Ratchet((Decimal(80),) * 12, 11)
SERIES = PriceSeries((JANUARY, FEBRUARY), (Decimal("0.5"), Decimal("-0.1")), FEBRUARY + HOUR)


def world(**prices: PriceSeries) -> World:
    return World(BERLIN, "2026a", event, lambda at_ms: f"a{at_ms}", prices=prices)


def bill(*versions: TariffSpec, prices: dict[str, PriceSeries] | None = None, **more: Any) -> Bill:
    sources = more.pop("sources", ())
    return Bill(spec(*sources, tariff=versions, **more), world(**(prices or {})))


def body(out: list[Output], place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(only(PeriodClosed, out)[place].body)
    return found


def lines(cost: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["name"], line["quantity"], line["amount"]) for line in cost["lines"]]


def test_a_closed_period_holds_its_tariff_and_all_that_it_priced() -> None:
    running = bill(OFFICE, demand_tariff())
    out = feed(running, [*span(JANUARY, JANUARY + QUARTER, KWH), used(FEBRUARY, KWH)])
    feed(running, [used(FEBRUARY - FIVE, 0)], FEBRUARY + 3 * HOUR)
    running.advance(FEBRUARY + 2 * DAY, out)
    found = body(out)
    terms = msgspec.convert(found["terms"], BillSpec, strict=False)
    assert terms.tariff == running.spec.tariff
    seen = metered_of(found["metered"])
    again = price(terms, Usage(JANUARY, FEBRUARY, {}, None, (), seen))
    assert msgspec.to_builtins(again) == found["figures"]["cost"]
    assert broken(only(PeriodClosed, out)) == []


def demand_tariff() -> TariffSpec:
    """A later version, of another year."""
    return msgspec.structs.replace(OFFICE, valid_from=date(2027, 1, 1))


def test_of_all_holidays_a_closed_period_holds_its_own() -> None:
    days = (date(2025, 12, 25), date(2026, 1, 1), date(2026, 12, 25))
    running = bill(msgspec.structs.replace(OFFICE, holidays=days))
    out = feed(running, [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0)])
    assert body(out)["terms"]["tariff"][0]["holidays"] == ["2026-01-01"]


def test_a_peak_is_remembered_by_the_ratchet_over_periods_and_restarts() -> None:
    flat = tariff(energy_rate("0"), demand=(demand_rate("1", ratchet=RATCHET),))
    running = bill(flat)
    out = feed(running, span(JANUARY, JANUARY + QUARTER, KWH))
    out += feed(running, [used(FEBRUARY - FIVE, 0), *span(FEBRUARY, FEBRUARY + QUARTER, KWH // 10)])
    (january,) = only(PeriodClosed, out)
    assert json.loads(january.body)["figures"]["cost"]["total"] == "12.00"
    running = Bill(running.spec, world(), decode(running.encode()))
    (february,) = shown(running, FEBRUARY + HOUR)
    assert lines(february["cost"]) == [("energy", "0.3", "0.00"), ("demand", "9.6", "9.60")]


def test_an_open_period_looks_back_on_one_that_is_not_closed_yet() -> None:
    flat = tariff(demand=(demand_rate("1", ratchet=RATCHET),))
    running = bill(flat, grace_ms=60 * DAY)
    feed(running, span(JANUARY, JANUARY + QUARTER, KWH))
    running.advance(FEBRUARY + HOUR, [])
    january, february = shown(running, FEBRUARY + HOUR)
    assert (january["status"], january["cost"]["total"]) == ("closing", "12.00")
    assert lines(february["cost"]) == [("demand", "9.6", "9.60")]


def test_what_comes_late_is_priced_at_its_own_time_in_the_last_tier() -> None:
    running = bill(OFFICE)
    noon, night = at("01-02", "12:00"), at("01-02", "02:00")
    out = feed(running, [used(night, 6 * KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)])
    assert len(only(PeriodClosed, out)) == 1
    running = Bill(running.spec, world(), decode(running.encode()))
    late = [used(noon, KWH), used(noon + FIVE, KWH), used(night + HOUR, KWH)]
    out = []
    for row in late:
        running.take(row, FEBRUARY + HOUR, out)
    running = Bill(running.spec, world(), decode(running.encode()))
    running.advance(FEBRUARY + HOUR, out)
    (adjusted,) = only(Adjusted, out)
    assert adjusted.amount == 3 * KWH
    (february,) = shown(running, FEBRUARY + HOUR)
    assert lines(february["cost"])[-2:] == [
        ("adjustment 2026-01-01", "2", "0.60"),
        ("adjustment 2026-01-01", "1", "0.10"),
    ]
    assert running.state.late_rates == {}


def test_what_comes_late_has_the_price_of_its_own_hour() -> None:
    spot = tariff(series="spot")
    running = bill(spot, prices={"spot": SERIES})
    feed(running, [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)])
    feed(running, [used(at("01-05"), KWH)], FEBRUARY + HOUR)
    (february,) = shown(running, FEBRUARY + HOUR)
    assert lines(february["cost"]) == [
        ("energy", "1", "-0.10"),
        ("adjustment 2026-01-01", "1", "0.50"),
    ]
    running = Bill(running.spec, world(), decode(running.encode()))
    feed(running, [used(at("01-05", "01:00"), KWH)], FEBRUARY + HOUR)
    (adjustment,) = shown(running, FEBRUARY + HOUR)[0]["adjustments"]
    assert adjustment["kwh"] == "2"


def test_late_energy_by_the_sources_rates_where_the_tariff_prices_none() -> None:
    network = tariff(demand=(demand_rate("1"),))
    for source, count in ((SourceSpec("m", **rate("0.25")), 1), (SourceSpec("m"), 0)):
        running = bill(network, sources=(source,))
        feed(running, [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)])
        feed(running, [used(at("01-05"), KWH)], FEBRUARY + HOUR)
        (february,) = shown(running, FEBRUARY + HOUR)
        names = [line[0] for line in lines(february["cost"])]
        assert names.count("adjustment 2026-01-01") == count


def test_late_export_is_paid_by_the_closed_periods_own_terms() -> None:
    out_j = {"quantity": "energy_export"}
    paid = tariff(energy_rate("1"), export=Export(Decimal("0.10")))
    source = SourceSpec("m", also=("energy_export",))
    ceiling = Decimal(100)
    running = bill(paid, sources=(source,), max_source_kw=ceiling)
    for row in (used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)):
        feed(running, [row, msgspec.structs.replace(row, quantity="energy_export", amount=0)])
    late = [used(at("01-05"), 4 * KWH, **out_j), used(at("01-06"), 0, **out_j)]
    feed(running, [*late, used(at("01-07"), 99 * KWH, **out_j)], FEBRUARY + HOUR)
    (february,) = shown(running, FEBRUARY + HOUR)
    assert lines(february["cost"])[-1] == ("adjustment 2026-01-01", "-4", "-0.40")
    assert february["adjustments"][0]["kwh"] == "0"
    plain = bill(tariff(energy_rate("1")), sources=(source,))
    feed(
        plain,
        [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)],
        FEBRUARY + 2 * DAY,
    )
    feed(plain, late, FEBRUARY + 3 * DAY)
    assert plain.state.late_rates == {}


def test_exported_energy_above_the_ceiling_is_an_anomaly() -> None:
    paid = tariff(energy_rate("1"), export=Export(Decimal("0.10")))
    source = SourceSpec("m", also=("energy_export",))
    running = bill(paid, sources=(source,), max_source_kw=Decimal(100))
    out = feed(running, [used(JANUARY, KWH), used(JANUARY, 99 * KWH, quantity="energy_export")])
    assert [told.quantity for told in only(Event, out)] == ["energy_export"]


def test_a_period_without_a_price_closes_without_a_cost_and_says_so() -> None:
    running = bill(tariff(series="spot"), prices={"spot": SERIES})
    rows = [used(FEBRUARY, KWH), used(FEBRUARY + DAY, KWH), used(MARCH - FIVE, 0), used(MARCH, 0)]
    out = feed(running, rows)
    (told,) = only(Event, out)
    assert (told.kind, told.numbers["start"]) == (UNPRICED, "2026-01-31T23:00:00Z")
    assert body(out)["figures"]["cost"] is None


def test_a_tariff_that_changes_in_the_configuration_waits_for_the_next_period() -> None:
    exports = tariff(energy_rate("1"), export=Export(Decimal(1)))
    running = bill(exports, sources=(SourceSpec("m", also=("energy_export",)),))
    feed(running, [used(JANUARY, KWH)])
    dear = spec(SourceSpec("m"), tariff=(tariff(energy_rate("9")),))
    running = Bill(dear, world(), decode(running.encode()))
    feed(running, [used(JANUARY, KWH, quantity="energy_export"), used(JANUARY + FIVE, KWH)])
    (january,) = shown(running, JANUARY + HOUR)
    assert january["cost"]["total"] == "1.00"
    assert len(running.wants()) == 2
    feed(running, [used(FEBRUARY, KWH)])
    assert shown(running, FEBRUARY + HOUR)[-1]["cost"]["total"] == "9.00"


def test_only_so_much_is_looked_back_on() -> None:
    running = bill(tariff(demand=(demand_rate("1"),)), grace_ms=0)
    feed(running, [used(JANUARY, KWH)])
    running.advance(JANUARY + 366 * 11 * DAY, [])
    assert len(running.state.past) == 121
    assert len(running.state.closed) == 36
