"""The worked sequences of the law of counters, poll by poll."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meterd.events import Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, RegisterState
from meterd.specs import RegisterSpec
from meterd.units import UNITS, to_amount

CASES = json.loads((Path(__file__).parents[1] / "cases/reference/counter-cases.json").read_text())[
    "cases"
]
SAID = {
    "OK": {""},
    "OK_GAP": {""},
    "JITTER": {""},
    "BASELINE_SET": {"", "baseline_set"},
    "OK_MINIMUM": {"minimum_booked"},
    "ROLLOVER_CONFIRMED": {"rollover"},
    "DECREASE_DISCARDED": {"decrease_discarded", "reset"},
    "STALE": {"", "stale"},  # said once, then silent until the source is fresh again
}


def register(config: dict[str, Any]) -> RegisterSpec:
    count = to_amount(Decimal(config["kwh_per_count"]), UNITS["kWh"])
    return RegisterSpec(
        "energy_import",
        count=count,
        modulus=config["modulus"] and config["modulus"] * count,
        per_hour=to_amount(Decimal(config["max_kw"]), UNITS["kWh"]),
        nonvolatile=config["nonvolatile"],
        jitter=config["jitter_counts"] * count,
        on_decrease=config["on_decrease"],
        stale_after_ms=config["stale_s"] * 1000,
    )


def observe(counter: Counter, poll: dict[str, Any], journal: Journal) -> int:
    at_ms = poll["t"] * 1000 + 1_700_000_000_000
    if poll["raw"] is None:
        counter.complain("read_failed", Mark(0, at_ms), journal)
        return 0
    now = Mark(poll["raw"] * counter.spec.count, at_ms)
    if poll.get("age", 0) * 1000 > counter.spec.stale_after_ms:
        counter.complain("stale", now, journal)
        return 0
    serial = poll.get("sn", "")
    if serial != counter.state.serial:
        bookings = counter.replace(serial, now, journal)
    else:
        bookings = counter.observe(now, journal)
    return sum(booking.amount for booking in bookings)


@pytest.mark.parametrize("case", CASES, ids=[f"{c['id']} {c['note']}" for c in CASES])
def test_the_law_books_what_the_case_says(case: dict[str, Any]) -> None:
    counter = Counter("m", register(case["config"]), RegisterState())
    journal = Journal(lambda _: "id")
    uptime = -1.0
    total = 0
    for poll, expected in zip(case["polls"], case["expect"], strict=True):
        counter.state.rebooted |= poll.get("up", uptime) < uptime
        uptime = poll.get("up", uptime)
        booked = observe(counter, poll, journal)
        said = {event.kind for event in journal.take() if isinstance(event, Event)}
        assert booked == to_amount(Decimal(expected["kwh"]), UNITS["kWh"]), poll
        outcome = expected["outcome"]
        wanted = SAID.get(outcome, {outcome.lower()})
        assert wanted & (said or {""}), (poll, said)
        total += booked
    assert total == to_amount(Decimal(case["total_kwh"]), UNITS["kWh"])
    state = counter.state
    assert state.first is not None
    assert (
        state.first + state.booked + state.unbilled + state.adjusted - state.rolled_over
        == state.dial
    )
    assert state.booked == total
