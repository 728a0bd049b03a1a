"""Readings in InfluxDB's line protocol, as Telegraf and small devices send them.

    main energy_import=501.2,active_power=3.4 1767268800000000000
    energy_import,meter=main,host=gw value=501.2

The measurement names the meter, unless a tag `meter` does; then a field called `value` is the
measurement's. Other tags say where it was sent from, and are passed over.
Source: InfluxDB v2, "Line protocol".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from meterd.metering.calendar import iso
from meterd.shapes.entries import EntryError

PER_MS: Final = {"ns": 1_000_000, "us": 1_000, "ms": 1}
"""Precision of timestamps -> how many are a millisecond; `s` is the other way round."""
PRECISIONS: Final = (*PER_MS, "s")
STAMP_DIGITS: Final = 20
TIME_MAX_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""

_ESCAPED: Final = re.compile(r'\\([,= "\\])')
_WHOLE: Final = re.compile(r"([+-]?[0-9]+)[iu]")
_STAMP: Final = re.compile(r"-?[0-9]+")
_TRUTH: Final = frozenset({"t", "f", "true", "false"})


class Row(NamedTuple):
    """One reading that was sent. place: where. item: as JSON has it, or what is wrong with it."""

    place: str
    item: dict[str, Any] | EntryError


def rows(text: str, precision: str) -> list[Row]:
    """Every reading of a body, in its order; a line that is wrong is a row by itself."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            item: dict[str, Any] | EntryError
            try:
                item = _item(line.strip(), precision)
            except EntryError as error:
                item = error
            found.append(Row(f"line {number}", item))
    return found


def _item(line: str, precision: str) -> dict[str, Any]:
    parts = [part for part in _split(line, " ") if part]
    if not 2 <= len(parts) <= 3:
        raise EntryError("", "is no line; send main energy_import=501.2 1767268800000000000")
    measurement, *tags = _split(parts[0], ",")
    named = dict(_pair(tag) for tag in tags)
    meter = named.get("meter", _plain(measurement))
    item: dict[str, Any] = {"meter": meter}
    for field in _split(parts[1], ","):
        name, text = _pair(field, plain=False)
        if name == "value" and "meter" in named:
            name = _plain(measurement)
        if name in {"meter", "time"}:
            raise EntryError(name, "is no field; it is the measurement, and the timestamp")
        if name in item:
            raise EntryError(name, "is there twice")
        item[name] = _value(name, text)
    if len(parts) == 3:
        item["time"] = _time(parts[2], precision)
    return item


def _split(text: str, at: str) -> list[str]:
    """Cut where the character stands bare: not behind a backslash, nor between quotes."""
    parts, quoted = [""], False
    chars: Iterator[str] = iter(text)
    for char in chars:
        if char == at and not quoted:
            parts.append("")
            continue
        quoted ^= char == '"'
        parts[-1] += char + (next(chars, "") if char == "\\" else "")
    if quoted:
        raise EntryError("", "has a quote that is not closed")
    return parts


def _pair(text: str, *, plain: bool = True) -> tuple[str, str]:
    name, *rest = _split(text, "=")
    if not name or len(rest) != 1 or not rest[0]:
        raise EntryError("", f"has {text[:40]!r}, which is no name=value")
    return _plain(name), _plain(rest[0]) if plain else rest[0]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _value(name: str, text: str) -> str:
    """A field's value as JSON would have it: whole numbers lose their suffix, text its quotes."""
    if text.startswith('"'):
        return _plain(text[1:-1])
    if text.lower() in _TRUTH:
        raise EntryError(name, f"is {text}, not a number; send 0 or 1")
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _time(text: str, precision: str) -> str:
    if not _STAMP.fullmatch(text) or len(text) > STAMP_DIGITS:
        raise EntryError("time", f"is {text[:STAMP_DIGITS]!r}, not a whole number of {precision}")
    stamp = int(text)
    at_ms = stamp * 1000 if precision == "s" else stamp // PER_MS[precision]
    if not 0 <= at_ms <= TIME_MAX_MS:
        raise EntryError("time", f"is no time in {precision}; see ?precision=")
    return iso(at_ms)
