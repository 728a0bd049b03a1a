"""Energy quota: everything used counts."""

from fractions import Fraction

from tests.billing.site import spec

from meterd.billing.types import energy
from meterd.metering.demand import Peak


def test_energy_is_used_in_kilowatt_hours_whatever_the_peak() -> None:
    assert energy.unit(spec()) == "kWh"
    assert energy.used(5_400_000, None) == energy.used(5_400_000, Peak(0, 1, 9)) == Fraction(3, 2)
    assert energy.used(0, None) == 0


def test_it_goes_on_at_the_same_rate() -> None:
    assert energy.projected(Fraction(3), Fraction(1, 4)) == 12
