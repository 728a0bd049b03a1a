"""An alarm's life: hysteresis at its limit, and a duration before it is told."""

import pytest

from meterd.metering.alarm import AlarmState, above, below, judge, turn, turns_ms

SECOND = 1000


@pytest.mark.parametrize(
    ("value", "was_beyond", "beyond"),
    [(80.0, False, False), (80.1, False, True), (79.0, True, True), (78.4, True, False)],
)
def test_a_highest_value_is_back_two_percent_below(
    value: float, was_beyond: bool, beyond: bool
) -> None:
    assert above(value, 80.0, was_beyond) is beyond


@pytest.mark.parametrize(
    ("value", "was_beyond", "beyond"),
    [(207.0, False, False), (206.9, False, True), (211.0, True, True), (211.2, True, False)],
)
def test_a_lowest_value_is_back_two_percent_above(
    value: float, was_beyond: bool, beyond: bool
) -> None:
    assert below(value, 207.0, was_beyond) is beyond


LIVES = {
    # each row: at second, what the value says, the instant at which it turned, active after
    "what lasts is told after its time, at its own instant": """
        0    beyond  -    no
        60   beyond  -    no
        61   beyond  60   active
        300  within  -    active
        360  within  -    active
        400  within  360  no
    """,
    "what does not last is never told": """
        0    beyond  -    no
        59   within  -    no
        70   beyond  -    no
        120  within  -    no
        900  within  -    no
    """,
    "a short return does not end it": """
        0    beyond  -    no
        90   beyond  60   active
        100  within  -    active
        130  beyond  -    active
        500  beyond  -    active
    """,
    "a clock that is stepped back begins the time anew": """
        500  beyond  -    no
        100  beyond  -    no
        150  beyond  -    no
        161  beyond  160  active
    """,
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_a_life(life: str) -> None:
    alarm = AlarmState()
    for row in life.strip().splitlines():
        at, says, turned, active = row.split()
        judge(alarm, says == "beyond", int(at) * SECOND)
        told = turn(alarm, int(at) * SECOND)
        assert told == (None if turned == "-" else int(turned) * SECOND), row
        assert alarm.active is (active == "active"), row


def test_it_knows_since_when_and_when_it_turns() -> None:
    alarm = AlarmState()
    assert turns_ms(alarm) is None
    judge(alarm, True, 5 * SECOND)
    assert turns_ms(alarm) == 65 * SECOND
    assert turns_ms(alarm, 10 * SECOND) == 15 * SECOND
    assert turn(alarm, 16 * SECOND, 10 * SECOND) == 15 * SECOND
    assert (alarm.since_ms, turns_ms(alarm)) == (5 * SECOND, None)
    judge(alarm, False, 100 * SECOND)
    assert turn(alarm, 200 * SECOND) == 160 * SECOND
    assert alarm.since_ms == 5 * SECOND  # of what is over
