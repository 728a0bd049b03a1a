"""Secrets in a configuration come out nowhere: no log, error, answer, list, message or store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from aiohttp.web import RouteDef
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import until

from meterd.web.app import ROOMS

CANARIES = {
    "mqtt": "canary-mqtt-5e1f",
    "community": "canary-community-7a",
    "auth": "canary-auth-09c2",
    "privacy": "canary-privacy-b4",
    "token": "canary-token-d8",
}
LISTS = (
    "meters", "records", "bills", "events", "alarms", "audit", "adjustments", "export", "plan",
    "doctor", "check --strict", "statement tenant", "intervals --meter main", "token list",
    "samples --bill tenant", "read pdu", "check --schema",
)  # fmt: skip


@pytest.fixture
async def whispered(home: Home, device: Callable[..., Awaitable[Device]], broker: Broker) -> Home:
    """A site with a secret wherever one can be, devices that do not answer, and a broker."""
    home.add("hall", await device(main=Dial()))
    nowhere = {"protocol": "snmp", "timeout": "200ms"}
    user = {
        "auth": {"protocol": "sha256", "password": CANARIES["auth"]},
        "privacy": {"protocol": "aes128", "password": CANARIES["privacy"]},
    }
    home.config["connections"] |= {
        "v2": nowhere | {"version": "2c", "community": CANARIES["community"]},
        "v3": nowhere | {"version": 3, "user": "meter"} | user,
    }
    points = {"energy_import": {"oid": "1.3.6.1.4.1.9999.1", "unit": "kWh"}}
    for name, connection in (("pdu", "v2"), ("ups", "v3")):
        home.config["meters"].append(
            {"name": name, "connection": connection, "address": "127.0.0.1:9", "points": points}
        )
    home.config["mqtt"] = {
        "url": f"mqtt://meterd:{CANARIES['mqtt']}@127.0.0.1:{broker.port}",
    }
    home.config["demandflow"] = {
        "url": "http://127.0.0.1:9", "token": CANARIES["token"], "sub_id": "1",
    }  # fmt: skip
    home.add_bill("tenant")
    return home


def betrayed(text: str) -> list[str]:
    """Which secrets it tells."""
    return [name for name, canary in CANARIES.items() if canary in text]


def routes() -> list[str]:
    """Every page and answer that can be asked for without a name in it, and some with one."""
    found = {
        route.path
        for room in ROOMS
        for route in room.ROUTES
        if isinstance(route, RouteDef) and route.method == "GET" and "{" not in route.path
    }
    named = {"/v1/meters/pdu", "/v1/bills/tenant", "/meters/ups"}
    return sorted((found | named) - {"/v1/stream"})


async def test_i15_no_secret_comes_out_anywhere(
    whispered: Home, broker: Broker, witness: Subscriber
) -> None:
    home = whispered
    await broker.start()
    await witness.start()
    daemon = await home.run()
    await daemon.logs("MQTT broker connected.")
    await daemon.logs("Meter does not answer.", 2)
    told = {path: str(await daemon.ask(path)) for path in routes()}
    for words in LISTS:
        for more in (("--json",),) if words != "doctor" else ((), ("--json",)):
            done = await home.attempt(*words.split(), *more)
            told[" ".join((words, *more))] = done.out + done.err
    home.config["meters"][0]["every"] = "soon"
    home.write()
    told["reload"] = str(await home.attempt("reload"))
    told["run"] = str(await home.attempt("run"))
    await until(lambda: bool(witness.on("pdu/availability")))
    assert await daemon.end() == 0
    told["log"] = daemon.log.read_text()
    told["messages"] = "".join(f"{m.topic} {m.text}" for m in witness.heard)
    for file in home.folder.glob("meterd.db*"):
        told[file.name] = file.read_bytes().decode("latin-1")
    assert {place: betrayed(text) for place, text in told.items() if betrayed(text)} == {}
    assert "Traceback" not in "".join(told.values())
