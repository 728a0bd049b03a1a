"""A serial port is opened again by a daemon that was restarted."""

from __future__ import annotations

import pytest
from tests.readers.riser import ONE, riser

from meterd.readers import modbus_rtu
from meterd.readers.line import ReadFailed


async def test_a_line_is_opened_again_with_its_parity_after_a_restart() -> None:
    async with riser() as line:
        assert line.link.serial is not None
        assert line.link.serial.parity == "even"
        for _ in range(3):
            reading = await modbus_rtu.read_once(line.link, ONE, (), line.around)
            assert reading.gauges == {"a": 10_007.0}


async def test_a_port_that_cannot_be_set_so_is_a_link_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(modbus_rtu, "PSEUDO", "/nowhere/")
    async with riser() as line:
        assert await line.read() == {"a": 10_007.0}
        line.line.close()
        with pytest.raises(ReadFailed, match="Invalid argument") as failed:
            await modbus_rtu.read_once(line.link, ONE, (), line.around)
        assert (failed.value.reason, failed.value.link_down) == ("connect", True)
