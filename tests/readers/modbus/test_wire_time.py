"""What one request takes of a line: certain on a port of ours, an estimate elsewhere."""

from __future__ import annotations

import msgspec
import pytest
from tests.readers.riser import ONE

from meterd.config.points import ModbusLink, SerialPort
from meterd.readers.modbus.rtu_line import plan_cycle


def test_a_plan_of_a_line_behind_a_server_is_an_estimate() -> None:
    """The line is taken to be 19,200 baud, unless it is told; only a pause is certain."""
    link = ModbusLink(name="gateway", protocol="modbus_rtu_tcp", devices=(ONE,))
    (request,) = plan_cycle(link)
    assert request.wire_s == pytest.approx(0.01 + (15 + 7) * 11 / 19_200)
    assert request.least_s == 0
    (told,) = plan_cycle(msgspec.structs.replace(link, baudrate=9600))
    assert told.least_s == pytest.approx((15 + 7) * 11 / 9600)
    assert told.wire_s == pytest.approx(0.01 + told.least_s)


def test_a_device_that_wants_a_pause_has_it_planned() -> None:
    serial = SerialPort(path="/dev/ttyUSB0", baudrate=9600, parity="none", stopbits=1)
    slow = msgspec.structs.replace(ONE, pause_ms=50)
    link = ModbusLink(name="riser", protocol="modbus_rtu", serial=serial, devices=(slow,))
    assert plan_cycle(link)[0].wire_s == pytest.approx((15 + 3.5) * 10 / 9600 + 0.05)
