"""How much does a day of metering write to the disk? What an SD card lives on.

20 Modbus TCP meters with a counter and a power are read every 10 s, each billed and recorded,
with a store on the disk. Counted are the bytes that the kernel sends to the disk for the daemon
(write_bytes of /proc/PID/io), over a window after its warm-up, and what they come to in a day.

    python bench/flash.py [--meters 20] [--every 10] [--seconds 300]

The floor beside it is what the same number of commits of one page would write: a page of the
log and the frame before it, every time that meters were read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.peers.process import running  # run from a checkout

from meterd.sim.modbus_server import ModbusServer, Unit

DAY_S: Final = 86_400
WARM_UP_S: Final = 30
PAGE: Final = 4096
POINTS: Final = {
    "energy_import": {"table": "holding", "address": 0, "type": "uint32", "scale": "0.001"}
    | {"unit": "kWh", "nonvolatile": True, "max_kw": 1000},
    "active_power": {"table": "input", "address": 0, "type": "float32", "unit": "W"},
}


def meter(number: int) -> Unit:
    """A meter of a few kilowatts, each of its own."""
    began, watts = time.monotonic(), 1000.0 + 137 * number

    def refresh() -> None:
        counted = 1_000_000 + int((time.monotonic() - began) * watts / 3600)
        unit.holding.update(enumerate(struct.unpack(">2H", struct.pack(">I", counted))))
        power = struct.pack(">f", watts + time.monotonic() % 7)
        unit.input.update(enumerate(struct.unpack(">2H", power)))

    unit = Unit(refresh=refresh)
    return unit


def write(folder: Path, port: int, options: argparse.Namespace) -> list[str]:
    """The site, and the words to start the daemon. JSON is YAML."""
    names = [f"m{n}" for n in range(1, options.meters + 1)]
    sources = [{"meter": name, "kind": "energy"} for name in names]
    config = {
        "site": {"name": "bench", "timezone": "Europe/Berlin", "cost_per_kwh": "0.30"},
        "store": f"sqlite://{folder}/bench.db",
        "connections": {"hall": {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": port}},
        "meters": [
            {"name": name, "connection": "hall", "address": n, "every": f"{options.every}s"}
            | {"points": POINTS}
            for n, name in enumerate(names, 1)
        ],
        "records": [{"name": name, "usage": f"{name}.energy_import"} for name in names],
        "bills": [{"name": "hall", "sources": sources}],
    }
    path = folder / "meterd.yaml"
    path.write_text(json.dumps(config))
    return [sys.executable, "-m", "meterd", "run", "-c", str(path)]


def written(pid: int) -> int:
    """Bytes that were sent to the disk for a process so far."""
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["write_bytes"]) - int(fields["cancelled_write_bytes"])


async def measure(folder: Path, options: argparse.Namespace) -> float:
    """Bytes a second."""
    server = ModbusServer({n: meter(n) for n in range(1, options.meters + 1)})
    port = await server.start()
    with running(write(folder, port, options), folder / "log") as process:
        await asyncio.sleep(WARM_UP_S)
        began, before = time.monotonic(), written(process.pid)
        await asyncio.sleep(options.seconds)
        pace = (written(process.pid) - before) / (time.monotonic() - began)
    await server.stop()
    return pace


def main() -> None:
    parser = argparse.ArgumentParser(description="bytes written to the disk in a day")
    parser.add_argument("--meters", type=int, default=20)
    parser.add_argument("--every", type=int, default=10, help="seconds between two readings")
    parser.add_argument("--seconds", type=int, default=300, help="length of the window")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meterd-bench-", dir=".") as name:
        pace = asyncio.run(measure(Path(name).absolute(), options))
    floor = 2 * PAGE / options.every
    print(f"{options.meters} meters every {options.every} s, {options.seconds} s measured")
    print(
        f"meterd: {pace * DAY_S / 1e6:,.0f} MB a day, {pace * options.every / 1e3:,.1f} kB a cycle"
    )
    print(f"floor: {floor * DAY_S / 1e6:,.0f} MB a day; meterd / floor = {pace / floor:.1f}")


if __name__ == "__main__":
    main()
