"""Round numbers for an axis, and where values lie."""

from __future__ import annotations

import pytest

from meterd.web.charts.scale import rounded


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 100, "0 50 100"),
        (0, 7_238, "0 2,000 4,000 6,000 8,000"),
        (0, 0.7, "0.0 0.2 0.4 0.6 0.8"),
        (-3, 5, "-4 -2 0 2 4 6"),
        (5, 9, "0 5 10"),
        (0, 0, "0.0 0.5 1.0"),
    ],
)
def test_an_axis_has_round_numbers(low: float, high: float, labels: str) -> None:
    scale = rounded(low, high, 0, 100)
    wanted = ["0" if float(label.replace(",", "")) == 0 else label for label in labels.split()]
    assert [label for _, label in scale.ticks()] == wanted


def test_low_is_at_the_start_and_high_at_the_end() -> None:
    scale = rounded(0, 80, 200, 20)
    assert (scale.at(0), scale.at(40), scale.at(80)) == (200, 110, 20)
