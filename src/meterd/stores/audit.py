"""The audit: what the rows add up to, against what the states say (contract section 6).

Every register's dial must follow from its intervals, its rollovers and what moved it without
use; every record configuration's rows from what was recorded; every figure of a closed period,
its cost too, from its samples and its stored terms; and the closed periods form one unbroken
SHA-256 chain per bill. What is not sealed yet, and the columns of a record that are for people,
must follow from the exact rows (`unsealed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from meterd.billing.closing import broken, sealed
from meterd.billing.late_again import Books, books_of, unlike
from meterd.billing.proof import Difference, differences
from meterd.billing.state import decode
from meterd.billing.tariffs.metered import Past
from meterd.billing.world import World
from meterd.events import MEASURED, Adjusted, PeriodClosed
from meterd.metering.calendar import iso
from meterd.metering.meter import Meter
from meterd.metering.register import RegisterState
from meterd.orders import HISTORY_IMPORTED
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec, RegisterSpec
from meterd.stores.evidence import adjusted, came_late, of_closed
from meterd.stores.pages import walk
from meterd.stores.queries import Reader
from meterd.stores.sums import booked, imported, recorded
from meterd.stores.unsealed import record_columns, running_periods
from meterd.units import REGISTERS, UNITS, canonical_unit, shown, to_amount


def audit(reader: Reader, pipeline: Pipeline) -> dict[str, Any]:
    """The contract's `audit --json`. pipeline: restored from the same store's states."""
    with reader.snapshot():
        sums = booked(reader)
        counters = [row for meter in pipeline.meters.values() for row in _counters(meter, sums)]
        records = list(_records(reader, pipeline))
        histories = list(_histories(reader))
        checked, wrong = _bills(reader, pipeline.world)
        broken_periods = len({(row["bill"], row["period"]) for row in wrong})
        wrong += _unsealed(reader, pipeline)
    periods = {"checked": checked, "broken": broken_periods}
    unexplained = [row["difference"] for row in (*counters, *records, *histories)]
    ok = not wrong and all(difference == "0" for difference in unexplained)
    found = {
        "ok": ok, "counters": counters, "records": records, "periods": periods,
        "differences": wrong,
    }  # fmt: skip
    return found | ({"imported": histories} if histories else {})


def _bills(reader: Reader, world: World) -> tuple[int, list[dict[str, Any]]]:
    """(closed periods of all bills, those that left the configuration too; what is wrong)."""
    states = reader.states()
    checked, wrong = 0, []
    for name in reader.bills():
        body = states.get(("bill", name))
        last = decode(body).sha256 if body else ""
        closed, found = _bill(reader, name, world, last)
        checked += closed
        wrong += found
    return checked, wrong


def _unsealed(reader: Reader, pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    for (kind, name), body in reader.states().items():
        if kind == "bill":
            yield from running_periods(reader, name, decode(body), pipeline.world)
    specs = {name: recorder.spec for name, recorder in pipeline.recorders.items()}
    yield from record_columns(reader, specs)


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
    unit = canonical_unit(spec.quantity) or spec.unit
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


def _bill(reader: Reader, name: str, world: World, last: str) -> tuple[int, list[dict[str, Any]]]:
    """(closed periods, what does not hold of them). last: where the bill says its chain ends."""
    closed = list(walk(lambda page: reader.periods(name, page)))
    chain = [(row, "sha256", row.sha256, "another") for row in broken(closed)]
    if closed and closed[-1].sha256 != last:
        chain.append((closed[-1], "end of the chain", closed[-1].sha256, last))
    before = Before()
    for row in closed:
        chain += [(row, *found) for found in _body(reader, row, world, before)]
    return len(closed), [
        {"bill": name, "period": iso(row.start_ms), "figure": what, "stored": a, "computed": b}
        for row, what, a, b in chain
    ]


class Before(msgspec.Struct):
    """What a period of a bill is told of the closed ones before it."""

    terms_of: dict[int, BillSpec] = {}
    past: list[Past] = []
    books: dict[int, Books] = {}


def _body(reader: Reader, row: PeriodClosed, world: World, before: Before) -> list[Difference]:
    """What of a sealed body its own samples do not bear out."""
    try:
        body = sealed(row.body)
        evidence = of_closed(reader, row, body, before.terms_of)
        before.terms_of[row.start_ms] = body.terms
        before.books[row.start_ms] = books_of(body, (row.start_ms, row.end_ms))
        found = differences(body, evidence, world, before.past)
        return found + list(_rates(reader, row, world, before.books))
    except (ValueError, ArithmeticError, LookupError) as error:
        return [("body", str(error), None)]


def _rates(
    reader: Reader, row: PeriodClosed, world: World, books: Mapping[int, Books]
) -> Iterator[Difference]:
    """Adjustments that a period carries at other rates than their own period's terms give."""
    told: dict[int, list[Adjusted]] = {}
    for one in adjusted(reader, row):
        told.setdefault(one.period_start_ms, []).append(one)
    for start_ms in told.keys() & books.keys():
        closed = books[start_ms]
        span = (start_ms, closed.known.end_ms)
        samples = came_late(reader, row.bill, span, row.start_ms)
        pair = unlike(told[start_ms], samples, closed, world) if closed.terms.tariff else None
        if pair is not None:
            yield f"rates of the adjustment of {iso(start_ms)}", *pair
