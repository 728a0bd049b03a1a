"""RTU lines: silence, late replies, quarantine, faults, ports that come and go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from tests.readers.hall import M1, TRUTH
from tests.readers.modbus.devices import StillClock, around
from tests.readers.riser import LATE_MS, ONE, TURNAROUND_MS, TWO, riser

from meterd.clock import SystemClock
from meterd.config.points import ModbusLink, SerialPort
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_rtu, modbus_rtu_tcp
from meterd.readers.line import LinkStats, ReadFailed
from meterd.readers.modbus.rtu_line import RtuLine, pace, plan_cycle
from meterd.sim.modbus_server import Asked, Fault

KINDS = pytest.mark.parametrize("kind", ["pty", "tcp"])


@KINDS
async def test_units_that_are_well(kind: str) -> None:
    async with riser(kind) as line:
        assert await line.read(M1) == TRUTH
        assert await line.read(TWO) == {"a": 20_007.0}
        assert (line.stats.opened, line.stats.faults) == (1, {})


async def test_frames_are_apart_by_the_silence_of_three_and_a_half_characters() -> None:
    async with riser() as line:
        assert pace(line.link).silence_s == pytest.approx(3.5 * 11 / 19_200)
        for _ in range(5):
            await line.read(ONE)
        assert line.gap_ms() >= 3.5 * 11 / 19.2


@KINDS
async def test_a_late_reply_is_never_the_next_answer(kind: str) -> None:
    async with riser(kind) as line:
        line.spoil(Fault(delay_ms=LATE_MS))
        assert await line.read(ONE) == "timeout"
        line.server.units[1].holding[7] = 4711
        assert await line.read(ONE) == {"a": 4711.0}
        assert line.gap_ms() >= LATE_MS
        assert line.stats.faults == {"timeout": 1, "late": 1}


async def test_a_reply_that_never_comes_holds_the_line_until_it_cannot_come_any_more() -> None:
    async with riser() as line:
        line.spoil(Fault(silent=True))
        assert await line.read(ONE) == "timeout"
        assert await line.read(TWO) == {"a": 20_007.0}
        assert line.gap_ms() >= TURNAROUND_MS


@KINDS
async def test_a_caller_that_is_cancelled_leaves_no_answer_to_the_next(kind: str) -> None:
    async with riser(kind) as line:
        asked = asyncio.Event()

        def slow(_asked: Asked) -> Fault:
            asked.set()
            line.server.misbehave = None
            return Fault(delay_ms=LATE_MS // 3)

        line.server.misbehave = slow
        asking = asyncio.create_task(line.read(ONE))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        line.server.units[1].holding[7] = 4711
        assert await line.read(ONE) == {"a": 4711.0}
        assert line.stats.faults == {"late": 1}


async def test_a_new_connection_does_not_clear_what_is_on_its_way() -> None:
    async with riser("tcp") as line:
        line.spoil(Fault(delay_ms=LATE_MS))
        assert await line.read(ONE) == "timeout"
        line.line.close()
        line.server.units[1].holding[7] = 4711
        assert await line.read(ONE) == {"a": 4711.0}
        assert line.stats.opened == 2


FAULTS = {
    "noise before it": (Fault(before=b"\xff\x00\x01"), {"a": 10_007.0}),
    "half of it": (Fault(cut=4), "short"),
    "a wrong checksum": (Fault(cut=6), "short"),
    "another unit's answer": (Fault(unit=1), "garbled"),
    "another function's answer": (Fault(function=1), "garbled"),
    "another length": (Fault(words=2), "wrong_length"),
    "a refusal": (Fault(exception=2), "refused"),
    "a gateway that cannot reach it": (Fault(exception=11), "unreachable"),
}


@pytest.mark.parametrize(("fault", "outcome"), FAULTS.values(), ids=FAULTS.keys())
async def test_what_is_not_the_answer_is_not_taken_for_it(
    fault: Fault, outcome: dict[str, float] | str
) -> None:
    async with riser() as line:
        line.spoil(fault)
        assert await line.read(ONE) == outcome


async def test_an_adapter_that_echoes_is_understood() -> None:
    async with riser() as line:
        line.server.echo = True
        assert await line.read(M1) == TRUTH


async def test_a_port_is_held_by_one_master() -> None:
    async with riser() as line:
        await line.read(ONE)
        _around, other = around(StillClock()), LinkStats("other")
        second = RtuLine(line.link, {}, (_around[0], other, modbus_rtu.dial))
        with pytest.raises(ReadFailed, match="lock") as failed:
            await second.read(ONE)
        assert failed.value.link_down


async def test_an_adapter_that_is_pulled_out_and_put_back(tmp_path: Path) -> None:
    async with riser() as line:
        stable = tmp_path / "by-id"
        serial = line.link.serial
        assert serial is not None
        stable.symlink_to(serial.path)
        line.line._link = msgspec.structs.replace(
            line.link, serial=msgspec.structs.replace(serial, path=str(stable))
        )
        assert await line.read(ONE) == {"a": 10_007.0}
        line.server.unplug()
        assert await line.read(ONE) in ("closed", "timeout")
        assert await line.read(ONE) == "connect"
        stable.unlink()
        stable.symlink_to(line.server.plug())
        assert await line.read(ONE) == {"a": 10_007.0}


async def test_a_port_that_is_not_there() -> None:
    async with riser() as line:
        missing = SerialPort(path="/dev/null/none")
        link = msgspec.structs.replace(line.link, serial=missing)
        with pytest.raises(ReadFailed, match="/dev/null/none") as failed:
            await modbus_rtu.read_once(link, ONE, (), line.around)
        assert (failed.value.reason, failed.value.link_down) == ("connect", True)


async def test_a_serial_server_that_is_not_there() -> None:
    async with riser("tcp") as line:
        await line.server.stop()
        with pytest.raises(ReadFailed, match="Connect call failed") as failed:
            await modbus_rtu_tcp.read_once(line.link, ONE, (), line.around)
        assert (failed.value.reason, failed.value.link_down) == ("connect", True)


async def test_a_dead_unit_costs_the_others_no_more_than_a_turnaround() -> None:
    async with riser(timeout_ms=50, max_turnaround_ms=100) as line:
        del line.server.units[2]
        told: list[Reading | PollFailed] = []
        surroundings = line.around._replace(clock=SystemClock(), emit=told.append)
        fast = tuple(msgspec.structs.replace(one, every_ms=100) for one in (ONE, TWO))
        link = msgspec.structs.replace(line.link, devices=fast)
        polling = asyncio.create_task(modbus_rtu.run(link, {}, surroundings, line.stats))
        while sum(isinstance(one, Reading) for one in told) < 12:
            await asyncio.wait([polling], timeout=0.05)
        polling.cancel()
        await asyncio.wait([polling])
        lost = [one for one in told if isinstance(one, PollFailed)]
        assert {one.meter for one in lost} == {"two"}
        assert len(lost) <= 5


def test_a_plan_knows_the_time_on_the_wire() -> None:
    serial = SerialPort(path="/dev/ttyUSB0", baudrate=9600, parity="none", stopbits=1)
    link = ModbusLink(name="riser", protocol="modbus_rtu", serial=serial, devices=(ONE,))
    (request,) = plan_cycle(link)
    assert (request.request_bytes, request.reply_bytes) == (8, 7)
    assert request.wire_s == pytest.approx((15 + 7) * 10 / 9600)
    assert request.least_s == request.wire_s


async def test_a_pause_is_kept_between_requests_and_is_not_busy_time() -> None:
    async with riser() as line:
        slow = msgspec.structs.replace(ONE, pause_ms=60)
        line.line._turns._clock = SystemClock()
        await line.read(slow)
        before_s = line.stats.busy_s
        await line.read(slow)
        assert line.gap_ms() >= 60
        assert before_s is not None
        assert line.stats.busy_s is not None
        assert 0.9 * TURNAROUND_MS / 1000 < before_s < line.stats.busy_s < before_s + 0.06


def test_a_fast_line_is_silent_for_a_fixed_time() -> None:
    fast = SerialPort(path="/dev/ttyUSB0", baudrate=115_200)
    assert pace(ModbusLink(name="riser", serial=fast)).silence_s == 0.00175


async def test_what_nobody_asked_for_is_noise() -> None:
    async with riser() as line:
        await line.read(ONE)
        line.line._bus.hear(b"\x01\x02")
        assert line.stats.faults == {"noise": 1}
        assert await line.read(ONE) == {"a": 10_007.0}
