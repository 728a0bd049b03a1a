"""All the recorders of a site: whom it concerns, and who is told to be written down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from meterd.events import Booking, Event, RecordRow
from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal
from meterd.metering.present import Present
from meterd.orders import RecordEdit, RecordOrdered
from meterd.records.recorder import PART_MAX, Recorder
from meterd.records.recorders import Recorders
from meterd.records.ulid import ulid
from meterd.specs import STALE_MS, RecordSpec

SPECS = (
    RecordSpec("Line 1", "main", "energy_import", max_duration_ms=60_000, max_flush_ms=5_000),
    RecordSpec("Line 2", "main", "energy_export"),
    RecordSpec("Water", "water", "volume"),
)


class Site:
    """Three configurations, two of one meter."""

    def __init__(self, specs: Sequence[RecordSpec] = SPECS) -> None:
        made = count()
        self.journal = Journal(lambda at_ms: ulid(at_ms, next(made)))
        self.touched: list[str] = []
        by_name = {spec.name: Recorder(spec, Calendar("UTC")) for spec in specs}
        self.recorders = Recorders(by_name, self.journal, self.touch, Present({}))

    def touch(self, recorder: Recorder) -> None:
        self.touched.append(recorder.spec.name)

    def took(self) -> list[str]:
        """Who was touched since it was last asked."""
        taken, self.touched = self.touched, []
        return taken

    def book(self, end_ms: int, meter: str = "main", quantity: str = "energy_import") -> None:
        self.recorders.book(meter, [Booking(meter, quantity, end_ms - 1000, end_ms, 10)])

    def statuses(self) -> list[str]:
        rows = (recorder.row() for recorder in self.recorders.by_name.values())
        return ["-" if row is None else row.status for row in rows]


def begun() -> Site:
    site = Site()
    site.recorders.begin(1_000)
    site.book(2_000)
    site.took()
    return site


def test_all_begin_once() -> None:
    site = Site()
    site.recorders.begin(1_000)
    assert site.took() == ["Line 1", "Line 2", "Water"]
    assert site.statuses() == ["IDLE"] * 3
    site.recorders.begin(2_000)
    assert site.took() == []


def test_a_booking_concerns_who_follows_its_counter() -> None:
    site = begun()
    site.book(3_000)
    assert site.took() == ["Line 1"]
    site.book(3_000, quantity="energy_export")
    assert site.took() == ["Line 2"]
    site.book(3_000, meter="nobody's")
    site.book(3_000, quantity="reactive_energy_import")
    assert site.took() == []
    assert site.statuses() == ["RUNNING", "RUNNING", "IDLE"]


def test_a_fault_concerns_who_follows_the_register_that_has_it() -> None:
    site = begun()
    site.book(3_000, quantity="energy_export")
    site.recorders.check("main", {"energy_export"}, 4_000)
    assert site.statuses() == ["RUNNING", "FAULTED", "IDLE"]
    site.recorders.check("main", set(), 5_000)
    assert site.statuses() == ["RUNNING", "RUNNING", "IDLE"]
    site.took()
    site.recorders.check("nobody's", set(), 5_000)
    assert site.took() == []


def test_an_order_concerns_whom_it_names() -> None:
    site = begun()
    site.recorders.obey(RecordOrdered("Line 1", 2_000, "ann", "pause"))
    assert site.took() == ["Line 1"]
    assert site.statuses() == ["PAUSED", "IDLE", "IDLE"]
    site.recorders.obey(RecordOrdered("Water", 2_000, "ann", "pause"))
    (event,) = [item for item in site.journal.outputs if isinstance(item, Event)][-1:]
    assert (event.kind, event.numbers["record"]) == ("record_order_refused", "Water")


def test_an_edit_concerns_the_open_record_of_that_id() -> None:
    site = begun()
    row = site.recorders.by_name["Line 1"].row()
    assert row is not None
    site.recorders.edited(RecordEdit(row.id, {"notes": "x"}, 9_000, "ann"))
    assert site.took() == ["Line 1"]
    site.recorders.edited(RecordEdit("another", {"notes": "x"}, 9_000, "ann"))
    site.recorders.edited(RecordEdit("", {"notes": "x"}, 9_000, "ann"))
    assert site.took() == []
    again = site.recorders.by_name["Line 1"].row()
    assert again is not None
    assert (again.modified_ms, again.modified_by) == (9_000, "ann")


def test_time_concerns_who_has_something_due() -> None:
    site = begun()
    due_ms = site.recorders.by_name["Line 1"].due_ms()
    site.recorders.advance(due_ms - 1)
    assert site.took() == []
    site.recorders.advance(due_ms)
    assert site.took() == ["Line 1"]
    rows = [item for item in site.journal.outputs if isinstance(item, RecordRow)]
    assert [row.status for row in rows[-2:]] == ["COMPLETED", "RUNNING"]


def test_only_rows_that_would_be_too_old_are_written_again() -> None:
    site = begun()
    site.book(2_000, quantity="energy_export")
    site.took()
    site.recorders.flush(6_999)
    assert site.took() == []
    site.recorders.flush(7_000)
    assert site.took() == ["Line 1"]


def test_after_a_long_silence_no_turn_carries_out_more_than_one_part_of_each() -> None:
    minute = 60_000
    names = ("Line 1", "Line 2")
    site = Site(
        [RecordSpec(name, "main", "energy_import", max_duration_ms=minute) for name in names]
    )
    site.recorders.begin(1_000)
    site.book(2_000)
    site.took()
    due_ms = 2_000 + (PART_MAX + 1) * minute + STALE_MS
    turns = []
    while any(recorder.due_ms() <= due_ms for recorder in site.recorders.by_name.values()):
        site.recorders.advance(due_ms)
        turns.append(site.took())
    assert turns == [["Line 1"], ["Line 1", "Line 2"], ["Line 2"]]
