"""What kind of bill it is: found by its name among the modules of `types`."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from meterd.billing import types
from meterd.metering.demand import Peak
from meterd.specs import BillSpec


class BillType(Protocol):
    """What a type decides."""

    def unit(self, terms: BillSpec) -> str:
        """Of the allowance, of what is used and of the projection."""
        ...

    def used(self, energy_j: int, peak: Peak | None) -> Fraction | None:
        """What is held against the allowance, in `unit`; None when it is not known."""
        ...

    def projected(self, used: Fraction, part: Fraction) -> Fraction:
        """`used` at the end of the period, after `part` of it: more than 0, at most 1."""
        ...


def names() -> tuple[str, ...]:
    """Every type there is."""
    return tuple(sorted(module.name for module in iter_modules(types.__path__)))


def bill_type(name: str) -> BillType:
    """The type of that name, which the configuration has checked."""
    return cast("BillType", import_module(f"{types.__name__}.{name}"))
