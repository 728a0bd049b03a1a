"""What cuts a record when it changes, and what its usage costs now, by expressions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from meterd.events import Booking, Event, Reading, RecordRow
from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.present import Present
from meterd.records.recorder import Recorder
from meterd.records.recorders import Recorders
from meterd.records.ulid import ulid
from meterd.specs import MeterSpec, RecordSpec, RegisterSpec, Term

LITRE = 1_000
PRESS = MeterSpec("press", units={"batch": "", "price": "", "share": ""})
VOLUME = RegisterSpec("volume", unit="m3")
WATER = RecordSpec("Water", "water", "volume", usage_unit="m3", cost_per_unit=Decimal(2))


class Line:
    """A press that tells what it makes, water whose records follow it, minute by minute."""

    def __init__(self, spec: RecordSpec) -> None:
        made = iter(range(1000))
        self.journal = Journal(lambda at_ms: ulid(at_ms, next(made)))
        calendar, water = Calendar("UTC"), MeterSpec("water", registers=(VOLUME,))
        self.meters = {
            one.name: Meter(one, calendar, 300_000, MeterState()) for one in (PRESS, water)
        }
        self.recorder = Recorder(spec, calendar)
        by_name, present = {spec.name: self.recorder}, Present(self.meters)
        self.recorders = Recorders(by_name, self.journal, lambda _: None, present)
        self.minute = 0

    def tell(self, **gauges: float) -> None:
        """The press is read."""
        reading = Reading("press", self.minute * 60_000 + 1, {}, gauges)
        self.meters["press"].feed(reading, Journal(str))
        self.recorders.look("press", reading.at_ms)

    def use(self, litres: int) -> None:
        """A minute passes, in which so much was used."""
        start_ms, self.minute = self.minute * 60_000, self.minute + 1
        end_ms = self.minute * 60_000
        booking = Booking("water", "volume", start_ms, end_ms, litres * LITRE)
        self.recorders.book("water", [booking])

    def records(self) -> list[tuple[int, float, str]]:
        """(litres, cost, why it was cut) of every record."""
        last = {row.id: row for row in self.journal.outputs if isinstance(row, RecordRow)}
        now = self.recorder.row()
        assert now is not None
        rows = [row for row in last.values() if row.id != now.id] + [now]
        return [
            (round(row.usage / LITRE), round(float(row.cost or 0), 2), row.cut_by) for row in rows
        ]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.journal.outputs if isinstance(event, Event)]


def line(**changes: Any) -> Line:
    """Water that costs 2 a unit, unless an expression says so; its baseline is read."""
    if "cost_expression" in changes:
        changes["cost_per_unit"] = None
    one = Line(msgspec.structs.replace(WATER, **changes))
    one.use(0)
    return one


def test_a_value_that_changes_cuts_and_one_that_stays_does_not() -> None:
    one = line(on_change="press.batch")
    one.tell(batch=7.0)
    one.use(1000)
    one.tell(batch=7.0)
    one.tell()
    one.use(500)
    one.tell(batch=8.0)
    one.use(250)
    assert one.records() == [(1500, 3.0, "change"), (250, 0.5, "")]


def test_each_delta_costs_what_it_costs_in_its_own_cycle() -> None:
    one = line(cost_expression="press.price")
    one.use(1000)
    one.tell(price=2.0)
    one.use(1000)
    one.tell(price=3.0)
    one.use(1000)
    one.tell()
    one.use(1000)
    assert one.records() == [(4000, 2 + 2 + 3 + 3, "")]


def test_the_cost_of_a_sum_is_that_of_its_deltas() -> None:
    one = line(cost_expression="press.price", terms=(Term(Fraction(1), "water", "volume"),))
    one.tell(price=2.0)
    one.use(1000)
    assert one.records() == [(1000, 2.0, "")]


def test_why_there_is_no_rate_is_told_once_each_time() -> None:
    one = line(cost_expression="press.price / press.share")
    for share in (0.0, 0.0, 0.5, 0.0):
        one.tell(price=1.0, share=share)
        one.use(1000)
    assert one.kinds().count("divided_by_zero") == 2
    assert one.records() == [(4000, 8.0, "")]
