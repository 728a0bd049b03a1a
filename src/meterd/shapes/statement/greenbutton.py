"""A statement as Green Button data: an Atom feed of ESPI 4.0 resources (NAESB REQ.21).

One usage point with its time zone, one meter reading of the energy in each interval, and a
summary of the period. Energy is in thousandths of a watt-hour, the running sum rounded, so
that the readings add up to the total; money in hundred-thousandths. Elements stand in the
order of the schema. Ids are made of what they name, so the same statement is the same feed.
Source: the ESPI schema 4.0 (usage.xsd); reference/billing.md sections 2.3 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from meterd.billing.slots import Slot
from meterd.metering.calendar import Calendar, parse_iso
from meterd.shapes.statement.books import Facts
from meterd.shapes.statement.statement import Statement
from meterd.shapes.statement.zone import dst

WATT_HOURS: Final = 72
WATTS: Final = 38
VOLT_AMPERES: Final = 61
MILLI: Final = -3
JOULES_PER_MWH: Final = Fraction(36, 10)
"""Joules in a thousandth of a watt-hour."""
ELECTRICITY: Final = 1
"""Commodity: electricity metered at the secondary side."""

VALIDATED, DERIVED, REFERENCE, QUESTIONABLE, MIXED = 17, 11, 9, 10, 13
"""Qualities of readings: measured, calculated, interpolated over a gap, in doubt, several."""
QUALITY: Final = {"measured": VALIDATED, "integrated": DERIVED, "estimated": DERIVED}

_NUMERIC: Final = {
    "AUD": 36, "BRL": 986, "CAD": 124, "CHF": 756, "CNY": 156, "CZK": 203, "DKK": 208,
    "EUR": 978, "GBP": 826, "HUF": 348, "INR": 356, "JPY": 392, "KRW": 410, "KWD": 414,
    "MXN": 484, "NOK": 578, "NZD": 554, "PLN": 985, "SEK": 752, "SGD": 702, "TRY": 949,
    "USD": 840, "ZAR": 710,
}  # fmt: skip
"""ISO 4217 numbers of the currencies that the schema's list has; others are left out."""

Element = tuple[str, Any]
"""(name, text or elements)."""
Resource = tuple[str, str, Sequence[str], Element]
"""(path, title, related paths, what it is)."""


def greenbutton(st: Statement, facts: Facts) -> str:
    """The feed."""
    root = f"meterd/{st.site}/{st.bill}/{st.period}"
    updated = st.seal.closed if st.seal is not None else st.as_of
    entries = "".join(_entry(root, updated, one) for one in _resources(st, facts))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi">\n'
        f"<id>{_urn(root)}</id>\n<title>{_text(st.bill)}, {st.period}</title>\n"
        f"<updated>{updated}</updated>\n{_link('self', root)}{entries}</feed>\n"
    )


def _resources(st: Statement, facts: Facts) -> Iterator[Resource]:
    point = "UsagePoint/1"
    reading, kind, zone = f"{point}/MeterReading/1", "ReadingType/1", "LocalTimeParameters/1"
    summary = f"{point}/UsageSummary/1"
    yield point, st.bill, (reading, zone, summary), _usage_point()
    yield zone, st.time_zone, (), _zone(facts)
    yield reading, "Energy of all meters", (f"{reading}/IntervalBlock", kind), ("MeterReading", [])
    yield kind, "Energy", (), _reading_type(st, facts)
    for number, block in enumerate(_blocks(facts), 1):
        yield f"{reading}/IntervalBlock/{number}", "", (), block
    yield summary, "The period", (), _summary(st, facts)


def _usage_point() -> Element:
    return "UsagePoint", [("ServiceCategory", [("kind", 0)]), ("status", 1)]


def _zone(facts: Facts) -> Element:
    rules = dst(facts.calendar, facts.span_ms[0])
    return "LocalTimeParameters", [
        ("dstEndRule", rules.end_rule),
        ("dstOffset", rules.offset_s),
        ("dstStartRule", rules.start_rule),
        ("tzOffset", rules.zone_s),
    ]


def _reading_type(st: Statement, facts: Facts) -> Element:
    lengths = {slot.end_ms - slot.start_ms for slot in facts.slots}
    length_s = min(lengths) // 1000 if lengths else None
    return "ReadingType", [
        ("accumulationBehaviour", 4),
        ("commodity", ELECTRICITY),
        *_currency(st),
        ("dataQualifier", 12),
        ("defaultQuality", _default_quality(st)),
        ("flowDirection", 1),
        *([] if length_s is None else [("intervalLength", length_s)]),
        ("kind", 12),
        ("phase", 0),
        ("powerOfTenMultiplier", MILLI),
        ("timeAttribute", 0),
        ("uom", WATT_HOURS),
    ]


def _currency(st: Statement) -> list[Element]:
    number = None if st.cost is None else _NUMERIC.get(st.cost["currency"])
    return [] if number is None else [("currency", number)]


def _default_quality(st: Statement) -> int:
    return QUALITY.get(st.accuracy or "", MIXED)


def _blocks(facts: Facts) -> Iterator[Element]:
    """A block a local day: its readings, each of one interval."""
    before_j = 0
    for _day, rows in groupby(facts.slots, lambda slot: _day_of(slot, facts.calendar)):
        day = list(rows)
        readings = []
        for slot in day:
            value = _milli(before_j + slot.amount) - _milli(before_j)
            before_j += slot.amount
            readings.append(("IntervalReading", [*_quality(slot), _period(slot), ("value", value)]))
        span = _time("interval", day[0].start_ms, day[-1].end_ms)
        yield "IntervalBlock", [span, *readings]


def _day_of(slot: Slot, calendar: Calendar) -> Any:
    return calendar.date_of(slot.start_ms)


def _quality(slot: Slot) -> Iterable[Element]:
    """Only where it is another than the type's own."""
    codes = [QUESTIONABLE] if slot.questionable else [REFERENCE] if slot.gap_to_ms else []
    return [("ReadingQuality", [("quality", code)]) for code in codes]


def _period(slot: Slot) -> Element:
    return _time("timePeriod", slot.start_ms, slot.end_ms)


def _time(name: str, start_ms: int, end_ms: int) -> Element:
    """Whole seconds, as the schema has them."""
    start_s = start_ms // 1000
    return name, [("duration", end_ms // 1000 - start_s), ("start", start_s)]


def _milli(amount_j: int) -> int:
    """Thousandths of a watt-hour, half up."""
    return int(Fraction(amount_j) / JOULES_PER_MWH + Fraction(1, 2))


def _summary(st: Statement, facts: Facts) -> Element:
    so_far = "billToDate" if st.provisional else "billLastPeriod"
    cost = [] if st.cost is None else [(so_far, int(Decimal(st.cost["total"]) * 100_000))]
    energy = _measured(_milli_kilo(st.energy_kwh), WATT_HOURS, facts.as_of_ms)
    return "UsageSummary", [
        _time("billingPeriod", *facts.span_ms),
        *cost,
        *_currency(st),
        ("overallConsumptionLastPeriod", energy),
        *_peak(st),
        ("qualityOfReading", _default_quality(st)),
        ("statusTimeStamp", facts.as_of_ms // 1000),
        ("commodity", ELECTRICITY),
    ]


def _milli_kilo(kilo: str) -> int:
    """Thousandths of the unit from thousands of it."""
    return int((Decimal(kilo) * 1_000_000).to_integral_value())


def _peak(st: Statement) -> list[Element]:
    if st.peak is None or st.peak_end is None:
        return []
    unit = VOLT_AMPERES if st.unit == "kVA" else WATTS
    return [("peakDemand", _measured(_milli_kilo(st.peak), unit, parse_iso(st.peak_end)))]


def _measured(value: int, unit: int, at_ms: int) -> list[Element]:
    stamp = ("timeStamp", at_ms // 1000)
    return [("powerOfTenMultiplier", MILLI), stamp, ("uom", unit), ("value", value)]


# -- Atom -----------------------------------------------------------------------------------


def _entry(root: str, updated: str, one: Resource) -> str:
    path, title, related, resource = one
    whole = f"{root}/{path}"
    up = whole.rsplit("/", 1)[0]
    links = _link("self", whole) + _link("up", up)
    links += "".join(_link("related", f"{root}/{other}") for other in related)
    return (
        f"<entry>\n<id>{_urn(whole)}</id>\n{links}<title>{_text(title)}</title>\n"
        f'<content type="application/xml">{_xml(*resource)}</content>\n'
        f"<updated>{updated}</updated>\n</entry>\n"
    )


def _xml(name: str, content: Any) -> str:
    inside = "".join(_xml(*one) for one in content) if isinstance(content, list) else content
    return f"<espi:{name}>{inside}</espi:{name}>"


def _link(rel: str, path: str) -> str:
    return f'<link rel="{rel}" href="{quote(path)}"/>\n'


def _text(text: str) -> str:
    """Escaped, without the characters that no XML may hold."""
    return escape("".join(one for one in text if one.isprintable()))


def _urn(name: str) -> str:
    digits = sha256(name.encode()).hexdigest()
    parts = digits[:8], digits[8:12], f"5{digits[13:16]}", f"8{digits[17:20]}", digits[20:32]
    return f"urn:uuid:{'-'.join(parts)}"
