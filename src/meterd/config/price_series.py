"""A series of prices: a CSV file with the columns `time` and `rate`.

time,rate
2026-01-01T00:00:00+01:00,0.0893
2026-01-01T01:00:00+01:00,-0.0021

Times are ISO 8601 with an offset, rising. A price holds until the next; the last for as long
as the one before it did, one that stands alone for an hour. Negative prices are real.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from meterd.metering.calendar import parse_iso
from meterd.tariff import PriceSeries
from meterd.units import parse_decimal

_HOUR_MS: Final = 3_600_000


class SeriesError(ValueError):
    """A series that cannot be read. Its message names the line."""


def parse_series(text: str, step_ms: int = 0) -> PriceSeries:
    """The series. step_ms: no price holds longer. Raises SeriesError."""
    times: list[int] = []
    rates: list[Decimal] = []
    for line, time, rate in _rows(text):
        try:
            at_ms = parse_iso(time.strip())
        except ValueError:
            raise SeriesError(f"line {line}: {time!r} is no time with an offset") from None
        number = parse_decimal(rate.strip())
        if number is None:
            raise SeriesError(f"line {line}: {rate!r} is no price")
        if times and at_ms <= times[-1]:
            raise SeriesError(f"line {line}: {time} is not later than the line before")
        times.append(at_ms)
        rates.append(number)
    if not times:
        raise SeriesError("it has no prices")
    last_ms = times[-1] - times[-2] if len(times) > 1 else step_ms or _HOUR_MS
    return PriceSeries(tuple(times), tuple(rates), times[-1] + last_ms, step_ms)


def _rows(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, time, rate) of every line that is not empty."""
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    columns = [name.strip() for name in reader.fieldnames or ()]
    if not {"time", "rate"} <= set(columns):
        raise SeriesError("line 1: the columns time and rate are needed")
    reader.fieldnames = columns
    for row in reader:
        yield reader.line_num, row["time"] or "", row["rate"] or ""
