"""Price series: what a file says, and what no file can mean."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meterd.config.price_series import SeriesError, parse_series
from meterd.metering.calendar import parse_iso

HOUR = 3_600_000
START = parse_iso("2026-01-01T00:00:00+01:00")


def test_prices_rise_in_time_and_may_be_negative() -> None:
    text = "time, rate\r\n2026-01-01T00:00:00+01:00, 0.0893\r\n\r\n2025-12-31T23:15:00Z,-0.0021\r\n"
    series = parse_series(text)
    assert series.times_ms == (START, START + HOUR // 4)
    assert series.rates == (Decimal("0.0893"), Decimal("-0.0021"))
    assert series.end_ms == START + HOUR // 2


def test_the_last_price_holds_as_long_as_the_one_before_it() -> None:
    row = "note,time,rate\nx,2025-12-31T23:00:00Z,1\n"
    assert parse_series(row).end_ms == START + HOUR
    assert parse_series(row, 60_000).end_ms == START + 60_000
    assert parse_series(row, 60_000).step_ms == 60_000


BAD = {
    "": "line 1: the columns time and rate are needed",
    "time,price\n": "line 1: the columns time and rate are needed",
    "time,rate\n": "it has no prices",
    "time,rate\n2026-01-01T00:00:00,1\n": "line 2: '2026-01-01T00:00:00' is no time with an offset",
    "time,rate\n2026-01-01T00:00:00Z,cheap\n": "line 2: 'cheap' is no price",
    "time,rate\n2026-01-01T00:00:00Z\n": "line 2: '' is no price",
    "time,rate\n2026-01-01T00:00:00Z,NaN\n": "line 2: 'NaN' is no price",
    "time,rate\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:00Z,2\n": (
        "line 3: 2026-01-01T00:00:00Z is not later than the line before"
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_a_file_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(SeriesError) as told:
        parse_series(text)
    assert str(told.value) == BAD[text]
