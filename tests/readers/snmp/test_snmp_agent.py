"""One SNMP agent, in every mood: what is read is the truth or nothing (failures D1 to D14)."""

from __future__ import annotations

import pytest
from tests.readers.snmp.park import (
    SILENCE_MS,
    UPTIME,
    device,
    objects,
    outlet,
    outlets,
    park,
    point,
    points,
    scalar,
)

from meterd.readers.snmp.agent import REFUSED_RETRY_MS
from meterd.sim.snmp_agent import Fault
from meterd.sim.snmp_ber import GET, number, oid, text

TRUTH = {f"own_{n}": 100.0 + n for n in range(1, 5)}


async def test_a_meter_is_read_in_one_request_with_the_agents_uptime() -> None:
    async with park(objects()) as site:
        reading = await site.reading()
        assert reading.gauges == TRUTH
        assert (reading.uptime_s, reading.missing) == (5000.0, ())
        assert reading.boot == "boot"
        assert site.sizes() == [5]


async def test_an_uptime_point_of_the_users_own_is_read_instead() -> None:
    served = {**objects(1), scalar(9): number("gauge32", 77)}
    own = point("uptime", scalar(9), unit="s")
    async with park(served, device(*points(1), own)) as site:
        assert (await site.reading()).uptime_s == 77.0
        site.agent.set(scalar(9), text("no number"))
        reading = await site.reading()
        assert (reading.uptime_s, reading.missing) == (None, ("uptime",))


async def test_many_points_take_several_requests_each_led_by_the_uptime() -> None:
    async with park(objects(70), device(*points(70))) as site:
        assert len(await site.read()) == 70
        took = site.took()
        assert len(took) == 3
        assert {asked.oids[0] for asked in took} == {oid(UPTIME)}


async def test_values_are_matched_by_object_never_by_position() -> None:
    async with park(objects()) as site:
        site.always(Fault(reorder=True))
        assert await site.read() == TRUTH


async def test_an_answer_of_an_object_twice_with_two_values_is_no_value() -> None:
    async with park(objects()) as site:
        twice = [(oid(scalar(n)), number("gauge32", 100 + n)) for n in (1, 2, 3, 4)]
        site.always(Fault(bindings=(*twice, (oid(scalar(2)), number("gauge32", 5)))))
        read = await site.read()
        assert isinstance(read, dict)
        assert "own_2" not in read


FOREIGN = {
    "another request's": Fault(request_id=1),
    "another community's": Fault(community=b"private"),
    "another version's": Fault(version=0),
    "another kind of PDU": Fault(type=GET),
    "from another port": Fault(stranger=True),
    "garbage": Fault(raw=b"\x30\x82\xff\xff\x02\x01\x01"),
    "nothing": Fault(raw=b""),
}


@pytest.mark.parametrize("fault", FOREIGN.values(), ids=FOREIGN.keys())
async def test_d14_an_answer_that_is_not_ours_is_passed_over(fault: Fault) -> None:
    async with park(objects(), timeout_ms=SILENCE_MS) as site:
        site.spoil(fault)
        assert await site.read() == TRUTH
        assert len(site.sizes()) == 2, "the second attempt was answered"
        site.always(fault)
        assert await site.read() == "timeout"


async def test_d13_garbage_ahead_of_the_answer_costs_nothing() -> None:
    async with park(objects()) as site:
        site.always(Fault(before=b"\x30\x05abc", twice=True))
        assert await site.read() == TRUTH
        assert site.sizes() == [5]
        assert site.stats.faults["garbled"] == 1


async def test_a26_a_late_answer_is_not_taken_for_the_next_ones() -> None:
    async with park(objects(1), device(*points(1)), timeout_ms=SILENCE_MS) as site:
        stale = (oid(scalar(1)), number("gauge32", 7))
        site.spoil(Fault(delay_ms=SILENCE_MS + 20, bindings=(stale,)))
        assert await site.read() == {"own_1": 101.0}
        assert await site.read() == {"own_1": 101.0}


async def test_d8_too_big_makes_all_later_requests_smaller() -> None:
    async with park(objects(20), device(*points(20))) as site:
        site.agent.max_varbinds = 6
        assert len(await site.read()) == 20
        site.sizes()
        assert len(await site.read()) == 20
        assert max(site.sizes()) <= 6, "it is remembered"


async def test_d8_an_agent_that_takes_one_object_at_a_time_is_asked_so() -> None:
    async with park(outlets("outlet-1", "outlet-2"), outlet("outlet-2")) as site:
        site.agent.max_varbinds = 1
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}
        site.sizes()
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}
        assert set(site.sizes()) == {1}


async def test_a_silent_answer_of_a_large_request_makes_it_smaller() -> None:
    async with park(objects(20), device(*points(20)), timeout_ms=SILENCE_MS) as site:
        site.agent.misbehave = lambda asked: Fault(silent=True) if len(asked.oids) > 12 else None
        assert await site.read() == "timeout"
        assert len(await site.read()) == 20, "the small question was answered"
        site.sizes()
        assert len(await site.read()) == 20
        assert max(site.sizes()) <= 12


async def test_a_partial_answer_is_completed_by_a_second_request() -> None:
    async with park(objects()) as site:
        site.spoil(Fault(partial=2))
        assert await site.read() == TRUTH
        assert site.sizes() == [5, 3]
        site.always(Fault(partial=2))
        assert await site.read() == {"own_1": 101.0, "own_2": 102.0, "own_3": 103.0}


async def test_version_1_leaves_out_the_one_object_that_is_not_there() -> None:
    async with park(objects(4), device(*points(5)), version="1") as site:
        assert await site.read() == TRUTH
        assert site.sizes() == [6, 5]
        assert (await site.reading()).missing == ("own_5",)
        assert site.sizes() == [5], "it is not asked for again"
        site.agent.set(scalar(5), number("gauge32", 1))
        site.clock.now += REFUSED_RETRY_MS
        assert (await site.reading()).missing == ()


async def test_an_error_without_an_index_is_found_by_halving() -> None:
    bad = oid(scalar(3))
    async with park(objects()) as site:
        site.agent.misbehave = lambda asked: Fault(error=5) if bad in asked.oids else None
        assert await site.read() == {k: v for k, v in TRUTH.items() if k != "own_3"}


async def test_an_error_with_values_beside_it_gives_no_values() -> None:
    async with park(objects()) as site:
        site.always(Fault(error=5, index=1))
        assert await site.read() == "refused"


async def test_d9_an_object_that_is_not_there_is_absent() -> None:
    async with park(objects(2), device(*points(4))) as site:
        reading = await site.reading()
        assert reading.missing == ("own_3", "own_4")
        site.always(Fault(null=True))
        assert await site.read() == "refused"


async def test_a_counter_that_comes_with_another_type_is_absent_until_a_restart() -> None:
    meter = device(point("energy_import", scalar(1), unit="kWh"), *points(2)[1:])
    async with park(objects(2), meter) as site:
        site.agent.set(scalar(1), number("counter64", 2**40))
        assert (await site.reading()).registers == {"energy_import": 2**40 * 3_600_000}
        site.agent.set(scalar(1), number("counter32", 5))
        assert (await site.reading()).missing == ("energy_import",)
        site.agent.reboot()
        assert (await site.reading()).registers == {"energy_import": 5 * 3_600_000}


async def test_a_silent_agent_is_a_timeout_and_a_closed_port_is_told_at_once() -> None:
    async with park(objects(), timeout_ms=SILENCE_MS) as site:
        site.always(Fault(silent=True))
        assert await site.read() == "timeout"
        assert site.sizes() == [5, 5]
        await site.agent.stop()
        assert await site.read() == "refused"
