"""History as Green Button: an Atom feed with interval blocks (NAESB ESPI).

Liberal in what it reads: of a meter reading's type only what the numbers mean is asked, and
where a feed has one type, links may be missing.
Source: the ESPI schema 4.0; reference/billing.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from meterd.shapes.history.rows import (
    HistoryRow,
    NoHistoryError,
    Refused,
    Rows,
    Wanted,
    amount_of,
    shortened,
)
from meterd.shapes.history.tree import Node, tree

UNITS: Final = {"72": "Wh", "73": "varh", "71": "VAh", "42": "m3"}
"""Units of measure that add up, by the schema's numbers."""
REGISTERS: Final = frozenset({"1", "3"})
"""Accumulations that are readings of a register, not what an interval used."""
EXPORT: Final = "19"
DOUBTFUL: Final = frozenset({"7", "8", "9", "10", "11", "12", "13"})
"""Qualities of what was edited, estimated, questionable, derived, projected or mixed."""
POWERS: Final = range(-12, 13)


class _Type(msgspec.Struct, frozen=True):
    """What the numbers of a reading type mean."""

    unit: str
    power: int
    quantity: str
    doubtful: bool


class _Entry(msgspec.Struct, frozen=True):
    """An entry of the feed: its own address, those it is related to, what it holds."""

    own: str
    up: str
    related: frozenset[str]
    kind: str
    node: Node


def greenbutton_rows(data: bytes, wanted: Wanted) -> Rows:
    """Every interval of the meter reading looked for."""
    root = tree(data)
    feed = [root] if root.name == "entry" else list(root.all("entry"))
    entries = [entry for node in feed for entry in _entries(node)]
    types = {one.own: one for one in entries if one.kind == "ReadingType"}
    blocks = [one for one in entries if one.kind == "IntervalBlock"]
    if not blocks:
        raise NoHistoryError("it has no IntervalBlock; is it a Green Button file with intervals?")
    streams = {one.own: one for one in entries if one.kind == "MeterReading"}
    known = [(block, _type_of(block, streams, types)) for block in blocks]
    stream = _chosen(known, wanted)
    for block, kind in known:
        if kind.quantity == wanted.quantity and stream in ("", _stream_of(block)):
            yield from _readings(block.node, kind)


def _entries(node: Node) -> Iterator[_Entry]:
    links: dict[str, list[str]] = {}
    for link in node.all("link"):
        links.setdefault(link.attributes.get("rel", ""), []).append(
            link.attributes.get("href", "").rstrip("/")
        )
    own, up = links.get("self", [""])[0], links.get("up", [""])[0]
    for content in node.all("content"):
        for child in content.children:
            yield _Entry(own, up, frozenset(links.get("related", ())), child.name, child)


def _stream_of(block: _Entry) -> str:
    """The address of the meter reading that a block is of."""
    up = block.up or block.own.rpartition("/")[0]
    return up.removesuffix("/IntervalBlock")


def _type_of(block: _Entry, streams: dict[str, _Entry], types: dict[str, _Entry]) -> _Type:
    """The reading type that a block's numbers are of. Raises NoHistoryError."""
    reading = streams.get(_stream_of(block))
    linked = [types[one] for one in (reading.related if reading else ()) if one in types]
    found = linked or list(types.values())
    if len(found) != 1:
        line = block.node.line
        raise NoHistoryError(f"line {line}: of what its numbers are is not said by one ReadingType")
    return _type(found[0].node)


def _type(node: Node) -> _Type:
    unit = node.value("uom") or ""
    if unit not in UNITS:
        raise NoHistoryError(f"line {node.line}: the unit {shortened(unit)} adds up to nothing")
    if node.value("accumulationBehaviour") in REGISTERS:
        raise NoHistoryError(f"line {node.line}: these are readings of a register, not intervals")
    power = node.value("powerOfTenMultiplier") or "0"
    if power not in map(str, POWERS):
        raise NoHistoryError(f"line {node.line}: {shortened(power)} is no power of ten")
    return _Type(
        UNITS[unit], int(power), _quantity(unit, node.value("flowDirection")),
        (node.value("defaultQuality") or "") in DOUBTFUL,
    )  # fmt: skip


def _quantity(unit: str, direction: str | None) -> str:
    way = "export" if direction == EXPORT else "import"
    names = {"Wh": f"energy_{way}", "varh": f"reactive_energy_{way}", "VAh": "apparent_energy"}
    return names.get(UNITS[unit], "volume")


def _chosen(known: Sequence[tuple[_Entry, _Type]], wanted: Wanted) -> str:
    """The meter reading to take: the one that is named, else the only one of the quantity."""
    names = dict.fromkeys(
        _stream_of(block) for block, kind in known if kind.quantity == wanted.quantity
    )
    if not names:
        there = ", ".join(sorted({kind.quantity for _block, kind in known}))
        raise NoHistoryError(f"it has no {wanted.quantity}; it has {there}")
    if wanted.stream:
        if wanted.stream not in names:
            raise NoHistoryError(f"it has no {wanted.stream}; it has {', '.join(names)}")
        return wanted.stream
    if len(names) > 1:
        raise NoHistoryError(f"it has several; say --stream {' or '.join(names)}")
    return next(iter(names))


def _readings(block: Node, kind: _Type) -> Rows:
    for reading in block.all("IntervalReading"):
        try:
            yield _row(reading, kind)
        except ValueError as error:
            yield Refused(reading.line, str(error))


def _row(reading: Node, kind: _Type) -> HistoryRow:
    start_ms = _seconds(reading.value("timePeriod", "start"), "start")
    length_ms = _seconds(reading.value("timePeriod", "duration"), "duration")
    scaled = f"{reading.value('value') or ''}e{kind.power}"
    quality = reading.value("ReadingQuality", "quality")
    doubtful = kind.doubtful if quality is None else quality in DOUBTFUL
    amount = amount_of(scaled, kind.unit)
    return HistoryRow(reading.line, start_ms, start_ms + length_ms, amount, not doubtful)


def _seconds(text: str | None, name: str) -> int:
    """Epoch seconds or a length in ms; fractions that some write are rounded."""
    if text is None or not text.replace(".", "", 1).isdecimal() or len(text) > 20:
        raise ValueError(f"{name} is {shortened(text or '')}, not seconds")
    return round(Decimal(text) * 1000)
