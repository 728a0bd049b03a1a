"""Whether a connection's cycle fits: by what is certain, and by estimate."""

from __future__ import annotations

import msgspec
import pytest
from tests.readers.modbus.devices import device, point

from meterd.config.points import ModbusLink, SerialPort
from meterd.config.pulse import PulseLink
from meterd.readers.budget import budgets

FAST = device(point("a", 7), every_ms=100)


def test_a_serial_line_is_certain() -> None:
    serial = SerialPort(path="/dev/ttyUSB0", baudrate=9600)
    link = ModbusLink(name="riser", protocol="modbus_rtu", serial=serial, devices=(FAST,))
    (found,) = budgets([link])
    assert found.share == found.estimate == pytest.approx((15 + 7) * 11 / 9600 / 0.1)
    assert found.fits
    twenty = msgspec.structs.replace(link, devices=(FAST,) * 5)
    assert not budgets([twenty])[0].fits


def test_a_gateway_is_certain_as_far_as_its_line_is_told() -> None:
    link = ModbusLink(name="hall", devices=(FAST,) * 11)
    (found,) = budgets([link])
    assert found.share == 0
    assert found.estimate == pytest.approx(1.1)
    assert found.fits
    (told,) = budgets([msgspec.structs.replace(link, baudrate=9600)])
    assert told.share > 1
    assert told.said() == f"its meters ask for {told.share:.0%} of the line's time"


def test_what_is_not_asked_takes_no_time() -> None:
    link = PulseLink(name="gpio", chip="/dev/gpiochip0", devices=())
    assert budgets([link])[0].estimate == 0
