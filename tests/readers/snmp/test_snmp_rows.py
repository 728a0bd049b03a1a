"""Rows of tables, restarts and walks: no value is of another row than the one meant."""

from __future__ import annotations

from tests.readers.snmp.park import (
    BASE,
    ENERGIES,
    LABELS,
    POWERS,
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

from meterd.config.points import RowConfig
from meterd.readers.snmp.rows import NOT_FOUND_MS
from meterd.sim.snmp_agent import Fault
from meterd.sim.snmp_ber import GET, GET_BULK, GET_NEXT, Value, number, oid, text


async def test_a_row_is_found_by_its_text_and_walked_for_once() -> None:
    async with park(outlets("outlet-1", "outlet-2", "outlet-3"), outlet("outlet-2")) as site:
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}
        kinds = [asked.type for asked in site.took()]
        assert kinds[0] == GET
        assert set(kinds[1:-1]) == {GET_BULK}
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}
        assert [asked.type for asked in site.took()] == [GET]


async def test_d10_after_a_restart_no_value_is_of_the_old_index() -> None:
    async with park(outlets("outlet-1", "outlet-2"), outlet("outlet-2")) as site:
        await site.read()
        site.agent.reboot(outlets("outlet-2", "outlet-1"))
        site.clock.now += 10_000
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}
        assert site.stats.faults["restarted"] == 1


async def test_d10_rows_that_move_without_a_restart_are_found_again() -> None:
    async with park(outlets("outlet-1", "outlet-2"), outlet("outlet-2")) as site:
        await site.read()
        for name, value in outlets("outlet-3", "outlet-1", "outlet-2").items():
            site.agent.set(name, value)
        assert await site.read() == {"energy_import": 200.0, "active_power": 0.201}


async def test_d10_two_rows_with_the_same_text_are_none() -> None:
    meter = outlet("outlet-2")
    meter = device(*meter.points, point("own_1", scalar(1)))
    served = {**outlets("outlet-1", "outlet-2", "outlet-2"), scalar(1): number("gauge32", 5)}
    async with park(served, meter) as site:
        assert await site.read() == {"own_1": 5.0}
        assert site.stats.faults["row_twice"] == 1
        site.sizes()
        assert await site.read() == {"own_1": 5.0}
        assert len(site.sizes()) == 1, "it is not walked for in every cycle"
        site.agent.set(f"{LABELS}.3", text("outlet-9"))
        site.clock.now += NOT_FOUND_MS
        assert "energy_import" in await site.read()


async def test_a_restart_between_two_answers_of_a_cycle_begins_it_again() -> None:
    async with park(objects(40), device(*points(40))) as site:
        await site.read()
        site.clock.now += 10_000
        site.sizes()

        def rebooting(asked: object) -> None:
            if len(site.agent.asked) == 2:
                site.agent.reboot()

        site.agent.misbehave = rebooting
        reading = await site.reading()
        assert (len(reading.gauges), reading.uptime_s) == (40, 0.01)


async def test_an_agent_that_restarts_all_the_time_is_not_read() -> None:
    async with park(outlets("outlet-1"), outlet("outlet-1")) as site:
        await site.read()
        ticks = iter(range(400_000, 0, -5_000))
        site.agent.refresh = lambda: site.agent.set(UPTIME, number("timeticks", next(ticks)))
        assert await site.read() == "restarting"


async def test_d12_the_wrap_of_the_uptime_is_no_restart() -> None:
    async with park(outlets("outlet-1", uptime=2**32 - 500), outlet("outlet-1")) as site:
        await site.read()
        site.clock.now += 10_000
        site.agent.set(UPTIME, number("timeticks", 500))
        await site.read()
        assert "restarted" not in site.stats.faults


async def test_version_1_walks_one_row_at_a_time() -> None:
    served = outlets("outlet-1", "outlet-2")
    served = {k: number("counter32", 7) if v.type == "counter64" else v for k, v in served.items()}
    async with park(served, outlet("outlet-2"), version="1") as site:
        assert (await site.read()) == {"energy_import": 7.0, "active_power": 0.201}
        assert {asked.type for asked in site.took()} == {GET, GET_NEXT}


async def test_d8_a_walk_asks_for_fewer_rows_when_they_are_too_many() -> None:
    labels = [f"outlet-{n}" for n in range(1, 41)]
    async with park(outlets(*labels), outlet("outlet-40")) as site:
        site.agent.max_varbinds = 4
        assert await site.read() == {"energy_import": 4000.0, "active_power": 4.001}


async def test_d7_a_walk_that_breaks_off_keeps_what_it_found() -> None:
    labels = [f"outlet-{n}" for n in range(1, 61)]
    meters = outlet("outlet-3"), outlet("outlet-60", meter="m2")
    async with park(outlets(*labels), *meters, timeout_ms=SILENCE_MS) as site:
        cut = oid(f"{LABELS}.25")
        site.agent.misbehave = lambda asked: Fault(silent=True) if asked.oids == (cut,) else None
        assert await site.read("m1") == {"energy_import": 300.0, "active_power": 0.301}
        site.agent.misbehave = None
        assert await site.read("m2") == {"energy_import": 6000.0, "active_power": 6.001}


async def test_an_agent_that_cannot_be_walked_still_gives_its_other_points() -> None:
    row = RowConfig(oid=LABELS, equals="outlet-1")
    meter = device(point("active_power", POWERS, row=row, unit="W"), point("own_1", scalar(1)))
    served = {**outlets("outlet-1"), scalar(1): number("gauge32", 5)}
    async with park(served, meter, timeout_ms=SILENCE_MS) as site:
        site.agent.misbehave = lambda asked: Fault(silent=True) if asked.type == GET_BULK else None
        assert await site.read() == {"own_1": 5.0}


async def test_a_table_that_goes_in_circles_ends() -> None:
    async with park(outlets("outlet-1"), outlet("outlet-1")) as site:
        loop = (oid(f"{LABELS}.1"), text("outlet-7"))
        site.agent.misbehave = lambda a: Fault(bindings=(loop,)) if a.type == GET_BULK else None
        assert await site.read() == "refused"


async def test_a_row_may_be_known_by_a_number() -> None:
    served = {
        UPTIME: number("timeticks", 1),
        f"{LABELS}.4": number("integer", 17),
        f"{LABELS}.5": Value("null", b""),
        f"{ENERGIES}.4": number("counter32", 6),
    }
    row = RowConfig(oid=LABELS, equals="17")
    meter = device(point("energy_import", ENERGIES, row=row, unit="kWh"))
    async with park(served, meter) as site:
        assert await site.read() == {"energy_import": 6.0}
        assert BASE in LABELS
