"""A device of the small world may be cleared where the law can tell, and only there."""

from __future__ import annotations

from random import Random

from tests.laws.lives import ENERGY, HOUR_MS
from tests.laws.plant import CLEAN, HELD, NEAR, Device
from tests.laws.works import REGISTERS

from meterd.events import Reading


def device(name: str, shown: int) -> Device:
    """One that has been read often and shows about so much."""
    one = Device(name, Random(1))
    one.used = shown - one.shown
    for n in range(CLEAN + 1):
        read(one, n)
    return one


def read(one: Device, at_ms: int) -> None:
    amount = one.look().amount
    assert amount is not None
    one.heard(Reading(one.name, at_ms, {ENERGY: amount}, {}), at_ms)
    one.kept(at_ms)


def test_what_the_host_knows_counts_and_not_what_the_dial_shows() -> None:
    far, near = device("loose", 2 * NEAR), device("loose", NEAR)
    assert far.may_be_cleared
    near.used += NEAR  # while nobody read it
    assert not near.may_be_cleared
    read(near, HOUR_MS)
    assert near.may_be_cleared


def test_a_counter_whose_last_rise_may_be_torn_is_not_cleared() -> None:
    torn = device("torn", 2 * NEAR)
    assert torn.may_be_cleared
    torn.used += HELD * REGISTERS["torn"].count
    read(torn, HOUR_MS)
    assert not torn.may_be_cleared
