"""The path of the data: what is told has been kept, and what was thought is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from tests.daemon.house import NOON_MS, House, Witness, reading, site

from meterd.daemon.drive import BATCH_MAX, GROUP_MS, LAST_TRIES, PROVE_MS, QUEUE_MAX, RETRY_MS
from meterd.daemon.supervise import end
from meterd.events import Sample, Tick
from meterd.pipeline import Pipeline
from meterd.specs import RecordSpec
from meterd.stores import StoreError
from meterd.stores.audit import audit


@pytest.fixture
def house() -> Iterator[House]:
    one = House()
    yield one
    one.ledger.store.close()


async def test_nothing_is_told_before_it_is_kept(house: House) -> None:
    witness = Witness(log=house.ledger.log)
    house.drive.attach(witness, 0)
    house.ledger.log.clear()
    await house.work(reading(0, 3_600_000))
    assert house.ledger.log == ["commit", "tell witness"]
    assert witness.meters["main"].totals == {"energy_import": 3_600_000}
    assert house.drive.meters == witness.meters
    assert house.drive.bills == witness.bills


async def test_a_burst_is_one_commit(house: House) -> None:
    await house.work(*[reading(n, n) for n in range(100)])
    assert len(house.ledger.batches) == 1
    assert house.clock.naps == [GROUP_MS]


async def test_a_flood_is_cut_into_batches(house: House) -> None:
    await house.work(*[reading(n, n) for n in range(BATCH_MAX + 1)])
    assert len(house.ledger.batches) == 2
    assert house.drive.meters["main"].at_ms == NOON_MS + BATCH_MAX * 1000


async def test_facts_are_numbered_on_from_where_each_sink_was(house: House) -> None:
    house.drive.attach(Witness("a"), 0)
    house.drive.attach(Witness("b"), 41)
    await house.work(reading(0, 0), reading(300, 300), reading(600, 600))
    assert house.facts_kept("a") == [1, 2]
    assert house.facts_kept("b") == [42, 43]
    assert house.drive.seqs == {"a": 2, "b": 43}


async def test_a_sink_that_joins_late_sees_what_there_is_and_one_that_left_nothing(
    house: House,
) -> None:
    witness = Witness()
    house.drive.attach(witness, 0)
    house.drive.detach("witness")
    await house.work(reading(0, 7))
    assert witness.meters == {}
    house.drive.attach(witness, 0)
    assert witness.meters["main"].totals == {"energy_import": 7}


async def test_what_was_kept_is_shown_before_anything_new_comes_in(house: House) -> None:
    await house.work(reading(0, 7))
    again = House()
    again.drive.pipeline = Pipeline(site("main"), house.ledger.store.load())
    again.drive.show_all()
    assert again.drive.meters["main"].totals == {"energy_import": 7}
    assert list(again.drive.bills) == ["tenant"]
    again.drive.forget(site())
    assert (again.drive.meters, list(again.drive.bills)) == ({}, ["tenant"])
    again.ledger.store.close()


async def test_a_full_disk_is_waited_for_and_nothing_is_told_meanwhile(house: House) -> None:
    witness = Witness(log=house.ledger.log)
    house.drive.attach(witness, 0)
    house.ledger.log.clear()
    house.ledger.fill(3)
    house.drive.emit(reading(0, 7))
    troubles: list[str] = []
    commits: list[float] = []
    house.drive.observe_commit = commits.append
    async with house.running():
        while not house.ledger.batches:
            await asyncio.sleep(0)
            troubles.append(house.drive.trouble)
            assert house.clock.mono - house.drive.moved_ms <= RETRY_MS, "it moves all the same"
    assert "the disk is full" in troubles
    assert house.drive.trouble == ""
    assert house.ledger.log == ["commit", "tell witness"]
    assert house.clock.naps == [GROUP_MS, RETRY_MS, RETRY_MS, RETRY_MS]
    assert commits == [0.0]


async def test_a_broken_disk_ends_the_work_and_nothing_is_told(house: House) -> None:
    witness = Witness()
    house.drive.attach(witness, 0)
    house.ledger.refusals = [StoreError("the disk does not write")]
    with pytest.raises(StoreError, match="does not write"):
        await house.work(reading(0, 7))
    assert witness.meters == {}


async def test_a_full_disk_does_not_hold_up_the_end_for_ever(house: House) -> None:
    house.ledger.fill(LAST_TRIES)
    with pytest.raises(StoreError, match="disk is full"):
        await house.work(reading(0, 7))
    assert house.ledger.batches == []


async def test_a_disk_that_is_freed_in_time_takes_the_last_commit(house: House) -> None:
    house.ledger.fill(LAST_TRIES - 1)
    await house.work(reading(0, 7))
    assert len(house.ledger.batches) == 1


async def test_the_end_comes_after_what_was_queued_though_the_queue_is_full(house: House) -> None:
    for n in range(QUEUE_MAX):
        house.drive.emit(Tick(NOON_MS + n))
    with pytest.raises(asyncio.QueueFull):
        house.drive.emit(reading(0, 7))
    assert house.drive.depth() == QUEUE_MAX
    order = asyncio.ensure_future(house.drive.order(reading(100, 7)))
    await asyncio.sleep(0)  # it takes the place that is kept for orders
    await house.work()
    await order
    assert house.drive.depth() == 0
    assert house.drive.meters["main"].totals == {"energy_import": 7}


async def test_time_is_told_once_a_second_and_not_to_a_full_queue(house: House) -> None:
    ticking = asyncio.create_task(house.drive.tick())
    for _ in range(QUEUE_MAX + 10):
        await asyncio.sleep(0)
    await end(ticking)
    assert set(house.clock.naps) == {1000}
    assert len(house.clock.naps) > QUEUE_MAX + 5, "it goes on"
    assert house.drive.depth() == QUEUE_MAX + 1


async def test_an_idle_writer_proves_now_and_then_that_it_moves(house: House) -> None:
    async with house.running():
        for n in range(1, 5):
            house.clock.mono += PROVE_MS // 2
            await house.drive.order(Tick(NOON_MS + n))
    assert [len(batch.saved) for batch in house.ledger.batches] == [0, 0]


async def test_an_order_returns_when_it_is_kept(house: House) -> None:
    async with house.running():
        await house.drive.order(reading(0, 7))
        assert len(house.ledger.batches) == 1
        assert house.drive.meters["main"].totals == {"energy_import": 7}


async def test_an_order_that_fails_tells_who_gave_it_and_no_one_else(house: House) -> None:
    def refuse() -> None:
        raise ValueError("no")

    async with house.running() as task:
        with pytest.raises(ValueError, match="no"):
            await house.drive.order(refuse)
        await house.drive.order(reading(0, 7))
        assert not task.done()


async def test_an_order_nobody_waits_for_any_more_is_carried_out(house: House) -> None:
    done: list[int] = []
    given = asyncio.ensure_future(house.drive.order(lambda: done.append(1)))
    failed = asyncio.ensure_future(house.drive.order(lambda: done.append(1 // 0)))
    await asyncio.sleep(0)
    given.cancel()
    failed.cancel()
    await house.work()
    assert done == [1]


async def test_what_was_read_before_a_reload_is_kept_as_it_was_thought(house: House) -> None:
    """A meter leaves and returns: its last interval and its state were kept together."""
    both, one = site("main", "other"), site("main")
    house.drive.pipeline = Pipeline(both, {})

    def become(spec: object) -> None:
        old = house.drive.pipeline
        assert isinstance(spec, type(both))
        house.drive.pipeline = old.reconfigured(spec, house.ledger.store.load())

    async with house.running():
        await house.drive.order(reading(0, 0, "other"))
        house.drive.emit(reading(400, 400, "other"))
        await house.drive.order(lambda: become(one))
        house.drive.emit(reading(500, 500, "other"))
        await house.drive.order(lambda: become(both))
        await house.drive.order(reading(1000, 1000, "other"))
    samples = [o for batch in house.ledger.batches for o in batch.outputs if isinstance(o, Sample)]
    assert sum(sample.interval.amount for sample in samples) == 900
    with house.ledger.store.reader() as reader:
        found = audit(reader, house.drive.pipeline)
    assert found["ok"], found


async def test_a_record_that_leaves_with_a_reload_takes_its_last_row_with_it() -> None:
    record = RecordSpec("Line 1", "main", "energy_import")
    with_record = msgspec.structs.replace(site("main"), records=(record,))
    house = House(with_record)
    store = house.ledger.store
    store.register_configurations([record])

    def become() -> None:
        store.register_configurations([])
        house.drive.pipeline = house.drive.pipeline.reconfigured(site("main"), store.load())

    async with house.running() as task:
        house.drive.emit(reading(0, 0))
        house.drive.emit(reading(10, 10))
        await house.drive.order(become)
        await house.drive.order(reading(20, 20))
        assert not task.done()
    with store.reader() as reader:
        assert [found.row.usage for found in reader.records()] == [10]
    store.close()


async def test_what_counters_showed_is_told_once_all_before_is_kept(house: House) -> None:
    driving = asyncio.create_task(house.drive.run())
    assert await house.drive.counters("main") == {}
    house.drive.emit(reading(0, 3_600_000))
    assert await house.drive.counters("main") == {"energy_import": 3_600_000}
    assert house.ledger.log[-1] == "commit"
    house.drive.stop()
    await driving
