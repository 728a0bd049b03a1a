"""History of another system through the pipeline: rows, an event, consumption; no law, no bill."""

from __future__ import annotations

import pytest

from meterd.events import Event, Interval, Reading
from meterd.metering.calendar import parse_iso
from meterd.orders import HISTORY_IMPORTED, HistoryOrdered
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec

HOUR = 3_600_000
KWH = 3_600_000
BEGAN = parse_iso("2026-03-10T12:00:00Z")
SITE = SiteSpec(
    "hq",
    "UTC",
    meters=(MeterSpec("main", registers=(RegisterSpec("energy_import"), RegisterSpec("volume"))),),
    bills=(BillSpec("tenant", sources=(SourceSpec("main"),)),),
)


def site() -> Pipeline:
    """Main, read for two hours; it has counted 2 kWh itself."""
    pipeline = Pipeline(SITE, {})
    for hour in range(3):
        amounts = {"energy_import": (500 + hour) * KWH}
        pipeline.feed(Reading("main", BEGAN + hour * HOUR, amounts, {}))
    pipeline.take()
    return pipeline


def history(*rows: tuple[str, int], quantity: str = "energy_import") -> HistoryOrdered:
    spans = [(parse_iso(f"{day}T00:00:00Z"), kwh * KWH) for day, kwh in rows]
    return HistoryOrdered(
        "main", BEGAN + 2 * HOUR, "anna", quantity,
        tuple((at, at + 24 * HOUR, amount, True) for at, amount in spans), "old.csv", "9", "kWh",
    )  # fmt: skip


def test_rows_and_one_event_come_of_it() -> None:
    pipeline = site()
    order = history(("2026-03-08", 4), ("2026-03-09", 5))
    outputs = pipeline.answer(order)
    (told,) = (one for one in outputs if isinstance(one, Event))
    assert (told.kind, told.quantity) == (HISTORY_IMPORTED, "energy_import")
    assert told.numbers == {
        "actor": "anna", "source": "old.csv", "intervals": 2, "amount": "9", "unit": "kWh",
        "start": "2026-03-08T00:00:00Z", "end": "2026-03-10T00:00:00Z",
    }  # fmt: skip
    rows = [one for one in outputs if isinstance(one, Interval)]
    assert [(row.amount, row.quality, row.event) for row in rows] == [
        (4 * KWH, "good", HISTORY_IMPORTED), (5 * KWH, "good", HISTORY_IMPORTED),
    ]  # fmt: skip


def test_what_is_in_doubt_stays_so() -> None:
    order = history(("2026-03-09", 5))
    (at, end, amount, _good) = order.rows[0]
    doubtful = HistoryOrdered(
        "main", order.at_ms, "anna", "energy_import", ((at, end, amount, False),), "x", "5", "kWh"
    )
    (row,) = (one for one in site().answer(doubtful) if isinstance(one, Interval))
    assert (row.questionable, row.quality) == (amount, "questionable")


def test_consumption_knows_it_and_the_register_and_the_bills_do_not() -> None:
    pipeline = site()
    before = pipeline.bill_view("tenant").body["periods"]
    pipeline.feed(history(("2025-06-01", 7), ("2026-02-10", 3), ("2026-03-09", 5)))
    fields = pipeline.meter_view("main").fields
    assert {name: value for name, value in fields.items() if name.startswith("kwh")} == {
        "kwhToday": 2, "kwhYesterday": 5, "kwhThisMonth": 7, "kwhLastMonth": 3,
        "kwhThisYear": 10, "kwhLastYear": 7, "kwhLifetime": 502,
    }  # fmt: skip
    assert pipeline.bill_view("tenant").body["periods"] == before
    assert pipeline.meters["main"].state.registers["energy_import"].booked == 2 * KWH


def test_what_is_older_than_the_spans_or_of_another_counter_is_in_none() -> None:
    pipeline = site()
    pipeline.feed(history(("2020-06-01", 7)))
    pipeline.feed(history(("2026-03-09", 5), quantity="volume"))
    fields = pipeline.meter_view("main").fields
    assert (fields["kwhThisYear"], fields["kwhLastYear"]) == (2, None)


def test_the_state_is_saved_with_it() -> None:
    pipeline = site()
    pipeline.feed(history(("2026-03-09", 5)))
    _outputs, snapshot = pipeline.take()
    assert ("meter", "main") in {(saved.kind, saved.key) for saved in snapshot.saved}
    assert pipeline.meter_view("main").fields["averageDemandKw"] == pytest.approx(7 / 26)
