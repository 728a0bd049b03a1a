"""YAML 1.2's core schema, and numbers that keep their own digits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meterd.config.scalars import scalar

MEANT: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None,
    "true": True, "TRUE": True, "false": False,
    "no": "no", "on": "on", "y": "y", "400:5": "400:5", "2026-01-31": "2026-01-31",
    "2c": "2c", "1_000": "1_000", "0x": "0x", "0b1": "0b1", "-": "-", ".": ".", "1.2.3": "1.2.3",
    "8E": "8E", "-0x5": "-0x5", "+.inf.": "+.inf.", "9" * 65: "9" * 65,
    "012": 12, "+7": 7, "-7": -7, "0x1F": 31, "0o17": 15, "9" * 64: int("9" * 64),
    "1e3": Decimal("1e3"), "0.01": Decimal("0.01"), "-.5": Decimal("-0.5"), "1.": Decimal(1),
    ".inf": Decimal("Infinity"), "-.INF": Decimal("-Infinity"),
}  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_a_plain_scalar_means(text: str) -> None:
    value = scalar(text)
    assert value == MEANT[text]
    assert type(value) is type(MEANT[text])


def test_a_number_keeps_its_own_digits() -> None:
    assert str(scalar("0.10")) == "0.10"
    assert str(scalar("42949672.96")) == "42949672.96"


def test_not_a_number_is_one_that_is_not_finite() -> None:
    value = scalar(".nan")
    assert isinstance(value, Decimal)
    assert value.is_nan()
