"""What reading BACnet/IP costs: CPU ms for a thousand points, beside bacpypes3 by itself.

A device made of bytes, in another process, answers ReadPropertyMultiple for 20 analog inputs
of four properties each. By turns in the same run: our reader with everything it does, and a
bare loop that asks the same with bacpypes3 and lets it decode every value.

    python bench/bacnet_read.py [--polls 100] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from tests.readers.bacnet_ip.canned import Key, analog, canned, real

from meterd.clock import SystemClock
from meterd.config.bacnet import BacnetDevice, BacnetLink, BacnetPoint
from meterd.readers.bacnet_ip.device import DeviceReader
from meterd.readers.bacnet_ip.network import Network
from meterd.readers.line import LinkStats, Surroundings

POINTS = 20
WARM_UP = 5
HEALTH = ("present-value", "status-flags", "reliability", "out-of-service")


async def serve() -> None:
    """The other side; prints its port. Every request is the same, and so is its answer."""
    own: dict[Key, bytes] = {}
    for n in range(POINTS):
        own |= analog(n, real(230.0 + n), 5)
    async with canned(own) as device:
        sound, known = device.sound, dict[bytes, bytes]()

        def answer(invoke: int, service: int, content: bytes) -> list[bytes]:
            if content not in known:
                known[content] = sound(invoke, service, content)
            whole = known[content]
            return [whole[:1] + bytes((invoke,)) + whole[2:]]

        device.answer = answer
        print(device.address[1], flush=True)
        await asyncio.Event().wait()


async def ours(port: int, polls: int) -> float:
    """CPU ms for a thousand points, by our reader."""
    points = tuple(BacnetPoint(quantity=f"value_{n}", oid=(0, n)) for n in range(POINTS))
    device = BacnetDevice(meter="m", address=f"127.0.0.1:{port}", points=points)
    link = BacnetLink(name="bms", bind="127.0.0.1", port=0)
    around = Surroundings(SystemClock(), lambda _: None, random.Random(1))
    network = Network(link, around, LinkStats("bms"))
    reader, ask = DeviceReader(device, (), around), await network.way(device.address)
    try:
        begun = 0
        for poll in range(polls + WARM_UP):
            begun = time.process_time_ns() if poll == WARM_UP else begun
            reading = await reader.read(ask)
            assert len(reading.gauges) == POINTS
        return (time.process_time_ns() - begun) / polls / POINTS / 1000
    finally:
        network.close()


async def bare(port: int, polls: int) -> float:
    """CPU ms for a thousand points, by bacpypes3 alone."""
    from bacpypes3.ipv4.app import NormalApplication  # noqa: PLC0415 - only here
    from bacpypes3.local.device import DeviceObject  # noqa: PLC0415
    from bacpypes3.pdu import Address, IPv4Address  # noqa: PLC0415

    device = DeviceObject(objectIdentifier=("device", 1), objectName="x", vendorIdentifier=999)
    app = NormalApplication(device, IPv4Address("127.0.0.1:47999"))
    asked: list[Any] = []
    for n in range(POINTS):
        asked += [f"analog-input,{n}", list(HEALTH)]
    try:
        begun = 0
        for poll in range(polls + WARM_UP):
            begun = time.process_time_ns() if poll == WARM_UP else begun
            found = await app.read_property_multiple(Address(f"127.0.0.1:{port}"), asked)
            assert len(found) == POINTS * len(HEALTH)
        return (time.process_time_ns() - begun) / polls / POINTS / 1000
    finally:
        app.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU for a thousand BACnet points")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--polls", type=int, default=100, help="of the device, per round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            rounds = [
                (asyncio.run(bare(port, options.polls)), asyncio.run(ours(port, options.polls)))
                for _ in range(options.rounds)
            ]
        finally:
            server.terminate()
    floor, cost = (median(column) for column in zip(*rounds, strict=True))
    print(f"{POINTS} points of {len(HEALTH)} properties in one request, CPU for 1,000 points")
    print(f"bacpypes3   {floor:8.1f} ms")
    print(f"meterd      {cost:8.1f} ms")
    print(f"ratio       {cost / floor:8.2f}")


if __name__ == "__main__":
    main()
