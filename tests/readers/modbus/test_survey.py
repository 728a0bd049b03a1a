"""Looking around: who answers, what it is, and that a silent line is done in a known time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from tests.readers.modbus.devices import around, link
from tests.readers.modbus.sunspec_maps import USUAL, common, laid, meter
from tests.readers.riser import riser

from meterd.cli.scan_modbus import candidates
from meterd.config.links import device_points
from meterd.config.meters import MeterConfig
from meterd.config.profiles import read_profile
from meterd.readers import modbus_tcp
from meterd.readers.found import Found
from meterd.readers.line import ReadFailed
from meterd.readers.modbus import rtu_line
from meterd.readers.modbus.survey import scan
from meterd.sim.modbus_server import Asked, Fault, ModbusServer, Unit
from meterd.sim.profile_device import refresh

KNOWN = candidates()


def built(profile: str) -> Unit:
    """A device as the profile has it, under load."""
    found, _findings = read_profile(profile, Path())
    assert found is not None
    unit = Unit()
    refresh(unit, device_points(MeterConfig(name="m", points=found.points)), 100)
    return unit


@asynccontextmanager
async def hall(units: dict[int, Unit], timeout_ms: int = 2000) -> AsyncIterator[ModbusServer]:
    server = ModbusServer(units)
    server.keep = True
    server.place = link(await server.start(), timeout_ms=timeout_ms)  # type: ignore[attr-defined]
    try:
        yield server
    finally:
        await server.stop()


async def looked(server: ModbusServer, *units: int) -> tuple[list[Found], list[str]]:
    talk = modbus_tcp.talk(server.place, 0, around()[0])  # type: ignore[attr-defined]
    try:
        return await scan(talk, units, KNOWN, around()[0])
    finally:
        talk.close()


PROFILES = ["abb/b23", "eastron/sdm630", "schneider/iem3155", "carlo-gavazzi/em340"]


@pytest.mark.parametrize("profile", [one.name for one in KNOWN if one.name in PROFILES])
async def test_a_device_is_recognised_by_what_it_measures(profile: str) -> None:
    async with hall({5: built(profile)}) as server:
        (found,), noticed = await looked(server, 4, 5, 6)
    assert noticed == []
    assert found.address == 5
    alike = found.title.partition("as likely ")[2].split(", ")
    assert profile in (found.profile, *alike)
    values = {one.quantity: one.value for one in found.points}
    assert values["voltage_l1"] == pytest.approx(230)


async def test_an_identification_decides_between_those_that_are_alike() -> None:
    unit = built("eastron/sdm630")
    unit.identity = ("Eastron", "SDM54", "1.0")
    async with hall({1: unit}) as server:
        (found,), _ = await looked(server, 1)
    assert found.title.startswith("unit 1: Eastron SDM54 1.0")
    assert str(found.profile).startswith("eastron/")


async def test_a_sunspec_device_is_taken_at_its_word() -> None:
    words = laid(40_000, common("A"), meter(**USUAL), common("B"), meter(**{**USUAL, "w": 7}))
    async with hall({1: Unit(holding=words)}) as server:
        (first, second), _ = await looked(server, 1)
    assert (first.profile, first.keys) == ("sunspec/meter", {"sunspec": {"instance": 1}})
    assert second.keys == {"sunspec": {"instance": 2}}
    assert {one.quantity: one.value for one in second.points}["active_power"] == 0.07
    assert "SunSpec model 203" in second.title


async def test_what_nobody_knows_is_told_and_not_guessed() -> None:
    async with hall({9: Unit(holding=dict.fromkeys(range(100), 7))}) as server:
        (found,), _ = await looked(server, 9)
    assert (found.profile, found.points) == (None, ())
    assert "no packaged profile fits" in found.title


async def test_a_device_that_answers_for_every_unit_is_looked_at_once() -> None:
    unit = built("eastron/sdm630")
    async with hall(dict.fromkeys(range(1, 248), unit)) as server:
        found, noticed = await looked(server, *range(1, 248))
    assert [one.address for one in found] == [1]
    assert "every unit id" in noticed[0]


async def test_a_unit_that_is_silent_about_what_it_has_not_is_left_in_peace() -> None:
    async with hall({1: Unit(holding={0: 1})}, timeout_ms=30) as server:

        def rude(asked: Asked) -> Fault | None:
            return None if asked.address == 0 else Fault(silent=True)

        server.misbehave = rude
        (found,), _ = await looked(server, 1)
        assert found.profile is None
        assert len(server.asked) < 12


async def test_noise_is_told_and_the_next_unit_is_asked() -> None:
    async with hall({1: Unit(holding={0: 1}), 2: built("eastron/sdm630")}) as server:
        server.misbehave = lambda asked: Fault(words=9) if asked.unit == 1 else None
        (found,), (said,) = await looked(server, 1, 2)
    assert found.address == 2
    assert said.startswith("unit 1: ")
    assert "another length" in said


async def test_a_line_that_is_not_there_is_no_empty_line() -> None:
    async with hall({}) as server:
        place = server.place  # type: ignore[attr-defined]
        await server.stop()
        talk = modbus_tcp.talk(place, 0, around()[0])
        with pytest.raises(ReadFailed, match="Connect call failed"):
            await scan(talk, [1], KNOWN, around()[0])


async def test_a_serial_line_on_which_nobody_answers_is_done_in_a_known_time() -> None:
    async with riser() as line:
        line.server.units.clear()
        quick = msgspec.structs.replace(line.link, timeout_ms=10, max_turnaround_ms=20)
        talk = rtu_line.talk(quick, 0, (line.around, line.line._dial))
        async with asyncio.timeout(20):
            assert await scan(talk, range(1, 31), KNOWN, line.around) == ([], [])
        talk.close()
        assert [one.unit for one in line.server.asked] == list(range(1, 31))


async def test_a_meter_on_a_serial_line_is_recognised() -> None:
    async with riser() as line:
        line.server.units = {3: built("eastron/sdm120")}
        fast = msgspec.structs.replace(line.link, timeout_ms=60, max_turnaround_ms=120)
        talk = rtu_line.talk(fast, 0, (line.around, line.line._dial))
        (found,), _ = await scan(talk, (2, 3), KNOWN, line.around)
        talk.close()
        assert (found.address, found.profile) == (3, "eastron/sdm120")
