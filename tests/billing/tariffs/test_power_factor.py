"""The rules of power_factor.json, and what happens at 0."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.billing.tariffs.written import KWH, cost, demand_rate, lines, tariff, used

from meterd.billing.tariffs.power_factor import inverse_power_factor, reactive, root, scaled
from meterd.tariff import PowerFactor

CASES = json.loads(
    (Path(__file__).parents[2] / "cases" / "reference" / "power_factor.json").read_text()
)
STRETCHES = [used(str(row["kwh"]), reactive=int(row["kvarh"] * KWH)) for row in CASES["intervals"]]
SCALED, HALF, TANGENT, _KVA = CASES["rules"]
TAN = (1 - Decimal("0.81")).sqrt() / Decimal("0.9")
"""Of the angle whose cosine is 0.9."""


def test_the_mean_power_factor() -> None:
    found = inverse_power_factor(STRETCHES)
    assert found is not None
    assert float(1 / found) == pytest.approx(CASES["average_pf"], abs=1e-9)
    for case in CASES["degenerate"][:1]:
        assert inverse_power_factor([used(str(case["kwh"]))]) is None
    assert inverse_power_factor([used("0", reactive=5)]) is None
    assert inverse_power_factor([used("5")]) == 1


def test_demand_is_scaled_where_the_power_factor_is_low() -> None:
    rule = PowerFactor("scale_demand", Decimal("0.90"))
    spec = tariff(demand=(demand_rate("10"),), power_factor=rule)
    kw = Fraction(CASES["peak_kw"]) * scaled(spec, STRETCHES)
    assert float(kw) == pytest.approx(SCALED["billing_kw"], abs=1e-6)
    found = lines(cost(spec, *STRETCHES, kws=["600"]))
    assert found == [("demand", "611.120901341", "10", "6111.21")]
    assert scaled(spec, [used("5", reactive=KWH)]) == 1
    assert scaled(spec, [used("0", reactive=KWH)]) == 1
    assert scaled(tariff(), STRETCHES) == 1


def test_demand_in_kva_is_not_scaled_again() -> None:
    rule = PowerFactor("scale_demand", Decimal("0.90"))
    spec = tariff(demand=(demand_rate("10", quantity="kva"),), power_factor=rule)
    assert lines(cost(spec, *STRETCHES, kws=["817.811714"]))[0][1] == "817.811714"


@pytest.mark.parametrize(
    ("ratio", "excess"),
    [(Decimal("0.5"), HALF["excess_kvarh"]), (TAN, TANGENT["excess_kvarh"])],
)
def test_reactive_energy_in_excess(ratio: Decimal, excess: float) -> None:
    rule = PowerFactor("excess_reactive", rate=Decimal("0.02"), ratio=ratio)
    (charge,) = reactive(tariff(power_factor=rule), STRETCHES)
    assert float(charge.quantity) == pytest.approx(excess, abs=1e-6)
    (nothing,) = reactive(tariff(power_factor=rule), [used("5", reactive=KWH)])
    assert nothing.amount == nothing.quantity == Fraction(0)
    assert reactive(tariff(), STRETCHES) == []
    assert reactive(tariff(power_factor=PowerFactor("scale_demand")), STRETCHES) == []


def test_a_root() -> None:
    assert root(Fraction(9, 4)) == Fraction(3, 2)
    assert float(root(Fraction(2))) == pytest.approx(2**0.5, abs=1e-14)
