"""Demand: the peak counts."""

from fractions import Fraction

from tests.billing.site import spec

from meterd.billing.types import demand
from meterd.metering.demand import Peak
from meterd.specs import DemandSpec


def test_the_peak_is_used_in_kilowatts_whatever_the_energy() -> None:
    assert demand.unit(spec()) == "kW"
    assert demand.used(10**9, Peak(0, 900_000, 3_600_000)) == 4
    assert demand.used(10**9, None) is None


def test_a_window_in_kva_makes_a_bill_in_kva() -> None:
    assert demand.unit(spec(demand=DemandSpec(quantity="kva"))) == "kVA"
    assert demand.used(0, Peak(0, 1000, 3000, 4000)) == 5


def test_the_projection_is_the_peak_so_far() -> None:
    assert demand.projected(Fraction(7), Fraction(1, 4)) == 7
