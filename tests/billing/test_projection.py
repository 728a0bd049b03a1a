"""Where the period will end."""

from fractions import Fraction

import pytest
from tests.billing.site import DAY, HOUR, at

from meterd.billing.kind import bill_type
from meterd.billing.projection import projection

MARCH = (at("03-01"), at("04-01"))


@pytest.mark.parametrize(
    ("kind", "now_ms", "expected"),
    [
        ("energy", MARCH[0] + HOUR - 1, None),
        ("energy", MARCH[0] + HOUR, 743 * 10),
        ("energy", MARCH[0] + 24 * HOUR, Fraction(7430, 24)),
        ("energy", MARCH[1], 10),
        ("energy", MARCH[1] + 3 * DAY, 10),
        ("demand", MARCH[0] + HOUR - 1, None),
        ("demand", MARCH[0] + HOUR, 10),
    ],
)
def test_ten_used_in_a_march_of_743_hours(
    kind: str, now_ms: int, expected: Fraction | None
) -> None:
    assert projection(bill_type(kind), Fraction(10), MARCH, now_ms) == expected


def test_without_a_peak_there_is_nothing_to_project() -> None:
    assert projection(bill_type("demand"), None, MARCH, MARCH[1]) is None
