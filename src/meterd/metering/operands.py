"""What an expression may name, each thing once: the quantities of the meters, and their kinds.

A value is in its quantity's canonical unit, that of a user's own quantity in the declared one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Final

import msgspec

from meterd.specs import MeterSpec
from meterd.units import TEXTS, UNITS, canonical_unit

GAUGE: Final = "gauge"
REGISTER: Final = "register"
TEXT: Final = "text"

MAX_CHOICES: Final = 14
"""More names than these are not listed in an error."""


class Reference(msgspec.Struct, frozen=True):
    """A quantity of a meter. unit: the one its value is in, "" for none. kind: of value."""

    meter: str
    quantity: str
    unit: str = ""
    kind: str = GAUGE

    def value_of(self, amount: int) -> Fraction:
        """A register's amount (base units) in its unit, exactly."""
        return Fraction(amount) / UNITS[self.unit].factor

    def __str__(self) -> str:
        return f"{self.meter}.{self.quantity}"


Catalogue = Mapping[str, Mapping[str, Reference]]
"""Meter -> quantity -> the reference to it: all that an expression may name."""


def catalogue(meters: Iterable[MeterSpec]) -> Catalogue:
    """Every quantity that the meters read."""
    return {spec.name: _quantities(spec) for spec in meters}


def _quantities(spec: MeterSpec) -> dict[str, Reference]:
    kinds = dict.fromkeys(TEXTS, TEXT) | {one.quantity: REGISTER for one in spec.registers}
    return {
        name: Reference(spec.name, name, canonical_unit(name) or unit, kinds.get(name, GAUGE))
        for name, unit in spec.units.items()
    }


class ExpressionError(ValueError):
    """What is wrong, where (the column counts from 1) and what to do, each for itself."""

    def __init__(self, message: str, column: int, remedy: str) -> None:
        super().__init__(f"column {column}: {message}. {remedy}".rstrip())
        self.message = message
        self.column = column
        self.remedy = remedy


def guess(word: str, names: Collection[str]) -> str:
    """A remedy for a word that is none of the names: the nearest, else all if they are few."""
    near = get_close_matches(word, names, 1)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Known here: {', '.join(sorted(names))}." if 0 < len(names) <= MAX_CHOICES else ""
