"""What is said of each meter below the table: its papers, its readings, what moved it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meterd.shapes.statement.figures import quantity
from meterd.shapes.statement.registers import LAST, EdgeReading
from meterd.shapes.statement.statement import SourcePart


def notes(source: SourcePart) -> Iterator[str]:
    """Sentences, each beginning with the meter."""
    known = ", ".join(_facts(source))
    if known:
        yield f"{source.meter}: {known}."
    for edge, reading in (("start", source.start), ("end", source.end)):
        if reading is not None:
            dial = f"; the display showed {quantity(reading.dial_kwh)}" if reading.dial_kwh else ""
            yield f"{source.meter} at the {edge}: {_how(reading)}{dial}."
    for change in source.changes:
        kind = change["kind"].replace("_", " ")
        yield f"{source.meter}, {change['time']}: {kind}{_moved(change)}."
    if source.more_changes:
        yield f"{source.meter}: {source.more_changes} more events; `meterd events` lists them."
    if source.discarded:
        yield f"{source.meter}: {source.discarded} samples above the ceiling were refused."


def _how(reading: EdgeReading) -> str:
    if reading.how != LAST:
        return reading.how
    return f"{LAST}, {reading.time}, with what is not a whole interval yet and not billed"


def _moved(change: dict[str, Any]) -> str:
    names = ("baseline", "value", "old_final", "new_initial", "booked", "unbilled")
    known = [f"{name.replace('_', ' ')} {change[name]}" for name in names if change.get(name)]
    return f" ({', '.join(known)} {change.get('unit', '')})".replace(" )", ")") if known else ""


def _facts(source: SourcePart) -> Iterator[str]:
    device = source.device
    named = (
        ("", device.name),
        ("serial number ", device.serial),
        ("", device.accuracy_class),
        ("current transformer ", device.ct_ratio),
        ("voltage transformer ", device.pt_ratio),
        ("calibration certificate ", device.certificate),
        ("calibrated ", device.last_calibration),
        ("calibration due ", device.next_calibration),
        ("verification ", device.verification),
        ("verified ", device.last_verification),
    )
    return (f"{label}{value}" for label, value in named if value)
