"""A directory with a configuration, its store and whoever works on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from tests.sinks.peers import free_port
from tests.system.devices import Device
from tests.system.peers import Daemon, Done, verb


class Home:
    """One site. config: what `write` writes, to be changed by the test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "meterd.yaml"
        self.store = folder / "meterd.db"
        self.http_port = free_port()
        self.daemon = Daemon(self.file, self.http_port)
        self.config: dict[str, Any] = {
            "site": {"name": "hq", "timezone": "UTC", "cost_per_kwh": "0.30"},
            "sampling": "1s",
            "store": f"sqlite://{self.store}",
            "http": {"listen": f"127.0.0.1:{self.http_port}"},
            "connections": {},
            "meters": [],
            "meter_types": {
                "power": {"usage_unit": "kWh", "cost_unit": "EUR", "cost_per_unit": "0.30"}
            },
            "records": [],
            "bills": [],
        }

    def add(self, connection: str, device: Device, **more: Any) -> None:
        """A device that is plugged in, all its dials as meters."""
        self.config["connections"][connection] = device.connection()
        self.config["meters"] += device.meters(connection, **more)

    def add_record(self, name: str, meter: str = "main", **more: Any) -> None:
        """A record configuration on a meter's counter."""
        self.config["records"].append(
            {"name": name, "equipment": "line-1", "meter_type": "power",
             "usage": f"{meter}.energy_import", "cost_source": "from_meter_type", **more}
        )  # fmt: skip

    def add_bill(self, name: str, *meters: str, **more: Any) -> None:
        """An energy bill on some meters' counters."""
        sources = [{"meter": meter, "kind": "energy"} for meter in meters or ("main",)]
        self.config["bills"].append({"name": name, "type": "energy", "sources": sources, **more})

    def write(self) -> Path:
        """The configuration as it is now, as the file."""
        self.file.write_text(yaml.safe_dump(self.config, sort_keys=False), "utf-8")
        return self.file

    async def verb(self, name: str, *words: str, code: int = 0) -> Done:
        """Run a command on this site; it must end with this code."""
        done = await verb(name, "-c", self.file, *words)
        assert done.code == code, f"{name} {words}: {done}"
        return done

    async def attempt(self, name: str, *words: str) -> Done:
        """Run a command on this site, however it ends."""
        return await verb(name, "-c", self.file, *words)

    async def rows(self, name: str, *words: str) -> Any:
        """What a command prints with --json."""
        return (await self.verb(name, "--json", *words)).json

    async def run(self, **environ: str) -> Daemon:
        """Write the file, start the daemon and wait until it is ready."""
        self.write()
        await self.daemon.start(**environ)
        await self.daemon.ready()
        return self.daemon
