"""What a bill remembers, and what it forgets."""

from decimal import Decimal

from tests.billing.site import at, period, span, spec

from meterd.billing import state as module
from meterd.billing.state import BillState, ClosedPeriod, decode, encode


def test_the_same_terms_have_the_same_number() -> None:
    state = BillState()
    assert [state.number(spec()), state.number(spec(billing_day=2))] == [1, 2]
    assert [state.number(spec()), state.number(spec(billing_day=3))] == [1, 3]
    assert sorted(state.terms) == [1, 2, 3]


def test_a_closed_period_is_found_by_what_it_holds() -> None:
    state = BillState(closed=[ClosedPeriod(0, 10, 5, 1), ClosedPeriod(10, 20, 6, 1)])
    found = [state.closed_at(t) for t in (-1, 0, 9, 10, 20)]
    assert [kept and kept.energy_j for kept in found] == [None, 5, 5, 6, None]


def test_the_oldest_are_forgotten_and_the_terms_nobody_refers_to() -> None:
    state = BillState(periods=[period(spec(), 0).state])
    for n in range(module.CLOSED_KEPT + 2):
        number = state.number(spec(billing_day=1 + n // 20))
        state.remember(ClosedPeriod(n, n + 1, 0, number))
    assert [kept.start_ms for kept in state.closed] == list(range(2, module.CLOSED_KEPT + 2))
    assert sorted(state.terms) == [1, 2]
    state.closed = state.closed[-1:]
    state.remember(ClosedPeriod(98, 99, 0, 2))
    assert sorted(state.terms) == [1, 2]  # the running period refers to the first
    state.periods[0].terms = 2
    state.remember(ClosedPeriod(99, 100, 0, 2))
    assert list(state.terms) == [2]


def test_everything_survives_the_store() -> None:
    start = at("01-01")
    running = period(spec(allowance=Decimal("5.50")), start, span(start, start + 3_000_000, 7))
    key = ("m", "energy_import", "measured", "")
    state = BillState(
        [running.state],
        [ClosedPeriod(1, 2, 3, 1)],
        {1: running.terms},
        {(-1, key): 5},
        {key: 9},
        "ab",
    )
    assert decode(encode(state)) == state
