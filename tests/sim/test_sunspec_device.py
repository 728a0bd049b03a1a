"""The simulated SunSpec device, as an independent client of the standard sees it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

from meterd.config.points import ModbusPoint
from meterd.config.sunspec import SunSpecConfig
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.profile_device import refresh
from meterd.sim.sunspec_device import MAKER, placed, write_map

POINTS = tuple(
    ModbusPoint(quantity=quantity, table="holding", address=0, sunspec=name)
    for quantity, name in {
        "active_power": "W", "voltage_l1": "PhVphA", "frequency": "Hz", "power_factor": "PF",
        "serial_number": "SN", "own": "NoSuchPoint",
    }.items()
)  # fmt: skip
PLAIN = ModbusPoint(quantity="temperature", table="input", address=7, type="int16")


def asked(port: int) -> dict[int, Any]:
    """What the standard's own client finds: model number -> its points."""
    logging.disable(logging.CRITICAL)
    device = SunSpecModbusClientDeviceTCP(slave_id=1, ipaddr="127.0.0.1", ipport=port, timeout=5)
    device.scan()
    device.close()
    logging.disable(logging.NOTSET)
    return {
        number: models[0] for number, models in device.models.items() if isinstance(number, int)
    }


@pytest.mark.parametrize("model", [101, 113, 203, 213])
async def test_a_client_of_the_standard_reads_it(model: int) -> None:
    wanted = SunSpecConfig(models=(model,))
    unit = Unit()
    write_map(unit, wanted)
    refresh(unit, placed((*POINTS, PLAIN), wanted), 0)
    server = ModbusServer({1: unit})
    try:
        models = await asyncio.to_thread(asked, await server.start())
    finally:
        await server.stop()
    assert models.keys() == {1, model}
    assert models[1].Mn.value == MAKER["Mn"]
    assert models[1].SN.value == "SIMULATED-1"
    found = models[model]
    assert found.W.cvalue == pytest.approx(4200)
    assert found.PhVphA.cvalue == pytest.approx(230)
    assert found.Hz.cvalue == pytest.approx(50)
    assert found.PF.cvalue == pytest.approx(0.96 if model == 213 else 96)
    energy = found.WH if model < 200 else found.TotWhImp
    assert not energy.value  # nothing was asked to be put there: it is not implemented
    assert unit.input == {7: 0}
