"""The demand that is billed: the peak, the ratchet, the price."""

from decimal import Decimal
from fractions import Fraction

from tests.billing.tariffs.written import (
    JANUARY,
    cost,
    demand_rate,
    hours,
    lines,
    metered,
    part,
    past,
    tariff,
    tiers,
)

from meterd.billing.tariffs.demand import (
    adjusted,
    base_kw,
    billed,
    demand,
    ratchet,
    remembered,
)
from meterd.billing.tariffs.metered import Reach
from meterd.tariff import DemandRate, Ratchet

FLAT = Ratchet((Decimal(80),) * 12, 11)
SUMMER = Ratchet(tuple(Decimal(90 if 5 <= n <= 8 else 0) for n in range(12)), 11, Decimal(300))
PRIOR = tuple(
    map(
        Decimal,
        ["300", "290", "310", "330", "350", "372", "390", "440", "365", "340", "312", "305"],
    )
)


def test_each_rate_has_its_own_line() -> None:
    both = (demand_rate("6.40", "any-time"), demand_rate("12.50", "peak"))
    assert lines(cost(tariff(demand=both), kws=["23.92", "21.92"])) == [
        ("any-time", "23.92", "6.4", "153.09"),
        ("peak", "21.92", "12.5", "274.00"),
    ]


def test_without_a_whole_window_there_is_no_line() -> None:
    assert lines(cost(tariff(demand=(demand_rate("6.40"),)), kws=[None])) == []


def test_a_rate_of_some_months_has_its_share_of_the_days() -> None:
    spec = tariff(demand=(demand_rate("10"), demand_rate("20")))
    reaches = (Reach(Fraction(5), Fraction(16, 31)), Reach(Fraction(5), Fraction(0)))
    assert lines(cost(spec, reaches=reaches)) == [("demand (16/31)", "5", "10", "25.81")]


def test_tiers_of_demand() -> None:
    spec = tariff(demand=(DemandRate("demand", tiers("20 1", "50 2", "3"), 1, 1),))
    assert lines(cost(spec, kws=["30"])) == [
        ("demand", "20", "1", "20.00"),
        ("demand", "10", "2", "20.00"),
    ]


def test_demand_of_each_day_is_added_up_and_each_has_its_tiers() -> None:
    rate = DemandRate("demand", tiers("20 1", "2"), 1, 1, daily=True)
    days = (Fraction(25), Fraction(10))
    reaches = (Reach(Fraction(25), Fraction(1, 2), days),)
    assert lines(cost(tariff(demand=(rate,)), reaches=reaches)) == [
        ("demand", "30", "1", "30.00"),
        ("demand", "5", "2", "10.00"),
    ]
    (one, two) = demand(tariff(demand=(rate,)), part(reaches=reaches), [Fraction(50)])
    assert [one.unit, one.quantity, two.quantity] == ["kW days", 40, 30]  # scaled by two
    nothing = (Reach(Fraction(0), Fraction(1), (Fraction(0),)),)
    assert lines(cost(tariff(demand=(rate,)), reaches=nothing)) == [("demand", "0", "1", "0.00")]


def test_reactive_demand_is_in_kvar_and_no_power_factor_scales_it() -> None:
    spec = tariff(demand=(demand_rate("2", quantity="kvar"), demand_rate("2")))
    assert adjusted(spec, part(kws=["8", "8"]), Fraction(2)) == [8, 16]
    (one, _) = demand(spec, part(kws=["8", "8"]), [Fraction(8), Fraction(8)])
    assert (one.unit, one.amount) == ("kvar", Fraction(16))


def test_a_ratchet_looks_back_so_many_months() -> None:
    before = (past(JANUARY - 12, demand="500"), past(JANUARY - 11, demand="100"))
    assert ratchet(FLAT, "demand", metered(past=before)) == 80
    assert ratchet(FLAT, "other", metered(past=before)) is None
    assert ratchet(FLAT, "demand", metered()) is None


def test_prior_peaks_stand_before_the_first_period() -> None:
    rule = Ratchet((Decimal(80),) * 12, 11, prior_kw=PRIOR)
    assert ratchet(rule, "demand", metered()) == Fraction("352")
    july = tuple(past(JANUARY + n, demand="1") for n in range(6))
    assert ratchet(rule, "demand", metered(month=JANUARY + 6, past=july)) == 352
    august = (*july, past(JANUARY + 6, demand="1"))
    assert ratchet(rule, "demand", metered(month=JANUARY + 7, past=august)) == 292


def test_a_prior_peak_is_that_of_its_own_month() -> None:
    last = Ratchet((Decimal(80),) * 12, 1, prior_kw=PRIOR)
    assert ratchet(last, "demand", metered()) == Fraction("244")  # December's 305
    short = Ratchet((Decimal(80),) * 12, 5, prior_kw=PRIOR)
    assert ratchet(short, "demand", metered(month=JANUARY + 1)) == 292  # August's is too old


def test_what_began_in_the_same_month_is_not_earlier() -> None:
    before = (past(JANUARY - 1, demand="100"), past(JANUARY, demand="900"))
    assert ratchet(FLAT, "demand", metered(past=before)) == 80


def test_a_demand_in_kva_says_so() -> None:
    both = tariff(demand=(demand_rate("1"), demand_rate("1", "apparent", quantity="kva")))
    peaks = [Fraction(2), Fraction(3)]
    found = demand(both, part(kws=["2", "3"]), peaks)
    assert [(charge.name, charge.unit) for charge in found] == [
        ("demand", "kW"), ("apparent", "kVA"),
    ]  # fmt: skip


def test_only_some_months_may_count_and_there_may_be_a_minimum() -> None:
    assert ratchet(SUMMER, "demand", metered(past=(past(JANUARY - 1, demand="900"),))) == 300
    assert ratchet(SUMMER, "demand", metered(past=(past(JANUARY - 5, demand="900"),))) == 810


def test_the_higher_of_both_is_billed() -> None:
    spec = tariff(demand=(demand_rate("1", ratchet=FLAT),))
    seen = metered(past=(past(JANUARY - 1, demand="100"),))
    assert billed(spec, [Fraction(90)], seen) == [90]
    assert billed(spec, [Fraction(70)], seen) == [80]
    assert billed(spec, [None], seen) == [80]
    assert billed(tariff(demand=(demand_rate("1"),)), [None], seen) == [None]


def test_tiers_per_kw_go_by_the_demand_of_any_time() -> None:
    evening = demand_rate("1", schedule=hours({"hours": "17-21"}))
    odd = (demand_rate("1", quantity="kvar"), demand_rate("1", daily=True))
    spec = tariff(demand=(evening, demand_rate("1"), demand_rate("2"), *odd))
    seen = part(kws=["9", "5", "7", "9", "9"])
    nine = [Fraction(9)] * 2
    assert base_kw(spec, seen, [Fraction(9), Fraction(5), Fraction(7), *nine]) == 7
    assert base_kw(spec, seen, [Fraction(9), None, None, *nine]) is None


def test_the_highest_of_one_name_is_remembered() -> None:
    spec = tariff(demand=(demand_rate("1"), demand_rate("2"), demand_rate("3", "other")))
    assert remembered(spec, [Fraction(1, 3), Fraction(1, 4), None], {}) == {"demand": "1/3"}
