"""Numbers and times as people read them: in their tongue, the site's zone, exact if need be."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from meterd.metering.calendar import Calendar, parse_iso
from meterd.units import currency_places
from meterd.web.tongues import day, figures, grouped, say, spoken, written

NONE: Final = "–"
"""What is not known."""
PLACES: Final = {
    "kW": 2, "kVA": 2, "kvar": 2, "A": 1, "V": 1, "Hz": 2, "kWh": 1, "%": 1, "°C": 1, "m3": 2,
    "m3/h": 2, "m³": 2, "m³/h": 2, "": 2,
}  # fmt: skip
WRITTEN: Final = {"m3": "m³", "m3/h": "m³/h", "degC": "°C", "1": ""}
"""Units as people write them."""
SPELT: Final = {
    "kw": "kW", "kwh": "kWh", "kva": "kVA", "ip": "IP", "ct": "CT", "pt": "PT", "it": "IT",
    "ups": "UPS", "pdu": "PDU", "ats": "ATS", "snmp": "SNMP",
}  # fmt: skip


def unit_written(unit: str | None) -> str:
    """A unit as people write it."""
    return WRITTEN.get(unit or "", unit or "")


def number(value: Any, places: int = 2) -> str:
    """1,234.50, rounded half up; a dash for what is not known."""
    if value is None:
        return NONE
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return figures(rounded or abs(rounded), max(0, places))


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
    return f"{grouped(f'{Decimal(str(value)):,f}')} {unit_written(unit)}".rstrip()


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
    return written(calendar.local(at_ms))


def minute(when: str | int | None, calendar: Calendar) -> str:
    """The same without seconds."""
    return NONE if when is None else instant(when, calendar)[:16]


def span(start: str, end: str, calendar: Calendar) -> str:
    """A period by its first and its last day: 1 Jan – 31 Jan 2026."""
    first, last = calendar.local(parse_iso(start)), calendar.local(parse_iso(end) - 1)
    year = "" if first.year == last.year else f" {first.year}"
    return f"{day(first)}{year} – {day(last)} {last.year}"


def age(at_ms: int | None, now_ms: int) -> str:
    """How long ago: 5 s, 3 min, 2 h, 4 d."""
    if at_ms is None:
        return say("never")
    seconds = max(0, now_ms - at_ms) // 1000
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return say("{time} ago", time=f"{seconds // size} {say(name)}")
    return say("{time} ago", time=f"{seconds} s")


def inside(name: str) -> str:
    """The same within a sentence: energy import; where nouns are capital letters' they stay."""
    found = plain(name)
    small = spoken().code == "en" and not found[1:2].isupper()
    return found[:1].lower() + found[1:] if small else found


def plain(name: str) -> str:
    """A snake_case or camelCase name as words: energy_import -> Energy import, if the tongue
    has no other."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name.replace("_", " "))
    found = " ".join(SPELT.get(word, word) for word in spaced.split())
    return say(found[:1].upper() + found[1:])
