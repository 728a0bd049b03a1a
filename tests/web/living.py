"""A real daemon behind the web, on a real store: what is changed here is changed for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from tests.daemon.house import NOON_MS, Clock
from tests.web.asking import Answer, Client, over_application
from tests.web.house import exposition

from meterd import shapes
from meterd.config.load import load
from meterd.daemon.daemon import Daemon
from meterd.daemon.world import World
from meterd.events import Event, Reading
from meterd.stores.sqlite import SqliteStore
from meterd.web.app import application

SITE = yaml.safe_load("""
site: {name: hq, timezone: UTC, cost_per_kwh: "0.30"}
store: memory
connections:
  hall: {protocol: modbus_tcp, host: 127.0.0.1, port: 1}
  api: {protocol: push}
meters:
  - {name: main, meter_point: utility_entrance, building: a, custom: {tenant: ACME}}
bills:
  - {name: tenant, sources: [{meter: main, kind: energy}]}
places: {buildings: {a: {}, b: {}}}
definitions:
  POWERMETER:
    add:
      tenant: {label: Tenant, required: false}
      tier: {type: enum, options: [Gold, Silver]}
    remove: [rack]
    rename: {meterName: displayName}
    retype: {serialNumber: number}
""")
MAIN = f"/v1/objects/{shapes.object_id('main')}"
LIST = "/v1/entities/POWERMETER/SUB"
EXAMPLE: dict[str, Any] = {
    "entity": "POWERMETER",
    "level": 277,
    "comboKey": "SUB:1f3a|ENT:",
    "name": "Example",
    "meterPoint": 1,
    "status": 1,
    "displayName": "Example",
}
"""Seed 000's own, but for the name that this site gives to a field."""


class Living:
    """A running daemon, and the operator at its door."""

    def __init__(self, folder: Path, daemon: Daemon, store: SqliteStore, client: Client) -> None:
        self.folder = folder
        self.daemon = daemon
        self.store = store
        self.client = client
        self.clock = Clock()

    def write(self, config: Mapping[str, Any]) -> None:
        """The file, as it is to be from the next reload on."""
        (self.folder / "meterd.yaml").write_text(yaml.safe_dump(dict(config)), "utf-8")

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As anna, with a body if there is one."""
        rest: dict[str, Any] = {} if body is None else {"json": body}
        return await self.client.ask(
            path, method, headers={"X-Meterd-Actor": "anna", **headers}, **rest
        )

    async def made(self, **fields: Any) -> str:
        """The address of a new meter."""
        answer = await self.ask("POST", "/v1/objects", EXAMPLE | fields)
        assert answer.status == 201, answer.body
        return answer.headers["Location"]

    async def read(self, meter: str, at_s: int = 0, kwh: int = 1) -> None:
        """A reading of the meter's counter, some seconds after noon."""
        at_ms = NOON_MS + at_s * 1000
        await self.daemon.drive.order(Reading(meter, at_ms, {"energy_import": kwh * 3_600_000}, {}))

    def events(self, kind: str) -> list[Event]:
        """What was committed, of this kind."""
        return self.store.reader().events(kind=kind)


async def names(here: Living) -> list[str]:
    """Of every meter that is listed."""
    return [row["name"] for row in (await here.ask("GET", LIST)).json]


@asynccontextmanager
async def living(
    folder: Path, config: Mapping[str, Any] = SITE, path: Path | None = None
) -> AsyncIterator[Living]:
    """A daemon that runs; on the store at `path`, or on one in memory."""
    file = folder / "meterd.yaml"
    file.write_text(yaml.safe_dump(dict(config)), "utf-8")
    found = load(file, {})
    assert found.config is not None, found.findings
    clock = Clock()
    store = SqliteStore.open(path or ":memory:", now_ms=clock.now_ms(), new_epoch="0123456789")
    daemon = Daemon(found, store, clock, {})
    daemon.drive.show_all()
    driving = asyncio.create_task(daemon.drive.run())
    app = application(World(daemon, store, clock), exposition, None)
    try:
        async with over_application(app, folder / "control.sock") as client:
            here = Living(folder, daemon, store, client)
            here.clock = clock
            yield here
    finally:
        await daemon.links.stop()
        daemon.drive.stop()
        await driving
        store.close()
