"""A period's price: the pricers in their order, versions side by side."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.site import rate as of_source
from tests.billing.site import spec
from tests.billing.tariffs.written import (
    KWH,
    cost,
    demand_rate,
    hours,
    lines,
    metered,
    part,
    rate,
    tariff,
    usage,
    used,
)

from meterd.billing.pricing import Usage
from meterd.billing.sources import key_of
from meterd.billing.tariffs.price import marginal_rates, past_of, price
from meterd.config.compile_tariff import compiled
from meterd.config.tariffs import TariffConfig
from meterd.specs import BillSpec, DemandSpec, SourceSpec
from meterd.tariff import NOTHING, Amount, Export, PowerFactor, Tax

TWO = hours({"hours": "8-20"}, None)


def test_the_lines_stand_in_the_order_that_is_explained() -> None:
    spec = tariff(
        rate("0.30"),
        fixed=(Amount(Decimal(5)),),
        export=Export(Decimal("0.08")),
        fuel=(Decimal("0.01"),) * 12,
        demand=(demand_rate("2"),),
        power_factor=PowerFactor("excess_reactive", rate=Decimal(1), ratio=Decimal(0)),
        minimum=(Amount(Decimal(100)),),
        taxes=(Tax("levy", per_kwh=Decimal("0.02")), Tax("VAT", percent=Decimal(10))),
    )
    found = cost(
        spec, used("10", export_j=KWH, reactive=KWH), kws=["7"], adjustments=(("d", {"1": KWH}),)
    )
    assert found is not None
    assert [(line.name, line.amount) for line in found.lines] == [
        ("fixed", "5.00"),
        ("energy", "3.00"),
        ("export", "-0.08"),
        ("fuel adjustment", "0.10"),
        ("demand", "14.00"),
        ("reactive energy", "1.00"),
        ("minimum", "76.98"),
        ("adjustment d", "1.00"),
        ("levy", "0.20"),
        ("VAT", "10.12"),
    ]
    assert found.total == "111.32"
    assert sum(Decimal(line.amount) for line in found.lines) == Decimal(found.total)


def test_each_version_prices_its_own_part() -> None:
    old = tariff(rate("0.30"), fixed=(Amount(Decimal(31)),), taxes=(Tax("VAT", Decimal(10)),))
    new = tariff(rate("1000 0.40", "0.50"), fixed=(Amount(Decimal(62)),))
    first = part(used("10"), days=10, share=Fraction(10, 31))
    then = part(used("1000"), days=21, share=Fraction(21, 31), version=1)
    found = price(BillSpec("t", tariff=(old, new)), usage(metered(first, then)))
    assert lines(found) == [
        ("fixed (10/31)", "1", "31", "10.00"),
        ("energy", "10", "0.3", "3.00"),
        ("VAT", "13", "0.1", "1.30"),
        ("fixed (21/31)", "1", "62", "42.00"),
        ("energy", "677.419354839", "0.4", "270.97"),
        ("energy", "322.580645161", "0.5", "161.29"),
    ]


def test_a_part_without_a_version_or_a_price_leaves_no_cost() -> None:
    terms = BillSpec("t", tariff=(tariff(rate("0.30")),))
    none = part(version=NOTHING)
    assert price(terms, usage(metered(none, part()))) is None
    assert past_of(terms, usage(metered(none, part()))).charged == "0"
    unknown = usage(metered(part(used("1", NOTHING))))
    assert price(terms, unknown) is None
    assert marginal_rates(terms, usage(metered(none, part(used("1"))))) == {(0, 0): "0.3"}


def test_without_a_tariff_or_a_price_of_energy_the_sources_rates_hold() -> None:
    source = SourceSpec("m", **of_source("0.25"))
    energy = {key_of(source): 4 * KWH}
    plain = price(spec(source), Usage(0, 1, energy))
    assert lines(plain) == [("energy", "4", "0.25", "1.00")]
    network = tariff(fixed=(Amount(Decimal(7)),), taxes=(Tax("VAT", Decimal(10)),))
    found = price(spec(source, tariff=(network,)), usage(metered(part(used("4"))), energy_j=energy))
    assert lines(found) == [
        ("energy", "4", "0.25", "1.00"),
        ("fixed", "1", "7", "7.00"),
        ("VAT", "8", "0.1", "0.80"),
    ]


def test_what_later_periods_need_to_know() -> None:
    rule = PowerFactor("scale_demand", Decimal("0.90"))
    one = tariff(rate("0.30"), demand=(demand_rate("2"),), power_factor=rule,
                 minimum=(Amount(Decimal(99)),))  # fmt: skip
    terms = BillSpec("t", tariff=(one,))
    seen = usage(metered(part(used("3", reactive=4 * KWH), kws=["10"])))
    known = past_of(terms, seen)
    assert known.peaks_kw == {"demand": "15"}
    assert known.charged == "30.90"


def test_one_more_kwh_costs_what_the_last_tier_does() -> None:
    spec = tariff(rate("10 0.30", "0.20"), rate("10 0.10", "0.05"), schedule=TWO)
    terms = BillSpec("t", tariff=(spec,))
    assert marginal_rates(terms, usage(metered(part(used("50"))))) == {
        (0, 0): "0.2",
        (0, 1): "0.1",
    }
    spot = BillSpec("t", tariff=(tariff(series="spot"),))
    assert marginal_rates(spot, usage(metered(part(used("50"))))) == {}


def test_tiers_per_kw_go_by_the_bills_own_peak_where_no_rate_measures_one() -> None:
    spec = tariff(rate("10 0.30", "0.20", unit="kWh/kW"))
    assert lines(cost(spec, used("100"), kw=Fraction(5)))[0][1] == "50"
    assert lines(cost(spec, used("100")))[0][1] == "0"


URDB_UNITS = {
    "kWh": ("100", "900"),
    "kWh daily": ("310", "690"),
    "kWh/kW": ("200", "800"),
    "kWh/kW daily": ("620", "380"),
}


@pytest.mark.parametrize("unit", URDB_UNITS)
def test_the_four_units_of_a_record(unit: str) -> None:
    end = "100" if unit == "kWh" else "10" if unit == "kWh daily" else "50"
    end = "5" if unit == "kWh/kW daily" else end
    everywhere = [[0] * 24] * 12
    record = {
        "energyratestructure": [[{"rate": 0.2, "max": float(end), "unit": unit}, {"rate": 0.1}]],
        "energyweekdayschedule": everywhere,
        "energyweekendschedule": everywhere,
    }
    spec = compiled(TariffConfig(urdb=json.dumps(record)), "t", "USD", DemandSpec())
    found = cost(spec, used("1000"), kw=Fraction(4))
    assert tuple(line[1] for line in lines(found)) == URDB_UNITS[unit]


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 1)), max_size=8),
    st.sampled_from(["half_up", "half_even", "half_down", "up", "down"]),
)
def test_lines_sum_to_the_total(found: list[tuple[int, int]], rounding: str) -> None:
    spec = tariff(
        rate("100 0.2871", "0.12345"),
        rate("0.0719"),
        schedule=TWO,
        rounding=rounding,
        minimum=(Amount(Decimal("20.005")),),
        taxes=(Tax("VAT", percent=Decimal("7.77")),),
    )
    told = cost(spec, *(used("0", zone, start_ms=n) for n, (_j, zone) in enumerate(found)))
    assert told is not None
    assert sum(Decimal(line.amount) for line in told.lines) == Decimal(told.total)
