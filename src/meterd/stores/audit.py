"""The audit: what the rows add up to, against what the states say (contract section 6).

Every register's dial must follow from its intervals, its rollovers and what moved it without
use; every record configuration's rows from what was recorded; every closed period's energy
from its samples; and the closed periods form one unbroken SHA-256 chain per bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from meterd.billing.closing import broken
from meterd.events import MEASURED, PeriodClosed
from meterd.metering.meter import Meter
from meterd.metering.register import RegisterState
from meterd.orders import HISTORY_IMPORTED
from meterd.pipeline import Pipeline
from meterd.specs import RegisterSpec
from meterd.stores.pages import walk
from meterd.stores.queries import Reader
from meterd.stores.sums import booked, imported, recorded, sampled
from meterd.units import REGISTERS, UNITS, shown, to_amount


def audit(reader: Reader, pipeline: Pipeline) -> dict[str, Any]:
    """The contract's `audit --json`. pipeline: restored from the same store's states."""
    with reader.snapshot():
        sums = booked(reader)
        counters = [row for meter in pipeline.meters.values() for row in _counters(meter, sums)]
        records = list(_records(reader, pipeline))
        histories = list(_histories(reader))
        periods = {"checked": 0, "broken": 0}
        for name in reader.bills():
            checked, wrong = _periods(reader, name)
            periods["checked"] += checked
            periods["broken"] += wrong
    differences = [row["difference"] for row in (*counters, *records, *histories)]
    ok = periods["broken"] == 0 and all(difference == "0" for difference in differences)
    found = {"ok": ok, "counters": counters, "records": records, "periods": periods}
    return found | ({"imported": histories} if histories else {})


def _counters(meter: Meter, sums: dict[tuple[str, str, str], int]) -> Iterator[dict[str, Any]]:
    for spec in meter.spec.registers:
        state = meter.state.registers[spec.quantity]
        if state.first is None:
            continue
        track = meter.state.tracks[f"{spec.quantity}/{MEASURED}/"]
        rows = sums.get((meter.spec.name, spec.quantity, MEASURED), 0) + track.amount
        yield _counter(meter.spec.name, spec, state, rows)


def _counter(meter: str, spec: RegisterSpec, state: RegisterState, rows: int) -> dict[str, Any]:
    """One register. rows: base units in its intervals, the open one included."""
    first = state.first or 0
    explained = first + rows + state.unbilled + state.adjusted - state.rolled_over
    amounts = {
        "first": first,
        "last": state.dial,
        "rolled_over": state.rolled_over,
        "replaced": state.adjusted,
        "booked": rows,
        "unbilled": state.unbilled,
        "difference": state.dial - explained,
    }
    unit = spec.unit
    figures = {name: shown(amount, unit) for name, amount in amounts.items()}
    return {"meter": meter, "quantity": spec.quantity, **figures}


def _records(reader: Reader, pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    rows = recorded(reader)
    for name, recorder in pipeline.recorders.items():
        difference = recorder.state.recorded - rows.get(name, 0)
        unit = recorder.spec.usage_unit
        yield {
            "configuration": name,
            "recorded": shown(rows.get(name, 0), unit),
            "not_recorded": shown(recorder.state.not_recorded, unit),
            "difference": shown(difference, unit),
        }


def _histories(reader: Reader) -> Iterator[dict[str, Any]]:
    """What was imported, against what the events of the imports say."""
    told: dict[tuple[str, str], int] = {}
    units: dict[str, str] = {}
    for event in walk(lambda page: reader.events(page, kind=HISTORY_IMPORTED)):
        key, unit = (event.meter, event.quantity), event.numbers["unit"]
        amount = to_amount(Decimal(event.numbers["amount"]), UNITS[unit])
        told[key], units[event.quantity] = told.get(key, 0) + amount, unit
    rows = {(meter, name): amount for (meter, name, _), amount in imported(reader).items()}
    for meter, quantity in sorted(told.keys() | rows.keys()):
        booked, said = rows.get((meter, quantity), 0), told.get((meter, quantity), 0)
        unit = units.get(quantity) or REGISTERS[quantity]
        amounts = {"imported": booked, "told": said, "difference": booked - said}
        figures = {name: shown(amount, unit) for name, amount in amounts.items()}
        yield {"meter": meter, "quantity": quantity, **figures}


class _Energy(msgspec.Struct):
    energy_kwh: str


class _Body(msgspec.Struct):
    figures: _Energy


def _periods(reader: Reader, bill: str) -> tuple[int, int]:
    """(closed periods, those whose chain or energy does not hold)."""
    closed = list(walk(lambda page: reader.periods(bill, page)))
    wrong = {period.start_ms for period in broken(closed)}
    taken: dict[int, int] = {}
    for (start_ms, _meter, _kind, discarded), amount in sampled(reader, bill).items():
        if not discarded:
            taken[start_ms] = taken.get(start_ms, 0) + amount
    for period in closed:
        if not _holds(period, taken.get(period.start_ms, 0)):
            wrong.add(period.start_ms)
    return len(closed), len(wrong)


def _holds(period: PeriodClosed, samples_j: int) -> bool:
    """Whether the sealed energy is what the period's samples add up to."""
    try:
        body = msgspec.json.decode(period.body, type=_Body)
    except msgspec.ValidationError:
        return False
    return body.figures.energy_kwh == shown(samples_j, "kWh")
