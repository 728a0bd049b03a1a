"""The fields of a URDB record, read one by one; what is strange is told with its name."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from meterd.tariff import Tier
from meterd.units import parse_decimal

MONTHS: Final = 12
HOURS: Final = 24


class UrdbError(ValueError):
    """A record that cannot be priced. field: which of its fields, "" for all of it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


class Fields:
    """A record's fields, by lower-case name; null is absent."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._fields = _lowered(record)

    def get(self, name: str) -> Any:
        """The value as it is, None without one."""
        return self._fields.get(name)

    def number(self, name: str, *, least: int | None = None) -> Decimal | None:
        """A number, or None."""
        value = self._fields.get(name)
        return None if value is None else _number(value, name, least)

    def numbers(self, name: str) -> tuple[Decimal, ...]:
        """Twelve numbers, or none at all."""
        return tuple(_number(value, name) for value in self._list(name, MONTHS))

    def places(self, name: str, count: int) -> tuple[int, ...]:
        """Twelve numbers of 0 to below `count`."""
        return tuple(_place(value, name, count) for value in self._months(name))

    def table(self, name: str, count: int) -> tuple[tuple[int, ...], ...]:
        """Twelve months of twenty-four hours, each 0 to below `count`."""
        rows = self._months(name)
        for row in rows:
            if not isinstance(row, list) or len(row) != HOURS:
                raise UrdbError(name, f"a month has not {HOURS} hours")
        return tuple(tuple(_place(value, name, count) for value in row) for row in rows)

    def tiers(self, name: str, units: tuple[str, ...] = ()) -> tuple[tuple[Tier, ...], ...]:
        """The tiers of every period. units: that their `max` may have."""
        structure = self._list(name)
        return tuple(_tiers(tiers, f"{name}.{n}", units) for n, tiers in enumerate(structure))

    def _months(self, name: str) -> list[Any]:
        """Twelve entries, which must be there."""
        found = self._list(name, MONTHS)
        if not found:
            raise UrdbError(name, "the field is missing")
        return found

    def _list(self, name: str, length: int | None = None) -> list[Any]:
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise UrdbError(name, "a list is needed")
        if length is not None and len(value) not in {0, length}:
            raise UrdbError(name, f"{length} entries are needed, there are {len(value)}")
        return value


def _lowered(record: dict[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in record.items() if value is not None}


def _number(value: Any, field: str, least: int | None = None) -> Decimal:
    number = parse_decimal(str(value)) if isinstance(value, Decimal | str) else None
    if number is None or (least is not None and number < least):
        raise UrdbError(field, f"{value!s:.60} is no number that can stand here")
    return number


def _place(value: Any, field: str, count: int) -> int:
    number = _number(value, field)
    if number != int(number) or not 0 <= number < count:
        raise UrdbError(field, f"{value} is none of the {count} periods there are, 0 first")
    return int(number)


def _tiers(written: Any, field: str, units: tuple[str, ...]) -> tuple[Tier, ...]:
    if not isinstance(written, list) or not written:
        raise UrdbError(field, "a list of tiers is needed")
    tiers: list[Tier] = []
    unit = units[0] if units else "kW"
    for place, entry in enumerate(written):
        where = f"{field}.{place}"
        if not isinstance(entry, dict):
            raise UrdbError(where, "a tier is needed")
        values = _lowered(entry)
        unit = str(values.get("unit", unit)) if units else unit
        if units and unit not in units:
            raise UrdbError(f"{where}.unit", f"{unit} is none of {', '.join(units)}")
        last = place + 1 == len(written)
        tiers.append(
            Tier(_rate(values, where), _end(values, where, last=last), unit, _sell(values, where))
        )
    ends = [tier.up_to for tier in tiers if tier.up_to is not None]
    if any(low >= high for low, high in pairwise(ends)):
        raise UrdbError(field, "the tiers do not rise")
    return tuple(tiers)


def _rate(values: dict[str, Any], field: str) -> Decimal:
    """The rate with its adjustment."""
    if "rate" not in values and "adj" not in values:
        raise UrdbError(f"{field}.rate", "the rate is missing")
    return sum(
        (_number(values[key], f"{field}.{key}") for key in ("rate", "adj") if key in values),
        Decimal(0),
    )


def _end(values: dict[str, Any], field: str, *, last: bool) -> Decimal | None:
    """Where a tier ends; the last has no end, whatever it says."""
    if last:
        return None
    if "max" not in values:
        raise UrdbError(f"{field}.max", "only the last tier has no end")
    return _number(values["max"], f"{field}.max", 0)


def _sell(values: dict[str, Any], field: str) -> Decimal | None:
    return _number(values["sell"], f"{field}.sell") if "sell" in values else None
