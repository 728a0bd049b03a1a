"""Facts between the outbox and a broker: in order, none lost."""

from __future__ import annotations

import pytest
from tests.sinks.peers import MemoryOutbox

from meterd.sinks import Fact
from meterd.sinks.mqtt_facts import BATCH, BATCH_EVERY_MS, HOLD_MS, FactLane


def fill(outbox: MemoryOutbox, *seqs: int) -> None:
    outbox.add([Fact(seq, "t", b"{}", False) for seq in seqs])


def taken(lane: FactLane) -> list[int]:
    seqs = []
    while lane:
        seqs.append(lane.take().seq)
    return seqs


async def lane_of(outbox: MemoryOutbox) -> FactLane:
    lane = FactLane("mqtt", outbox)
    await lane.refill(0)
    return lane


async def test_a_fact_stays_in_the_outbox_until_it_has_arrived(outbox: MemoryOutbox) -> None:
    fill(outbox, 0, 1, 2)
    lane = await lane_of(outbox)
    assert taken(lane) == [0, 1, 2]
    await lane.settle()
    assert sorted(outbox.rows) == [0, 1, 2]
    lane.arrived(1)
    await lane.settle()
    assert sorted(outbox.rows) == [0, 2]


async def test_a_new_connection_starts_at_the_oldest_that_is_left(outbox: MemoryOutbox) -> None:
    fill(outbox, 0, 1, 2, 3)
    lane = await lane_of(outbox)
    assert taken(lane) == [0, 1, 2, 3]
    lane.arrived(0)  # and not yet deleted
    lane.restart()
    await lane.refill(0)
    assert taken(lane) == [1, 2, 3]


async def test_a_backlog_is_read_batch_by_batch_and_not_all_at_once(
    outbox: MemoryOutbox,
) -> None:
    fill(outbox, *range(BATCH + 5))
    lane = await lane_of(outbox)
    await lane.refill(BATCH_EVERY_MS)  # enough is ready
    assert taken(lane) == list(range(BATCH))
    assert lane.rest_ms(1) == BATCH_EVERY_MS - 1
    await lane.refill(BATCH_EVERY_MS - 1)
    assert not lane
    await lane.refill(BATCH_EVERY_MS)
    assert taken(lane) == list(range(BATCH, BATCH + 5))


async def test_the_outbox_is_read_again_only_when_there_may_be_more(outbox: MemoryOutbox) -> None:
    lane = await lane_of(outbox)
    fill(outbox, 0)
    await lane.refill(0)
    assert not lane
    lane.expect()
    await lane.refill(0)
    assert taken(lane) == [0]


async def test_after_a_refusal_facts_wait_and_then_begin_with_the_refused_one(
    outbox: MemoryOutbox,
) -> None:
    fill(outbox, 0, 1, 2, 3)
    lane = await lane_of(outbox)
    assert [lane.take().seq, lane.take().seq] == [0, 1]
    lane.refused(0, now_ms=1000)
    lane.expect()
    assert lane.rest_ms(1000) == HOLD_MS
    await lane.refill(1000 + HOLD_MS - 1)
    assert not lane
    await lane.refill(1000 + HOLD_MS)
    assert taken(lane) == [0, 2, 3], "1 is still under way"


async def test_an_empty_lane_has_nothing_to_take(outbox: MemoryOutbox) -> None:
    lane = await lane_of(outbox)
    with pytest.raises(IndexError):
        lane.take()
