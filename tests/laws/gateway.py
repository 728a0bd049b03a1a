"""The small world's Modbus devices, behind one gateway: true frames, and what befalls them.

A device is one unit: what it measures at address 0, how long it has been up at 4. A frame is
lost, late, doubled, cut off, of another's, refused or noise; the connection ends or is refused.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tests.laws.plant import LIES, NO_UPTIME, Device, Outside

from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint, WordType
from meterd.sim.modbus_server import Asked, Fault, ModbusServer, Unit

PLACE: Final = ("gateway", 502)
FRAMES: Final = ("silent", "foreign", "noise", "refusal", "hangup")
"""What may befall its frames."""
TIMEOUT_MS: Final = 1_000
SHUT_MS: Final = 100_000
"""A gateway that restarts is back within so long."""
UPTIME_AT: Final = 4
CODES: Final = (1, 2, 3, 4, 5, 6, 10, 11)
_LAYOUTS: Final[dict[WordType, str]] = {"uint32": ">I", "uint64": ">Q", "int32": ">i"}
_ABSENT: Final = {"uint32": 2**32 - 1, "uint64": 2**64 - 1, "int32": -(2**31)}


def _size(device: Device) -> WordType:
    """The words of what it measures."""
    if device.register is None:
        return "int32"
    return "uint64" if device.register.modulus is None else "uint32"


def _point(quantity: str, address: int, size: WordType, scale: Decimal) -> ModbusPoint:
    return ModbusPoint(
        quantity=quantity,
        table="holding",
        address=address,
        type=size,
        scale=scale,
        invalid=(_ABSENT[size],),
    )


def _device(unit: int, device: Device, every_ms: int) -> ModbusDevice:
    quantity, scale = device.measures
    points = [_point(quantity, 0, _size(device), scale)]
    if device.name not in NO_UPTIME:
        points.append(_point("uptime", UPTIME_AT, "uint32", Decimal(1)))
    return ModbusDevice(meter=device.name, unit=unit, points=tuple(points), every_ms=every_ms)


class Gateway:
    """Answers for devices."""

    def __init__(self, devices: Mapping[str, Device], outside: Outside) -> None:
        self._host, self._befalls, self._chance = outside
        self._devices = dict(enumerate(devices.values(), 1))
        self._shut_ms = 0
        self._server = ModbusServer({unit: Unit() for unit in self._devices})
        self._server.misbehave = self._asked

    def link(self, every_ms: int) -> ModbusLink:
        """How they are asked, so often."""
        host, port = PLACE
        devices = tuple(_device(unit, one, every_ms) for unit, one in self._devices.items())
        return ModbusLink(
            name="gateway", host=host, port=port, timeout_ms=TIMEOUT_MS, devices=devices
        )

    def accept(self) -> asyncio.Protocol:
        """A connection; ConnectionRefusedError while it restarts."""
        if self._host.true_ms() < self._shut_ms:
            raise ConnectionRefusedError
        return self._server.session()

    def _asked(self, asked: Asked) -> Fault | None:
        """Let the device show what it has now, and something befall the frame."""
        device = self._devices[asked.unit]
        device.live(self._host.true_ms())
        words = self._server.units[asked.unit].holding
        if asked.address == 0:
            said, size = device.say(self._befalls(LIES)), _size(device)
            _put(words, 0, struct.pack(_LAYOUTS[size], _ABSENT[size] if said is None else said))
        _put(words, UPTIME_AT, struct.pack(">I", int(device.up_s)))
        name = self._befalls(FRAMES)
        return self._fault(name, asked.count) if name else None

    def _fault(self, name: str, words: int) -> Fault:
        """What befalls the answer to a request for so many words."""
        chance = self._chance
        if name == "silent":
            late = Fault(delay_ms=chance.randrange(4 * TIMEOUT_MS))
            amid_the_next = Fault(delay_ms=TIMEOUT_MS + chance.randrange(10))
            return chance.choice((Fault(silent=True), late, amid_the_next))
        if name == "foreign":
            ids = (Fault(tid=chance.randrange(1, 65536)), Fault(unit=1), Fault(function=1))
            return chance.choice((*ids, Fault(twice=True)))
        if name == "noise":
            noise, cut = chance.randbytes(chance.randrange(1, 20)), chance.randrange(1, 13)
            others = words + chance.choice((-1, 1, 2))
            return chance.choice((Fault(before=noise), Fault(cut=cut), Fault(words=others)))
        if name == "refusal":
            return Fault(exception=chance.choice(CODES))
        if chance.random() < 0.3:
            self._shut_ms = self._host.true_ms() + chance.randrange(SHUT_MS)
        return Fault(close=True, silent=chance.random() < 0.5)


def _put(words: dict[int, int], at: int, data: bytes) -> None:
    words |= dict(enumerate(struct.unpack(f">{len(data) // 2}H", data), at))
