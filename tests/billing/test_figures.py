"""The figures of a period, as they are printed."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.site import (
    BERLIN,
    DAY,
    FIVE,
    HOUR,
    KWH,
    MINUTE,
    at,
    period,
    rate,
    span,
    spec,
    used,
    world,
)

from meterd.billing.figures import CLOSED, CLOSING, OPEN, against, figures, shares, shown, usage
from meterd.billing.period import Adjustment, Period
from meterd.billing.sources import key_of_interval
from meterd.specs import DemandSpec, SourceSpec

START = at("01-01")
KINDS = (SourceSpec("m"), SourceSpec("p", "power"), SourceSpec("v", "volt_ampere"))

QUIET_DAY = {
    "start": "2025-12-31T23:00:00Z",
    "end": "2026-01-31T23:00:00Z",
    "status": "open",
    "used": "24",
    "energy_kwh": "24",
    "allowance": "20",
    "overage": "4",
    "percent": "120",
    "peak": "1",
    "peak_start": "2025-12-31T23:00:00Z",
    "peak_end": "2025-12-31T23:15:00Z",
    "average": "1",
    "accuracy": "measured",
    "coverage": "1",
    "shares": {
        "measured": "1",
        "integrated": "0",
        "estimated": "0",
        "gap": "0",
        "questionable": "0",
    },
    "unbilled_kwh": "0",
    "projection": "743.483691881",
    "cost": {
        "currency": "EUR",
        "lines": [
            {
                "name": "energy",
                "quantity": "24",
                "unit": "kWh",
                "rate": "0.25",
                "amount": "6.00",
            }
        ],
        "total": "6.00",
    },
    "adjustments": [],
}


def printed(running: Period, now_ms: int, status: str = OPEN) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(figures(running, world(), status, now_ms))
    return found


def test_a_quiet_day_with_an_allowance() -> None:
    terms = spec(SourceSpec("m", **rate("0.25")), allowance=Decimal(20))
    january = period(terms, START, span(START, START + DAY, KWH // 12))
    assert printed(january, START + DAY + MINUTE) == QUIET_DAY


def test_before_the_first_sample_nothing_is_known_and_nothing_is_zero_but_energy() -> None:
    found = printed(period(spec(), START), START + MINUTE)
    unknown = [name for name, value in found.items() if value is None]
    assert unknown == [
        *("allowance", "overage", "percent", "peak", "peak_start", "peak_end", "average"),
        *("accuracy", "coverage", "projection", "cost"),
    ]
    assert (found["used"], found["energy_kwh"], set(found["shares"].values())) == ("0", "0", {"0"})
    later = printed(period(spec(), START), START + HOUR)
    assert (later["coverage"], later["average"]) == ("0", None)


def test_a_demand_bill_uses_its_peak() -> None:
    terms = spec(type="demand", allowance=Decimal("2.5"), demand=DemandSpec(HOUR, HOUR))
    rows = [*span(START, START + HOUR, KWH // 4), *span(START + HOUR, START + 2 * HOUR, KWH // 12)]
    found = printed(period(terms, START, rows), START + 2 * HOUR)
    assert [found[name] for name in ("used", "energy_kwh", "overage", "percent", "projection")] == [
        *("3", "4", "0.5", "120", "3"),
    ]
    unknown = printed(period(terms, START, rows[:5]), START + 2 * HOUR)
    assert [unknown[name] for name in ("used", "overage", "percent", "projection")] == [None] * 4
    assert unknown["allowance"] == "2.5"


@pytest.mark.parametrize(("status", "projection"), [(CLOSING, "1"), (CLOSED, None)])
def test_a_period_that_is_over_is_measured_by_its_whole_length(
    status: str, projection: str | None
) -> None:
    rows = [used(START, KWH)]
    found = printed(period(spec(), START, rows), at("02-03"), status)
    assert (found["status"], found["projection"]) == (status, projection)
    assert found["coverage"] == "0.000112007"


def test_a_source_goes_on_in_the_average_as_where_it_is_covered() -> None:
    """m: 1 kW. n: 0.5 kWh in 24 minutes of the hour, which is 1.25 kW."""
    terms = spec(SourceSpec("m"), SourceSpec("n"))
    rows = [
        *span(START, START + HOUR, KWH // 12),
        *span(START, START + HOUR // 2, KWH // 12, "n", missing_ms=MINUTE),
    ]
    found = printed(period(terms, START, rows), START + HOUR + 4 * MINUTE)
    assert (found["coverage"], found["average"]) == ("0.7", "2.25")


def test_a_source_that_was_never_read_lowers_the_coverage_alone() -> None:
    terms = spec(SourceSpec("m"), SourceSpec("n"))
    january = period(terms, START, span(START, START + HOUR, KWH // 12))
    found = printed(january, START + HOUR)
    assert (found["coverage"], found["average"]) == ("0.5", "1")


def test_a_meter_that_takes_the_place_of_another_is_not_added_to_it() -> None:
    """An hour of the one, an hour of the other, both of 1 kW: 1 kW, and everything is covered."""
    january = period(spec(), START, span(START, START + HOUR, KWH // 12))
    january.end_stint(dict.fromkeys(january.keys, START + HOUR))
    later = spec(SourceSpec("m", enabled=False), SourceSpec("n"))
    rows = span(START + HOUR, START + 2 * HOUR, KWH // 12, "n")
    replaced = Period(january.state, later, BERLIN)
    assert all(replaced.book(key_of_interval(row), row) for row in rows)
    found = printed(replaced, START + 2 * HOUR)
    assert (found["coverage"], found["average"]) == ("1", "1")


def test_shares_are_kept_as_energy() -> None:
    rows = [
        used(START, 3 * KWH, gap=KWH),
        used(START, 2 * KWH, "p", method="integrated"),
        used(START, KWH, "v", method="estimated", questionable=KWH),
    ]
    found = printed(period(spec(*KINDS), START, rows), START + FIVE)
    assert found["accuracy"] == "mixed"
    assert found["shares"] == {
        "measured": "0.5",
        "integrated": "0.333333333",
        "estimated": "0.166666667",
        "gap": "0.166666667",
        "questionable": "0.166666667",
    }


def test_without_energy_the_accuracy_is_that_of_the_samples() -> None:
    rows = [used(START, 0), used(START, KWH, "p", method="integrated")]
    assert printed(period(spec(*KINDS), START, rows[:1]), START + FIVE)["accuracy"] == "measured"
    assert printed(period(spec(*KINDS), START, rows), START + FIVE)["accuracy"] == "integrated"


@given(*[st.integers(0, 10**12)] * 5)
def test_the_methods_make_up_the_whole_at_nine_places(
    measured: int, integrated: int, estimated: int, gap: int, questionable: int
) -> None:
    by_method = {"measured": measured, "integrated": integrated, "estimated": estimated}
    found = shares(by_method, gap, questionable)
    parts = [Decimal(part) for part in (found.measured, found.integrated, found.estimated)]
    total = sum(by_method.values())
    assert sum(parts) == (1 if total else 0)
    for part, amount in zip(parts, by_method.values(), strict=True):
        assert abs(part * total - amount) <= total * Decimal("1e-9")
        assert -part.as_tuple().exponent <= 9  # type: ignore[operator]


def test_an_allowance_of_nothing_has_no_percent() -> None:
    assert [shown(part) for part in against(None, Decimal(5))] == [None, None]
    running = period(spec(allowance=Decimal(0)), START, [used(START, KWH)])
    found = printed(running, START + FIVE)
    assert (found["allowance"], found["overage"], found["percent"]) == ("0", "1", None)
    below = period(spec(allowance=Decimal(4)), START, [used(START, KWH)])
    assert [printed(below, START + FIVE)[name] for name in ("overage", "percent")] == ["0", "25"]


def test_adjustments_are_shown_apart_and_priced_oldest_first() -> None:
    february = period(spec(SourceSpec("m", **rate("1"))), at("02-01"))
    february.adjust(Adjustment(START, at("02-03"), KWH, 5 * KWH, 6 * KWH, {"2": KWH}))
    february.adjust(Adjustment(at("12-01"), at("02-03"), KWH, 0, KWH, {"3": KWH}))
    found = printed(february, at("02-04"))
    assert found["used"] == "0"
    assert found["adjustments"][0] == {
        "period": "2025-12-31T23:00:00Z",
        "time": "2026-02-02T23:00:00Z",
        "reason": "late_data",
        "kwh": "1",
        "before": "5",
        "after": "6",
    }
    names = [line["name"] for line in found["cost"]["lines"]]
    assert names == ["energy", "adjustment 2026-01-01", "adjustment 2026-12-01"]
    assert found["cost"]["total"] == "5.00"


def test_a_tariff_sees_every_source_that_takes_part() -> None:
    terms = spec(SourceSpec("m"), SourceSpec("n", enabled=False))
    january = period(terms, START, span(START, START + HOUR, 5))
    seen = usage(january, BERLIN)
    assert (seen.start_ms, seen.end_ms) == (START, at("02-01"))
    assert seen.energy_j == {("m", "energy_import", "measured", ""): 60}
    assert seen.peak == january.demand.state.peak
    later = Period(january.state, spec(SourceSpec("n")), BERLIN)
    assert [key[0] for key in usage(later, BERLIN).energy_j] == ["m", "n"]
