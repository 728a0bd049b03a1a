"""Energy at the sources' own rates."""

from tests.billing.site import KWH, rate, spec

from meterd.billing.pricing import Cost, Line, Usage, source_rates
from meterd.billing.sources import key_of
from meterd.specs import BillSpec, SourceSpec


def usage(terms: BillSpec, *kwh: int, **adjusted: dict[str, int]) -> Usage:
    energy_j = {key_of(source): n * KWH for source, n in zip(terms.sources, kwh, strict=False)}
    return Usage(0, 1, energy_j, None, tuple(adjusted.items()))


def test_one_line_for_each_distinct_rate_and_none_for_what_is_free() -> None:
    terms = spec(
        SourceSpec("a", **rate("0.2871")),
        SourceSpec("b", **rate("0.125")),
        SourceSpec("c", **rate("0.28710")),
        SourceSpec("free"),
    )
    assert source_rates(terms, usage(terms, 1, 1, 2, 50)) == Cost(
        "EUR",
        [
            Line("energy", "3", "kWh", "0.2871", "0.86"),
            Line("energy", "1", "kWh", "0.125", "0.13"),
        ],
        "0.99",
    )


def test_without_a_rate_there_is_no_cost() -> None:
    assert source_rates(spec(), usage(spec(), 5)) is None


def test_a_source_that_takes_no_part_prints_no_line() -> None:
    terms = spec(SourceSpec("a"), SourceSpec("gone", **rate("1")))
    assert source_rates(terms, usage(terms, 5)) is None


def test_a_rate_prints_its_line_before_anything_is_used() -> None:
    terms = spec(SourceSpec("a", **rate("0.30")), currency="JPY")
    assert source_rates(terms, usage(terms, 0)) == Cost(
        "JPY", [Line("energy", "0", "kWh", "0.3", "0")], "0"
    )


def test_adjustments_stand_on_their_own_lines_at_the_rates_of_their_own_period() -> None:
    terms = spec(SourceSpec("a", **rate("0.20")), currency="KWD")
    adjusted = {"2026-01-01": {"0.1": 2 * KWH, "0.0005": KWH}}
    cost = source_rates(terms, usage(terms, 1, **adjusted))
    assert cost is not None
    assert [(line.name, line.quantity, line.rate, line.amount) for line in cost.lines] == [
        ("energy", "1", "0.2", "0.200"),
        ("adjustment 2026-01-01", "2", "0.1", "0.200"),
        ("adjustment 2026-01-01", "1", "0.0005", "0.001"),
    ]
    assert cost.total == "0.401"
