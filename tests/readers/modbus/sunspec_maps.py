"""SunSpec maps laid out by hand, word by word, and one line to a device that holds one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.readers.hall import Site
from tests.readers.modbus.devices import device, link, point

from meterd.config.points import ModbusDevice
from meterd.config.sunspec import SunSpecConfig
from meterd.events import Reading
from meterd.readers.line import ReadFailed
from meterd.sim.modbus_server import ModbusServer, Unit

ABSENT = 0x8000


def text(said: str, words: int) -> list[int]:
    data = said.encode().ljust(2 * words, b"\0")
    return [data[at] << 8 | data[at + 1] for at in range(0, 2 * words, 2)]


def common(serial: str) -> list[int]:
    who = [*text("Maker", 16), *text("Model", 16), *text("", 8), *text("1.0", 8)]
    return [1, 66, *who, *text(serial, 16), 1, 0x8000]


def meter(number: int = 203, **values: int) -> list[int]:
    """A model of integers; offsets as the standard's table has them. Energies are two words."""
    words = [number, 105, *[ABSENT] * 105]
    for first, last in ((38, 54), (55, 71), (72, 104)):
        words[first:last] = [0] * (last - first)  # accumulators: not implemented
    assert len(words) == 107
    at = {"w": 18, "w_sf": 22, "hz": 16, "hz_sf": 17, "volt": 8, "v_sf": 15, "pf": 33, "pf_sf": 37}
    for name, value in values.items():
        if name in ("imported", "exported"):
            first = 46 if name == "imported" else 38
            words[first : first + 2] = [value >> 16, value & 0xFFFF]
        else:
            words[at.get(name) or 54] = value & 0xFFFF
    return words


def laid(base: int, *models: list[int]) -> dict[int, int]:
    """A map from `base`, with its marker and its end."""
    words = [0x5375, 0x6E53, *(word for model in models for word in model), 0xFFFF, 0]
    return dict(enumerate(words, base))


USUAL: Mapping[str, Any] = {
    "w": -1234, "w_sf": 1, "hz": 5001, "hz_sf": -2, "volt": 2301, "v_sf": -1, "pf": -98,
    "pf_sf": 0, "imported": 123_456, "energy_sf": 2,
}  # fmt: skip

POINTS = (
    point("energy_import", sunspec="TotWhImp", type=None),
    point("energy_export", sunspec="TotWhExp", type=None),
    point("active_power", sunspec="W", type=None),
    point("voltage_l1", sunspec="PhVphA", type=None),
    point("voltage_l2", sunspec="PhVphB", type=None),
    point("power_factor", sunspec="PF", type=None),
    point("frequency", sunspec="Hz", type=None),
    point("serial_number", sunspec="SN", type=None),
)


def sun(**more: Any) -> ModbusDevice:
    """A meter that is found."""
    wanted = {key: more.pop(key) for key in ("base", "instance", "models") if key in more}
    return device(*more.pop("points", POINTS), sunspec=SunSpecConfig(**wanted), **more)


class Roof(Site):
    """A device with a map, and a line to it."""

    async def whole(self, asked: ModbusDevice) -> Reading | str:
        try:
            return await self.line.read(asked)
        except ReadFailed as failure:
            return f"{failure.reason}: {failure}"

    def holds(self, words: dict[int, int]) -> None:
        self.server.units[1].holding = words


@asynccontextmanager
async def roof(words: dict[int, int], asked: ModbusDevice, **more: Any) -> AsyncIterator[Roof]:
    server = ModbusServer({1: Unit(holding=words)})
    server.keep = True
    found = Roof(server, link(await server.start(), asked, **more))
    try:
        yield found
    finally:
        found.line.close()
        await server.stop()
