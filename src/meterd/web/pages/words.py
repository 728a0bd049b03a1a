"""Numbers and times as people read them: English, in the site's zone, exact where it matters."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from meterd.metering.calendar import Calendar, parse_iso
from meterd.units import currency_places

NONE: Final = "–"
"""What is not known."""
PLACES: Final = {
    "kW": 2, "kVA": 2, "kvar": 2, "A": 1, "V": 1, "Hz": 2, "kWh": 1, "%": 1, "°C": 1, "m3": 2,
    "m3/h": 2, "m³": 2, "m³/h": 2, "": 2,
}  # fmt: skip
WRITTEN: Final = {"m3": "m³", "m3/h": "m³/h", "degC": "°C", "1": ""}
"""Units as people write them."""
SPELT: Final = {"kw": "kW", "kwh": "kWh", "kva": "kVA", "ip": "IP", "ct": "CT", "pt": "PT"}


def unit_written(unit: str | None) -> str:
    """A unit as people write it."""
    return WRITTEN.get(unit or "", unit or "")


def number(value: Any, places: int = 2) -> str:
    """1,234.50, rounded half up; a dash for what is not known."""
    if value is None:
        return NONE
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):,f}"


def amount(value: Any, unit: str | None = "") -> str:
    """A number and its unit, with the places the unit is read with."""
    if value is None:
        return NONE
    written = unit_written(unit)
    return f"{number(value, PLACES.get(written, 2))} {written}".rstrip()


def exact(value: Any, unit: str | None = "") -> str:
    """A number with all its digits, and its unit."""
    if value is None:
        return NONE
    return f"{Decimal(str(value)):,f} {unit_written(unit)}".rstrip()


def money(value: Any, currency: str | None) -> str:
    """An amount of money to the currency's own exponent."""
    if value is None:
        return NONE
    return f"{number(value, currency_places(currency or ''))} {currency or ''}".rstrip()


def percent(part: Any, places: int = 0) -> str:
    """A fraction as percent."""
    return NONE if part is None else f"{number(Decimal(str(part)) * 100, places)} %"


def instant(when: str | int | None, calendar: Calendar) -> str:
    """2026-01-31 13:05:00, as the site's clocks show it."""
    if when is None:
        return NONE
    at_ms = parse_iso(when) if isinstance(when, str) else when
    return calendar.local(at_ms).strftime("%Y-%m-%d %H:%M:%S")


def minute(when: str | int | None, calendar: Calendar) -> str:
    """The same without seconds."""
    return NONE if when is None else instant(when, calendar)[:16]


def span(start: str, end: str, calendar: Calendar) -> str:
    """A period by its first and its last day: 1 Jan – 31 Jan 2026."""
    first, last = calendar.local(parse_iso(start)), calendar.local(parse_iso(end) - 1)
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def age(at_ms: int | None, now_ms: int) -> str:
    """How long ago: 5 s, 3 min, 2 h, 4 d."""
    if at_ms is None:
        return "never"
    seconds = max(0, now_ms - at_ms) // 1000
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name} ago"
    return f"{seconds} s ago"


def plain(name: str) -> str:
    """A snake_case or camelCase name as words: energy_import -> Energy import."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name.replace("_", " "))
    found = " ".join(SPELT.get(word, word) for word in spaced.split())
    return found[:1].upper() + found[1:]
