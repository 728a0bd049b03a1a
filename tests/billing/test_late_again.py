"""The rates of adjustments, worked out again: what was forged is found.

That no honest one is, is a law of `test_proof_tariff.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.billing.closed import late_rates, wrong
from tests.billing.site import (
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    feed,
    only,
    spec,
    used,
    world,
)
from tests.billing.tariffs.written import hours, rate, tariff

from meterd.billing.bill import Bill
from meterd.billing.closing import sealed
from meterd.billing.late_again import books_of
from meterd.events import Adjusted, Output, PeriodClosed
from meterd.specs import SourceSpec
from meterd.tariff import Export, TariffSpec

TWO = hours({"hours": "8-20"}, None)
OFFICE = tariff(
    rate("0.30"), rate("0.20"), schedule=TWO, export=Export(Decimal("0.08")),
)  # fmt: skip
SPOT = tariff(series="spot")
LATE = used(JANUARY + HOUR, 2 * KWH)
PAID = msgspec.structs.replace(used(JANUARY + HOUR, KWH), quantity="energy_export")


def told(by: TariffSpec) -> list[Output]:
    """February carries a January night, and what was exported in it."""
    bill = Bill(spec(SourceSpec("m", also=("energy_export",)), tariff=(by,)), world())
    out = feed(bill, [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0)])
    bill.advance(FEBRUARY + 2 * DAY, out)
    for row in (LATE, PAID):
        out += feed(bill, [row], FEBRUARY + 3 * DAY)
    bill.advance(FEBRUARY + 40 * DAY, out)
    return out


def forged(out: list[Output], **change: Any) -> list[Output]:
    """The first adjustment with other rates; `paid`: the second, of exported energy."""
    rows = only(Adjusted, out)
    old = rows[1] if change.pop("paid", False) else rows[0]
    new = msgspec.structs.replace(old, **change)
    return [new if one is old else one for one in out]


def judged(out: list[Output]) -> tuple[Any, Any] | None:
    january, february = only(PeriodClosed, out)[:2]
    return late_rates(february, january, out)


def test_the_rates_of_an_adjustment_follow_from_its_samples() -> None:
    out = told(OFFICE)
    assert [row.rates for row in only(Adjusted, out)] == [{"0.2": 2 * KWH}, {"0.08": -KWH}]
    assert (judged(out), wrong(out)) == (None, [])
    body = sealed(only(PeriodClosed, out)[0].body)
    assert books_of(body, (JANUARY, FEBRUARY)).known.rates == {(0, 0): "0.3", (0, 1): "0.2"}
    bare = msgspec.structs.replace(body, metered=None)
    assert books_of(bare, (JANUARY, FEBRUARY)).known.rates == {}


@pytest.mark.parametrize(
    "rates", [{"0.3": 2 * KWH}, {"0.2": KWH}, {"0.2": 3 * KWH}, {}, {"0.2": 2 * KWH, "9": KWH}]
)
def test_other_rates_or_other_energy_are_found(rates: dict[str, int]) -> None:
    pair = judged(forged(told(OFFICE), rates=rates))
    assert pair == (rates | {"0.08": -KWH}, {"0.2": 2 * KWH})


def test_a_rate_that_nobody_pays_for_exported_energy_is_found() -> None:
    assert judged(forged(told(OFFICE), paid=True, rates={"0.8": -KWH})) is not None


def test_what_only_a_price_series_could_tell_is_taken_from_the_row() -> None:
    out = told(SPOT)
    assert judged(forged(out, rates={"0.5": KWH, "-0.1": KWH})) is None
    assert judged(forged(out, rates={"0.5": 3 * KWH})) is not None
