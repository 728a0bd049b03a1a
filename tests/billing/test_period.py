"""A running period's sums."""

from decimal import Decimal
from itertools import permutations

from tests.billing.site import DAY, FIVE, HOUR, at, period, span, spec, used

from meterd.billing.period import Adjustment, Stint, chained
from meterd.metering.demand import Peak
from meterd.specs import DemandSpec, SourceSpec

START = at("01-01")
KEY = ("m", "energy_import", "measured", "")


def test_a_period_holds_its_first_instant_and_not_its_last() -> None:
    january = period(spec(), START)
    assert [january.holds(t) for t in (START - 1, START, at("02-01") - 1, at("02-01"))] == [
        False,
        True,
        True,
        False,
    ]


def test_every_quality_is_kept_as_energy_and_the_missing_time_is_not_covered() -> None:
    january = period(
        spec(),
        START,
        [
            used(START, 10, gap=10, gap_from_ms=START - 1, gap_to_ms=START + FIVE),
            used(START + FIVE, 7, questionable=3),
            used(START + 2 * FIVE, 5, missing_ms=60_000),
        ],
    )
    totals = january.state.totals[KEY]
    assert (totals.amount, totals.gap, totals.questionable) == (22, 10, 3)
    assert (totals.covered_ms, totals.samples, totals.discarded) == (840_000, 3, 0)
    assert january.energy_j() == 22


def test_what_is_above_the_ceiling_is_unbilled_and_sets_no_peak() -> None:
    terms = spec(max_source_kw=Decimal(1), demand=DemandSpec(FIVE, FIVE))
    january = period(terms, START)
    assert january.book(KEY, used(START, FIVE))
    assert not january.book(KEY, used(START + FIVE, FIVE + 1))
    assert january.energy_j() == FIVE
    assert january.state.unbilled == FIVE + 1
    assert january.demand.state.peak == Peak(START, START + FIVE, FIVE)
    totals = january.state.totals[KEY]
    assert (totals.samples, totals.discarded, totals.covered_ms) == (1, 1, FIVE)


def test_sources_peak_together_and_in_any_order() -> None:
    terms = spec(SourceSpec("a"), SourceSpec("b"), SourceSpec("c"))
    rows = [span(START, START + HOUR, n, name) for n, name in ((1, "a"), (2, "b"), (3, "c"))]
    states = [
        period(terms, START, [row for source in order for row in source]).state
        for order in permutations(rows)
    ]
    assert all(state == states[0] for state in states)
    assert states[0].demand.peak == Peak(START, START + 3 * FIVE, 18)


def test_a_source_takes_part_while_it_is_enabled_or_as_long_as_it_was_sampled() -> None:
    terms = spec(SourceSpec("a"), SourceSpec("b", enabled=False))
    january = period(terms, START, span(START, START + HOUR, 1, "a"))
    assert [wanted for _totals, wanted in january.participants(START + 2 * HOUR)] == [2 * HOUR]
    later = spec(SourceSpec("a", enabled=False), SourceSpec("b"), SourceSpec("c"))
    again = type(january)(january.state, later, january.demand._calendar)
    found = again.participants(START + 2 * HOUR)
    assert [(totals.amount, wanted) for totals, wanted in found] == [
        *((12, HOUR), (0, 2 * HOUR), (0, 2 * HOUR)),
    ]
    assert again.participants(START)[1:] == []
    assert again.demand.state.sources == tuple("/".join(key) for key in again.keys)


def test_a_part_with_the_same_sources_lasts_until_the_last_of_what_had_reached_it() -> None:
    """a, of which all is from before; a and b for three hours, of which b brought one; b and c.

    How far reactive energy has come is of no account.
    """
    first, second = ("a", *KEY[1:]), ("b", *KEY[1:])
    reactive = ("a", "reactive_energy_import", *KEY[2:])
    january = period(spec(SourceSpec("b"), SourceSpec("c")), START)
    january.admit(first)
    january.state.stints = [
        Stint([(first, START - DAY)]),
        Stint([(first, START + 3 * HOUR), (second, START + HOUR), (reactive, START + 4 * HOUR)]),
    ]
    found = january.participants(START + 5 * HOUR)
    assert [wanted // HOUR for _totals, wanted in found] == [5, 2, 3]
    found = january.participants(START + 2 * HOUR)
    assert [wanted // HOUR for _totals, wanted in found] == [2, 2]


def test_a_stint_knows_what_reached_it_and_begins_anew() -> None:
    january = period(spec(SourceSpec("m"), SourceSpec("n")), START)
    january.state.since = {KEY: START + FIVE}
    january.end_stint({KEY: START + HOUR})
    january.end_stint({})
    other = ("n", *KEY[1:])
    assert january.state.stints == [
        Stint([(KEY, START + HOUR), (other, 0)], [(KEY, START + FIVE)]),
        Stint([(KEY, 0), (other, 0)], []),
    ]


def test_adjustments_of_one_closed_period_run_together() -> None:
    february = period(spec(), at("02-01"))
    february.adjust(Adjustment(START, 100, 5, 50, 55, {"0.1": 5}))
    february.adjust(Adjustment(START, 200, 6, 55, 61, {"0.1": 2, "0.2": 4}))
    february.adjust(Adjustment(START - 1, 300, 1, 0, 1))
    assert list(february.state.adjustments.values()) == [
        Adjustment(START, 200, 11, 50, 61, {"0.1": 7, "0.2": 4}),
        Adjustment(START - 1, 300, 1, 0, 1),
    ]


def test_the_digest_tells_every_number_and_the_order() -> None:
    rows = [used(START, 1), used(START + FIVE, 2)]
    one = chained(chained(b"", rows[0], discarded=False), rows[1], discarded=False)
    other = chained(chained(b"", rows[1], discarded=False), rows[0], discarded=False)
    different = [
        chained(b"", row, discarded=discarded)
        for row in (*rows, used(START, 1, gap=1), used(START, 1, missing_ms=1))
        for discarded in (False, True)
    ]
    assert len({one, other, *different}) == 10
    january = period(spec(), START, rows)
    assert january.state.totals[KEY].digest == one
