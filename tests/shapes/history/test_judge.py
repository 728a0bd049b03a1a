"""History against the books: where the meter's own begins, and what came before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.billing.site import FIVE, HOUR, JANUARY, KWH

from meterd.events import Interval
from meterd.metering.interval import TrackState
from meterd.metering.meter_state import MeterState
from meterd.orders import HISTORY_IMPORTED
from meterd.shapes.history.judge import History, NotCountedError, counted, judged, ordered
from meterd.shapes.history.rows import HistoryRow, Refused
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec

MAIN = MeterSpec("main", registers=(RegisterSpec("energy_import"),))
SITE = SiteSpec("hq", "Europe/Berlin", meters=(MAIN,))
NOW = JANUARY + 10 * HOUR + 1


def row(hour: int, line: int = 1) -> HistoryRow:
    start_ms = JANUARY + hour * HOUR
    return HistoryRow(line, start_ms, start_ms + HOUR, KWH)


def there(hour: int, event: str = HISTORY_IMPORTED, method: str = "measured") -> Interval:
    one = row(hour)
    return Interval("main", "energy_import", method, "", one.start_ms, one.end_ms, KWH, event=event)


class Books:
    """A store with some rows, whose meter began to count at `own`."""

    def __init__(self, *rows: Interval, own: int | None = None, track: int = 0) -> None:
        self.rows = rows
        self.own = own
        self.track = track

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        after = page.start_ms if page.after is None else page.after.start_ms + 1
        return [one for one in self.rows if after <= one.start_ms < page.end_ms][:2]

    def first_own(self, meter: str, quantity: str) -> int | None:
        return self.own

    def state(self, kind: str, key: str) -> bytes | None:
        if not self.track:
            return msgspec.msgpack.encode(MeterState()) if self.rows else None
        track = TrackState(start_ms=self.track, end_ms=self.track + FIVE)
        return msgspec.msgpack.encode(MeterState(tracks={"energy_import/measured/": track}))


def taken(books: Books, *rows: HistoryRow | Refused) -> list[int]:
    plan = judged(books, SITE, History(MAIN, MAIN.registers[0], rows, "old.csv"), NOW)
    return [(one.start_ms - JANUARY) // HOUR for one in plan.taken]


def test_before_its_first_reading_all_that_is_over_is_history() -> None:
    assert taken(Books(), row(8), row(9), row(10)) == [8, 9]
    assert taken(Books(), Refused(1, "x")) == []


@pytest.mark.parametrize(
    "books", [Books(own=JANUARY + 5 * HOUR), Books(track=JANUARY + 5 * HOUR)], ids=["own", "open"]
)
def test_from_the_interval_of_its_first_reading_on_the_meter_counts_itself(books: Books) -> None:
    assert taken(books, row(3), row(4), row(5), row(6)) == [3, 4]


def test_what_was_imported_before_is_looked_through_page_by_page() -> None:
    books = Books(there(1), there(2), there(3), there(4, method="integrated"), there(5, "rollover"))
    assert taken(books, *(row(hour) for hour in range(1, 6))) == [4, 5]


def test_history_is_of_a_counter() -> None:
    assert counted(MAIN, "energy_import") is MAIN.registers[0]
    with pytest.raises(NotCountedError, match="volume is no counter of main; it has energy_import"):
        counted(MAIN, "volume")
    with pytest.raises(NotCountedError, match="it has none"):
        counted(MeterSpec("bare"), "volume")
    with pytest.raises(NotCountedError, match="is virtual"):
        counted(MeterSpec("sum", expressions={"active_power": "1"}), "energy_import")


def test_the_order_tells_the_whole_amount() -> None:
    order = ordered(History(MAIN, MAIN.registers[0], (), "old.csv"), [row(1), row(2)], NOW, "anna")
    assert (order.amount, order.unit, order.actor, order.source) == ("2", "kWh", "anna", "old.csv")
    assert order.rows[0] == (*row(1)[1:4], True)
