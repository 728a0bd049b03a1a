"""What was used today, this month and this year, before, and what it cost."""

from decimal import Decimal

import msgspec
import pytest

from meterd.events import Interval
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.consumption import Consumption, ConsumptionState

KWH = 3_600_000
HOUR = 3_600_000
BERLIN = Calendar("Europe/Berlin")


def used(start: str, kwh: int, *, hours: int = 1, missing_ms: int = 0) -> Interval:
    start_ms = parse_iso(start)
    return Interval(
        "m", "energy_import", "measured", "", start_ms, start_ms + hours * HOUR, kwh * KWH,
        missing_ms=missing_ms,
    )  # fmt: skip


def lived(*intervals: Interval, rate: str | None = None) -> Consumption:
    meter = Consumption(ConsumptionState(), BERLIN, Decimal(rate) if rate else None)
    for interval in intervals:
        meter.close(interval)
    return meter


def table(meter: Consumption) -> dict[str, tuple[int, int | None]]:
    """span -> (kWh in it so far, kWh in the one before)."""
    closed = meter.state.closed
    return {
        name: ((closed - span.base) // KWH, None if span.last is None else span.last // KWH)
        for name, span in meter.state.spans.items()
    }


def test_nothing_was_used_before_the_first_interval() -> None:
    meter = lived()
    assert meter.state.spans == {}
    assert table(lived(used("2026-01-10T10:00:00Z", 3))) == dict.fromkeys(
        ("day", "month", "year"), (3, None)
    )


def test_days_months_and_years_turn_at_the_sites_midnight() -> None:
    meter = lived(
        used("2025-12-30T12:00:00Z", 1),
        used("2025-12-30T22:00:00Z", 2),  # ends with the day in Berlin
        used("2025-12-31T12:00:00Z", 4),
    )
    assert table(meter) == {"day": (4, 3), "month": (7, None), "year": (7, None)}
    meter.close(used("2025-12-31T22:00:00Z", 8))
    assert table(meter) == {"day": (0, 12), "month": (0, 15), "year": (0, 15)}
    meter.close(used("2025-12-31T23:00:00Z", 16))
    assert table(meter) == {"day": (16, 12), "month": (16, 15), "year": (16, 15)}


def test_one_day_follows_another() -> None:
    meter = lived(*(used(f"2026-01-{day}T12:00:00Z", day) for day in (10, 11, 12)))
    assert table(meter) == {"day": (12, 11), "month": (33, None), "year": (33, None)}


def test_what_follows_a_clock_set_ahead_belongs_to_the_day_it_was_used_in() -> None:
    meter = lived(used("2026-01-10T10:00:00Z", 5), used("2026-02-03T10:00:00Z", 2))
    assert table(meter) == {"day": (2, None), "month": (2, 5), "year": (7, None)}


def test_a_day_of_23_hours_is_a_day() -> None:
    meter = lived(
        used("2026-03-28T23:00:00Z", 5, hours=22), used("2026-03-29T21:00:00Z", 1)
    )  # fmt: skip
    assert table(meter)["day"] == (0, 6)


def test_time_that_readings_cover_is_counted_for_the_mean() -> None:
    meter = lived(
        used("2026-01-31T21:00:00Z", 1),
        used("2026-01-31T22:00:00Z", 1, missing_ms=HOUR),
        used("2026-01-31T23:00:00Z", 1, missing_ms=HOUR // 4),
    )
    assert meter.state.spans["month"].covered_ms == HOUR * 3 // 4


def test_energy_costs_its_rate_and_months_are_priced_when_they_end() -> None:
    meter = lived(
        used("2026-01-31T21:00:00Z", 2), used("2026-01-31T22:00:00Z", 1),
        used("2026-01-31T23:00:00Z", 10), rate="0.25",
    )  # fmt: skip
    spans = meter.state.spans
    assert spans["month"].last_cost == Decimal("0.75")
    assert meter.cost_of(spans["month"], meter.state.closed) == Decimal("2.50")
    assert meter.cost_of(spans["year"], meter.state.closed) == Decimal("3.25")
    assert meter.cost_of(spans["month"], meter.state.closed + KWH) == Decimal("2.75")


@pytest.mark.parametrize(
    ("rate", "cost"), [("0.50", "5.50"), (None, "2.50"), ("0.25", "4.00")],
    ids=["dearer", "given up", "the same"],
)  # fmt: skip
def test_a_changed_rate_prices_what_comes_after_it(rate: str | None, cost: str) -> None:
    before = lived(used("2026-01-10T10:00:00Z", 10), rate="0.25")
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(before.state), type=ConsumptionState)
    meter = Consumption(state, BERLIN, Decimal(rate) if rate else None)
    meter.close(used("2026-01-10T11:00:00Z", 6))
    assert meter.cost_of(meter.state.spans["month"], meter.state.closed) == Decimal(cost)


@pytest.mark.parametrize(("before", "month"), [("EUR", "1.50"), ("", "4.00"), ("USD", "4.00")])
def test_nothing_is_added_to_what_was_paid_in_another_currency(before: str, month: str) -> None:
    lived_so = lived(used("2025-12-10T10:00:00Z", 4), used("2026-01-10T10:00:00Z", 10), rate="0.25")
    lived_so.state.currency = before
    meter = Consumption(lived_so.state, BERLIN, Decimal("0.25"), "USD")
    meter.close(used("2026-01-10T11:00:00Z", 6))
    spans = meter.state.spans
    assert meter.cost_of(spans["month"], meter.state.closed) == Decimal(month)
    assert meter.cost_of(spans["year"], meter.state.closed) == Decimal(month)
    assert spans["month"].last_cost == (None if before == "EUR" else Decimal(1))
    assert meter.state.currency == "USD"


def test_another_source_goes_on_where_the_old_one_was() -> None:
    meter = lived(used("2026-01-10T10:00:00Z", 10), rate="0.25")
    meter.rebase(3 * KWH)
    meter.close(used("2026-01-10T11:00:00Z", 6))
    assert meter.state.closed == 9 * KWH
    assert table(meter) == dict.fromkeys(("day", "month", "year"), (16, None))
    assert meter.cost_of(meter.state.spans["month"], meter.state.closed) == Decimal("4.00")


def test_no_rate_is_no_cost() -> None:
    meter = lived(used("2026-01-10T10:00:00Z", 10))
    assert meter.cost_of(meter.state.spans["day"], meter.state.closed) == 0


def test_it_goes_on_where_it_stopped() -> None:
    before = lived(used("2026-01-31T21:00:00Z", 2), rate="0.25")
    body = msgspec.msgpack.encode(before.state)
    after = Consumption(
        msgspec.msgpack.decode(body, type=ConsumptionState), BERLIN, Decimal("0.25")
    )
    for meter in (before, after):
        meter.close(used("2026-01-31T22:00:00Z", 1))
        meter.close(used("2026-01-31T23:00:00Z", 1))
    assert after.state == before.state
