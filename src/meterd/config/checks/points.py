"""Points: keys that fit the protocol, addresses that exist, units that convert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from meterd.config.checks.bacnet import check_bacnet_point
from meterd.config.findings import Path
from meterd.config.points import COUNTER_KEYS, KEYS, LOCATORS, PointConfig
from meterd.config.report import Report
from meterd.config.sunspec import UNITS_OF, is_text
from meterd.config.values import holders
from meterd.units import (
    GAUGES,
    NEAR_QUANTITY,
    QUANTITIES,
    REGISTERS,
    SUMMED,
    UNITS,
    canonical_unit,
    is_own_name,
)

WORDS: Final = 65_536
WORDS_OF: Final = {
    "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "int64": 4, "uint64": 4, "float32": 2,
    "float64": 4, "bcd16": 1, "bcd32": 2, "bitfield": 1,
}  # fmt: skip
FLOATS: Final = ("float32", "float64")
OID_ARCS: Final = 128
"""Numbers in an OID (RFC 3416)."""
MAX_LENGTH: Final = 250
"""Characters of a string point: what one request can carry."""
POWERS: Final = frozenset({"energy", "reactive_energy", "apparent_energy"})
"""Dimensions of counters whose ceiling is a power: max_kw."""

VALUE_KEYS: Final = ("scale", "offset", "invalid")
"""What is done to a raw value."""

RESERVED: Final = frozenset({"meter", "time", "age_s"})
"""Columns of a recording, and keys of a reading, that are no quantities."""

_QUANTITY: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_OID: Final = re.compile(r"\.?[0-9]+(\.[0-9]+)+\Z")


def check_points(
    report: Report, path: Path, family: str | None, points: Mapping[str, PointConfig]
) -> None:
    """All points at a path. family: of the connection's protocol, None if there is none."""
    for quantity in points:
        check_point(report, (*path, quantity), family, points)


def check_point(
    report: Report, path: Path, family: str | None, points: Mapping[str, PointConfig]
) -> None:
    """One point, at a path that ends in its quantity; `points` are all of the same device."""
    quantity = str(path[-1])
    point = points[quantity]
    _check_quantity(report, path, quantity)
    family = family or _guessed(point)
    said = point.said()
    mine = KEYS.get(family or "", frozenset())
    for other, keys in KEYS.items():
        for key in sorted((keys & said.keys()) - mine) if other != family else ():
            where = f"with {family}" if family else "without a connection"
            report.error((*path, key), f"{key} means nothing {where}", "Drop it.", key=True)
    if family == "virtual":
        for key in (*VALUE_KEYS, *COUNTER_KEYS):
            if key in said:
                message = f"{key} means nothing for an expression"
                report.error((*path, key), message, "Drop it, or calculate with it.", key=True)
    if family == "modbus":
        _check_modbus(report, path, point)
    elif family in LOCATORS:
        _check_locator(report, path, family, point)
    others = [name for name in points if name != quantity]
    for holder in holders(point.scale_point):
        if holder not in others:
            message = f'no other point "{holder}" of this meter'
            report.error((*path, "scale_point"), message, report.guess(holder, others))
    _check_unit(report, path, point)
    _check_counter(report, path, point)


def _guessed(point: PointConfig) -> str | None:
    """The family of which a point has the most keys, where no connection tells."""
    said = point.said()
    family = max(KEYS, key=lambda name: len(KEYS[name] & said.keys()))
    return family if KEYS[family] & said.keys() else None


def _check_quantity(report: Report, path: Path, quantity: str) -> None:
    if not _QUANTITY.match(quantity):
        remedy = "Use lower-case letters, digits and _, a letter first."
        report.error(path, f'"{quantity}" is no name of a quantity', remedy, key=True)
    elif quantity in RESERVED:
        message = f'"{quantity}" is what a recording calls something else'
        report.error(path, message, "Choose another name.", key=True)
    elif quantity not in QUANTITIES and not is_own_name(quantity):
        near = report.near(quantity, QUANTITIES, NEAR_QUANTITY)
        if near:
            message = f'"{quantity}" is no canonical quantity'
            report.warn(
                path, message, f'Did you mean "{near}"? Any other name is carried as it is.'
            )


def _check_sunspec(report: Report, path: Path, point: PointConfig, name: str) -> None:
    """A point that is found by its name in a SunSpec model."""
    if name not in UNITS_OF:
        message = f'no SunSpec model of a meter or an inverter has a point "{name}"'
        report.error((*path, "sunspec"), message, report.guess(name, UNITS_OF))
    elif is_text(name) and str(path[-1]) in {**REGISTERS, **GAUGES}:
        message = f"{path[-1]} is a number, and {name} is none"
        report.error((*path, "sunspec"), message, "Choose the point that the standard says.")
    for key in sorted(KEYS["modbus"] - {"sunspec"}):
        if getattr(point, key) is not None:
            message = f"{key} is found by the SunSpec model"
            report.error((*path, key), message, "Drop it, or drop sunspec.", key=True)


def _check_modbus(report: Report, path: Path, point: PointConfig) -> None:
    if point.sunspec is not None:
        _check_sunspec(report, path, point, point.sunspec)
        return
    if point.table is None:
        remedy = "Write table: input, holding, coil or discrete."
        _missing(report, (*path, "table"), remedy)
    if point.address is None:
        remedy = "Write the zero-based number on the wire."
        _missing(report, (*path, "address"), remedy)
    elif point.address < 0 or point.address + _words(point) > WORDS:
        message = f"not all of the {_words(point)} words from {point.address} on exist"
        report.error((*path, "address"), message, f"Addresses go from 0 to {WORDS - 1}.")
    if point.table in {"coil", "discrete"}:
        for key in ("type", "word_order", "byte_order", "length", "bit"):
            if getattr(point, key) is not None:
                message = f"{key} means nothing for a {point.table}"
                report.error((*path, key), message, "Drop it: it reads 0 or 1.", key=True)
    elif point.table is not None and point.type is None:
        remedy = "Write type: uint16, float32 or the like."
        _missing(report, (*path, "type"), remedy)
    else:
        _check_type(report, path, point)


def _missing(report: Report, path: Path, remedy: str) -> None:
    """A key is not there, unless its value is wrong, or a wrong profile may have it."""
    if not report.broken(*path) and not report.broken(*path[:2], "profile"):
        report.error(path, "the key is missing", remedy)


def _words(point: PointConfig) -> int:
    if point.type == "string":
        return ((point.length or 1) + 1) // 2
    return WORDS_OF.get(point.type or "", 1)


def _check_type(report: Report, path: Path, point: PointConfig) -> None:
    for kind, key, low, high in (("string", "length", 1, MAX_LENGTH), ("bitfield", "bit", 0, 15)):
        value = getattr(point, key)
        if point.type == kind and value is None:
            message = f"a {kind} point needs it"
            report.error((*path, key), message, f"Write {key}: from {low} to {high}.")
        elif point.type == kind and not low <= value <= high:
            message = f"{key} {value} is out of range"
            report.error((*path, key), message, f"It must be from {low} to {high}.")
        elif point.type != kind and value is not None:
            message = f"{key} means nothing for this type"
            report.error((*path, key), message, f"Drop it, or write type: {kind}.", key=True)
    if point.type == "string" and str(path[-1]) in {**REGISTERS, **GAUGES}:
        message = f"{path[-1]} is a number, and a string is none"
        report.error((*path, "type"), message, "Choose the type that the manual says.")
    for index, one in enumerate(point.invalid or ()):
        if one != int(one) and point.type not in FLOATS:
            message = f"{one} is not a whole number, as every {point.type} is"
            report.error((*path, "invalid", index), message, "Write the raw number, before scale.")
    if point.type == "string" and point.scale is not None:
        report.error((*path, "scale"), "text has no scale", "Drop it.", key=True)


def _check_locator(report: Report, path: Path, family: str, point: PointConfig) -> None:
    key = LOCATORS[family]
    value = getattr(point, key)
    if value is None and family in {"snmp", "bacnet", "virtual"}:
        report.error((*path, key), "the key is missing", f"Write {key}: here.")
    if family == "snmp":
        _check_oid(report, (*path, key), value)
        if point.row is not None:
            _check_oid(report, (*path, "row", "oid"), point.row.oid)
    if family == "bacnet":
        check_bacnet_point(report, path, point)
    if family == "pulse" and point.pulses_per_unit is None:
        remedy = "It stands on the meter's label."
        report.error((*path, "pulses_per_unit"), "the key is missing", remedy)
    for name in ("input", "output"):
        ends = getattr(point, name)
        if ends is not None and (len(ends) != 2 or ends[0] == ends[1]):
            message = f"{name} is no range"
            report.error((*path, name), message, "Write two numbers that differ, as in [4, 20].")


def _check_oid(report: Report, path: Path, value: str | None) -> None:
    """Numbers with dots, of which an OID's first two are small."""
    if value is None:
        return
    arcs = [int(arc) for arc in value.strip(".").split(".")] if _OID.match(value) else []
    sound = arcs and arcs[0] <= 2 and (arcs[0] == 2 or arcs[1] < 40)
    if not sound or max(arcs) >= 2**32 or len(arcs) > OID_ARCS:
        report.error(path, f'"{value}" is no numeric OID', "Write it as 1.3.6.1.2.1.1.3.0.")


def _check_unit(report: Report, path: Path, point: PointConfig) -> None:
    canonical, unit = canonical_unit(str(path[-1])), point.unit
    if unit is None or canonical is None or (canonical, unit) == ("ratio", "1"):
        return
    dimension = UNITS[canonical].dimension
    known = UNITS.get(unit)
    if known is not None and known.dimension == dimension:
        return
    units = [name for name, other in UNITS.items() if other.dimension == dimension]
    message = f'{path[-1]} cannot be in "{unit}"'
    report.error((*path, "unit"), message, report.guess(unit, units))


def _check_counter(report: Report, path: Path, point: PointConfig) -> None:
    said = [key for key in COUNTER_KEYS if getattr(point, key) is not None]
    if not said:
        return
    quantity = str(path[-1])
    if not point.is_counter(quantity):
        summed = sorted(name for name, unit in UNITS.items() if unit.dimension in SUMMED)
        message = f"{quantity} is no counter, so {said[0]} means nothing"
        remedy = f"Drop it, or give a quantity of your own a unit such as {', '.join(summed[:4])}."
        report.error((*path, said[0]), message, remedy, key=True)
        return
    unit = UNITS.get(point.unit or canonical_unit(quantity) or "")
    if unit is not None and point.max_kw is not None and unit.dimension not in POWERS:
        message = f"{quantity} is no energy, so max_kw means nothing"
        report.error((*path, "max_kw"), message, "Write max_per_hour, in the unit.", key=True)
    if point.max_kw is not None and point.max_per_hour is not None:
        report.error((*path, "max_per_hour"), "max_kw is there too", "Keep one of the two.")
