"""Days, months, billing days and intervals of the wall clock: the one module with a zone.

Instants are epoch milliseconds UTC. A day starts at the first instant whose local date is
that day, also where midnight does not exist or comes twice. Spans are half-open.
Source: reference/billing.md section 4; IANA time zones.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000


class Calendar:
    """The calendar of one site."""

    def __init__(self, zone: str) -> None:
        """zone: an IANA name. Raises KeyError (ZoneInfoNotFoundError) for an unknown one."""
        self.zone = zone
        self._tz = ZoneInfo(zone)
        self._starts = lru_cache(maxsize=4096)(self._first_instant)
        self._today = (0, 0)

    def _first_instant(self, day: date) -> int:
        """Epoch ms of the first instant of the local day."""
        naive = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time
        low = _epoch_ms(naive) - 2 * DAY_MS
        high = _epoch_ms(naive) + 2 * DAY_MS
        guess = _epoch_ms(naive.replace(tzinfo=self._tz, fold=0).astimezone(UTC))
        if self._date(guess) >= day > self._date(guess - 1):
            return guess
        while high - low > 1:
            middle = (low + high) // 2
            if self._date(middle) >= day:
                high = middle
            else:
                low = middle
        return high

    def _date(self, at_ms: int) -> date:
        return self.local(at_ms).date()

    def local(self, at_ms: int) -> datetime:
        """The instant as an aware local datetime (milliseconds kept)."""
        whole = datetime.fromtimestamp(at_ms // 1000, self._tz)
        return whole.replace(microsecond=at_ms % 1000 * 1000)  # keeps the fold, as + would not

    def instant(self, wall: datetime) -> int:
        """Epoch ms of the first instant at which local clocks show `wall` (naive).

        Of a time that occurs twice it is the first; of one that is skipped, the first
        instant after the gap.
        """
        late = _epoch_ms(wall.replace(tzinfo=self._tz, fold=0).astimezone(UTC))
        if self._wall(late) == wall:
            return late
        early = _epoch_ms(wall.replace(tzinfo=self._tz, fold=1).astimezone(UTC))
        while late - early > 1:  # clocks show less than `wall` at `early`, more at `late`
            middle = (early + late) // 2
            if self._wall(middle) > wall:
                late = middle
            else:
                early = middle
        return late

    def parse(self, text: str) -> int:
        """Epoch ms of an ISO 8601 time or date; without an offset it is the site's wall clock.

        Raises ValueError for anything else.
        """
        moment = datetime.fromisoformat(text)
        return self.instant(moment) if moment.tzinfo is None else parse_iso(text)

    def _wall(self, at_ms: int) -> datetime:
        return self.local(at_ms).replace(tzinfo=None)

    def date_of(self, at_ms: int) -> date:
        """The local date of an instant."""
        return self._date(at_ms)

    def day_start(self, day: date) -> int:
        """First instant of the local day."""
        return self._starts(day)

    def day(self, at_ms: int) -> tuple[int, int]:
        """[start, end) of the local day that holds the instant."""
        day = self._date(at_ms)
        start = self._starts(day)
        end = self._starts(day + timedelta(days=1))
        while end <= at_ms:  # clocks went back past midnight (St. John's, 2009-11-01)
            day += timedelta(days=1)
            start, end = end, self._starts(day + timedelta(days=1))
        return start, end

    def same_day(self, start_ms: int, end_ms: int) -> bool:
        """Whether [start_ms, end_ms) lies in one local day; cheap for the day last asked."""
        first, last = self._today
        if not first <= start_ms < last:
            first, last = self._today = self.day(start_ms)
        return end_ms <= last

    def month(self, at_ms: int) -> tuple[int, int]:
        """[start, end) of the local calendar month that holds the instant."""
        return self.billing_period(at_ms, 1)

    def year(self, at_ms: int) -> tuple[int, int]:
        """[start, end) of the local calendar year that holds the instant."""
        year = self._date(at_ms).year
        return self._starts(date(year, 1, 1)), self._starts(date(year + 1, 1, 1))

    def billing_period(self, at_ms: int, billing_day: int) -> tuple[int, int]:
        """[start, end) of the period that holds the instant.

        billing_day: 1..31; 29..31 clamp to the month's last day and come back (seed 003).
        """
        today = self._date(at_ms)
        months = [_month_after(today.year, today.month, n) for n in (-1, 0, 1, 2)]
        starts = [self._starts(_clamped(year, month, billing_day)) for year, month in months]
        index = bisect_right(starts, at_ms) - 1
        return starts[index], starts[index + 1]

    def interval(self, at_ms: int, length_ms: int) -> tuple[int, int]:
        """[start, end) of the interval of the wall clock that holds the instant.

        Intervals count from the start of the local day and keep their length in elapsed
        time; the last one of a day ends with the day.
        """
        start, end = self.day(at_ms)
        first = start + (at_ms - start) // length_ms * length_ms
        return first, min(first + length_ms, end)


def _epoch_ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1000


def _month_after(year: int, month: int, count: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + count
    return index // 12, index % 12 + 1


def _clamped(year: int, month: int, day: int) -> date:
    following = _month_after(year, month, 1)
    last = (date(*following, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))


def iso(at_ms: int) -> str:
    """An instant as ISO 8601 in UTC, with milliseconds only when there are some."""
    second, ms = divmod(at_ms, 1000)
    return f"{_written(second)}.{ms:03d}Z" if ms else f"{_written(second)}Z"


@lru_cache(maxsize=1024)  # the readings of one poll share their second, intervals their edges
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def parse_iso(text: str) -> int:
    """Epoch ms of an ISO 8601 instant with an offset; fractions below 1 ms are cut.

    Raises ValueError for anything else, a time without an offset included.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it as 2026-01-31T12:00:00Z")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
