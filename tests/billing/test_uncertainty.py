"""The uncertainty of a bill's energy, as an auditor would work it out by hand."""

from __future__ import annotations

import pytest

from meterd.billing.uncertainty import Part, uncertainty
from meterd.units import JOULES_PER_KWH

MWH = 1000 * JOULES_PER_KWH


def test_a_meter_of_class_1_behind_a_transformer_of_class_1() -> None:
    """u = sqrt(1 + 1) / sqrt(3) = 0.816 %, U = 1.63 %: of 10,000 kWh +-163."""
    found = uncertainty([Part(10 * MWH, "1.0", ("1.0",))], 10 * MWH)
    assert found is not None
    assert found.percent == pytest.approx(1.63299, abs=1e-5)
    assert found.kwh == pytest.approx(163.299, abs=1e-3)
    assert (found.covers, found.whole) == (1, True)


def test_meters_err_independently_and_one_meter_does_not() -> None:
    """Two equal meters: the sum's relative error is smaller by the root of two."""
    one = uncertainty([Part(2 * MWH, "0.5S")], 2 * MWH)
    two = uncertainty([Part(MWH, "0.5S"), Part(MWH, "0.5S")], 2 * MWH)
    assert one is not None
    assert two is not None
    assert one.percent == pytest.approx(2 * 0.5 / 3**0.5)
    assert two.percent == pytest.approx(one.percent / 2**0.5)


def test_a_coarse_register_is_rounded_at_both_ends() -> None:
    """Of 10 kWh by a register of whole kilowatt-hours: 2 x 1 / sqrt(6) = 0.816 kWh."""
    found = uncertainty([Part(10 * JOULES_PER_KWH, "0.2S", count_j=JOULES_PER_KWH)], MWH)
    assert found is not None
    assert found.kwh == pytest.approx((0.8165**2 + 0.0231**2) ** 0.5, abs=1e-3)
    assert found.covers == pytest.approx(0.01)


def test_a_transformer_that_names_no_class_is_told_and_left_out() -> None:
    found = uncertainty([Part(MWH, "1.0", (None, "0.5"))], MWH)
    assert found is not None
    assert found.percent == pytest.approx(2 * (1.25 / 3) ** 0.5)
    assert not found.whole


@pytest.mark.parametrize("parts", [[], [Part(MWH, "unknown")], [Part(MWH, None)], [Part(0, "1.0")]])
def test_without_a_class_nothing_is_claimed(parts: list[Part]) -> None:
    assert uncertainty(parts, MWH) is None
