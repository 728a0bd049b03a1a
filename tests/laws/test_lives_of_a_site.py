"""A site's whole life: killed and resumed, replayed, batched, its meters in another order."""

from __future__ import annotations

from itertools import chain
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.site import FEWER, ROUNDS, Life, facts, lives, records, run, without_ids

from meterd.events import Input, RecordRow, Tick
from meterd.orders import RecordOrdered

pytestmark = pytest.mark.law
PLACES = st.sets(st.integers(0, ROUNDS))


@FEWER
@given(lives(), PLACES)
def test_killed_and_resumed_anywhere_it_says_the_same(life: Life, kills: set[int]) -> None:
    told, killed = run(life), run(life, kills=kills)
    assert facts(killed.outputs) == facts(told.outputs)
    assert records(killed.outputs) == records(told.outputs)
    for name, meter in told.pipeline.meters.items():
        assert killed.pipeline.meters[name].totals() == meter.totals()
        assert killed.pipeline.meter_view(name) == told.pipeline.meter_view(name)
    for name in told.pipeline.bills:
        assert killed.pipeline.bill_view(name) == told.pipeline.bill_view(name)


@FEWER
@given(lives(), PLACES)
def test_replayed_it_says_the_same_byte_for_byte(life: Life, takes: set[int]) -> None:
    once, again = run(life, takes=takes), run(life, takes=takes)
    encode = msgspec.msgpack.encode
    assert [encode(output) for output in once.outputs] == [encode(o) for o in again.outputs]


@FEWER
@given(lives(), PLACES)
def test_written_down_sooner_or_later_it_says_the_same(life: Life, takes: set[int]) -> None:
    often, once = run(life, takes=takes), run(life)
    assert facts(often.outputs) == facts(once.outputs)
    assert records(often.outputs) == records(once.outputs)


@FEWER
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_the_meters_within_an_instant_does_not_matter(
    life: Life, chance: Random
) -> None:
    mixed = Life(life.site, [_shuffled(told, chance) for told in life.heard])
    one, other = run(life), run(mixed)
    assert without_ids(facts(other.outputs)) == without_ids(facts(one.outputs))
    last_one, last_other = records(one.outputs), records(other.outputs)
    assert without_ids(last_other.values()) == without_ids(last_one.values())
    for name, meter in one.pipeline.meters.items():
        assert other.pipeline.meters[name].state == meter.state


def _shuffled(told: list[Input], chance: Random) -> list[Input]:
    """The meters in another order; what one meter says keeps its own, orders stay last."""
    apart: dict[str, list[Input]] = {}
    for item in told:
        apart.setdefault(getattr(item, "meter", type(item).__name__), []).append(item)
    ticks, orders = apart.pop(Tick.__name__, []), apart.pop(RecordOrdered.__name__, [])
    meters = list(apart.values())
    chance.shuffle(meters)
    return [*ticks, *chain(*meters), *orders]


@FEWER
@given(lives())
def test_every_id_is_given_once(life: Life) -> None:
    outputs = run(life).outputs
    ids = [output.id for output in facts(outputs) if hasattr(output, "id")]
    ids += list({output.id for output in outputs if isinstance(output, RecordRow)})
    assert len(ids) == len(set(ids))
