"""What a meter costs by its tariff, month by month."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.site import (
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    MARCH,
    span,
    spec,
    used,
    world,
)
from tests.billing.tariffs.written import demand_rate, hours, rate, tariff

from meterd.billing.account import (
    ACCOUNT,
    MONTHS_KEPT,
    AccountState,
    Costs,
    MeterAccount,
    accounts,
)
from meterd.events import Interval
from meterd.specs import BillSpec
from meterd.tariff import Amount, PriceSeries, Tax

OFFICE = tariff(rate("0.30"), fixed=(Amount(Decimal(31)),))
TERMS = spec(tariff=(OFFICE,), grace_ms=366 * DAY)


def told(account: MeterAccount, *rows: Interval) -> MeterAccount:
    for row in rows:
        account.take(row, row.end_ms, [])
        account.advance(row.end_ms, [])
    return account


def restarted(account: MeterAccount, terms: BillSpec = TERMS) -> MeterAccount:
    body = msgspec.msgpack.encode(account.state)
    states = {(ACCOUNT, terms.name): body, ("bill", "other"): b""}
    (found,) = accounts({terms.name: terms} if terms.tariff else {}, world(), states)
    return found


def costs(month: str | None, last: str | None, year: str | None) -> Costs:
    return Costs(*(None if cost is None else Decimal(cost) for cost in (month, last, year)))


def test_a_month_that_runs_owes_what_is_fixed_as_far_as_it_is_sampled() -> None:
    account = told(MeterAccount(TERMS, world()), used(JANUARY + 10 * DAY - FIVE, 10 * KWH))
    assert account.costs(JANUARY + 10 * DAY, "EUR") == costs("13.00", None, "13.00")
    assert account.costs(JANUARY + 11 * DAY, "EUR") == costs("13.00", None, "13.00")


def test_a_month_that_is_over_owes_all_of_it_and_a_year_is_its_months() -> None:
    rows = used(JANUARY, 10 * KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 20 * KWH)
    account = told(MeterAccount(TERMS, world()), *rows, used(FEBRUARY + 14 * DAY - FIVE, 0))
    assert account.costs(FEBRUARY + 14 * DAY, "EUR") == costs("21.50", "34.00", "55.50")
    again = restarted(account)
    assert again.costs(FEBRUARY + 14 * DAY, "EUR") == costs("21.50", "34.00", "55.50")
    told(again, used(MARCH - FIVE, 0), used(MARCH, 0))
    assert again.costs(MARCH + HOUR, "EUR") == costs("0.00", "37.00", "71.00")


def test_a_silent_month_is_over_all_the_same_and_waits_for_what_was_used_in_it() -> None:
    account = told(MeterAccount(TERMS, world()), used(JANUARY, 10 * KWH))
    assert account.due_ms() == FEBRUARY
    account.advance(FEBRUARY, [])
    assert account.costs(FEBRUARY + DAY, "EUR") == costs("0", "34.00", "34.00")
    told(account, used(FEBRUARY - FIVE, 100 * KWH), used(FEBRUARY, 0))
    assert account.costs(FEBRUARY + DAY, "EUR")[1] == Decimal("64.00")


def test_what_has_no_price_has_no_cost_and_no_year_either() -> None:
    series = tariff(series="gone")
    account = told(MeterAccount(spec(tariff=(series,)), world()), used(JANUARY, KWH))
    assert account.costs(JANUARY + DAY, "EUR") == costs(None, None, None)
    told(account, used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0))
    assert account.state.months == {JANUARY: None}
    assert account.costs(FEBRUARY + DAY, "EUR") == costs("0", None, None)


def test_a_meter_that_lost_its_tariff_keeps_what_it_cost_by_it() -> None:
    account = told(MeterAccount(TERMS, world()), used(FEBRUARY - FIVE, 10 * KWH), used(FEBRUARY, 0))
    ended = restarted(account, msgspec.structs.replace(TERMS, tariff=()))
    assert ended.wants() == ()
    assert ended.costs(FEBRUARY + DAY, "EUR")[1] == Decimal("34.00")
    assert accounts({}, world(), {(ACCOUNT, "new"): msgspec.msgpack.encode(AccountState())}) == []


def test_what_was_paid_in_another_currency_is_in_no_sum() -> None:
    rows = used(JANUARY, 10 * KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 20 * KWH)
    account = told(MeterAccount(TERMS, world()), *rows)
    assert account.costs(FEBRUARY + DAY, "USD") == costs(None, None, "0")
    dollars = msgspec.structs.replace(OFFICE, currency="USD")
    changed = restarted(account, msgspec.structs.replace(TERMS, tariff=(dollars,)))
    told(changed, used(MARCH - FIVE, 0), used(MARCH, 10 * KWH))
    assert changed.costs(MARCH + DAY, "USD") == costs("3.00", None, "3.00")


def test_few_months_are_remembered_and_what_is_later_still_is_this_months() -> None:
    account = MeterAccount(TERMS, world())
    account.state.months = dict.fromkeys(range(MONTHS_KEPT), ("EUR", "1"))
    account.take(used(FEBRUARY - FIVE, 0), FEBRUARY, [])
    account.take(used(FEBRUARY, 0), FEBRUARY + FIVE, [])
    account.take(used(JANUARY, KWH), FEBRUARY + FIVE, [])
    account.unbilled("m", JANUARY, KWH)
    account.advance(FEBRUARY + FIVE, [])
    assert list(account.state.months) == [*range(1, MONTHS_KEPT), JANUARY]
    late = MeterAccount(msgspec.structs.replace(TERMS, grace_ms=0), world())
    told(late, used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0), used(JANUARY, KWH))
    assert late.costs(FEBRUARY + FIVE, "EUR") == costs("0.30", "31.00", "31.30")  # an adjustment


ROWS = st.lists(
    st.tuples(st.integers(0, 59 * 288 - 1), st.integers(0, 9 * KWH)), unique_by=lambda row: row[0]
)


@pytest.mark.law
@given(ROWS, st.integers(0, 60))
def test_killed_anywhere_it_costs_the_same(rows: list[tuple[int, int]], place: int) -> None:
    intervals = [used(JANUARY + n * FIVE, amount) for n, amount in sorted(rows)]
    whole = told(MeterAccount(TERMS, world()), *intervals)
    killed = told(MeterAccount(TERMS, world()), *intervals[:place])
    killed = told(restarted(killed), *intervals[place:])
    for now_ms in (JANUARY + DAY, FEBRUARY + DAY, MARCH + DAY):
        whole.advance(now_ms, [])
        killed.advance(now_ms, [])
        assert killed.costs(now_ms, "EUR") == whole.costs(now_ms, "EUR")
    energy = sum(period.energy_j() for period in whole._bill.running())
    energy += sum(kept.energy_j for kept in whole.state.bill.closed)
    assert energy == sum(amount for _n, amount in rows)


TIERED = tariff(
    rate("0.50"), rate("12 0.30", "0.10"), fixed=(Amount(Decimal(31)),),
    schedule=hours({"hours": "8-20"}, None), demand=(demand_rate("7"),),
    taxes=(Tax("VAT", Decimal(10)),),
)  # fmt: skip
DAILY = tariff(series="spot")


def test_a_day_costs_what_its_energy_adds_in_its_hours_its_tier_and_its_taxes() -> None:
    account = MeterAccount(spec(tariff=(TIERED,)), world())
    assert account.today(JANUARY, "EUR") is None
    told(account, used(JANUARY + HOUR, 10 * KWH))
    assert account.today(JANUARY + 2 * HOUR, "EUR") == Decimal("3.30")
    noon, night = JANUARY + DAY + 12 * HOUR, JANUARY + DAY + 22 * HOUR
    told(account, *span(noon, noon + HOUR, KWH), used(night, 8 * KWH))
    # Of 30 kWh, 12 in the first tier: the night's 18 kWh have 7.2 there and 10.8 in the next.
    added = 12 * Decimal("0.50") + (Decimal("2.16") + Decimal("1.08") - 3)
    assert account.today(night + HOUR, "EUR") == added + Decimal("0.62")
    assert account.today(night + HOUR + FIVE, "EUR") == added + Decimal("0.62")
    assert account.today(night + HOUR, "USD") is None
    assert account.today(night + DAY, "EUR") == 0


@pytest.mark.parametrize(("begins", "cost"), [(0, "0.50"), (-HOUR, None)])
def test_a_price_that_holds_across_midnight_leaves_the_days_cost_unknown(
    begins: int, cost: str | None
) -> None:
    edge = JANUARY + DAY + begins
    series = PriceSeries((JANUARY, edge), (Decimal("0.30"), Decimal("0.50")), JANUARY + 2 * DAY)
    priced = msgspec.structs.replace(world(), prices={"spot": series})
    account = MeterAccount(spec(tariff=(DAILY,)), priced)
    told(account, used(JANUARY, 5 * KWH), used(JANUARY + DAY, KWH))
    found = account.today(JANUARY + DAY + HOUR, "EUR")
    assert found == (None if cost is None else Decimal(cost))
