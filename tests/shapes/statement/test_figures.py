"""Figures on paper."""

from __future__ import annotations

from decimal import Decimal

from meterd.shapes.statement.figures import cents, percent, quantity


def test_numbers_are_rounded_once_half_up() -> None:
    assert quantity("1.0005", "kWh") == "1.001 kWh"
    assert quantity("2") == "2.000"
    assert (quantity(None), percent(None), percent("0.98765")) == ("-", "-", "98.77 %")
    assert str(cents(Decimal("0.005"))) == "0.01"
