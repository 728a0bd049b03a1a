"""The daemon reads Debian's snmpd over a restart that renumbers its table."""

from __future__ import annotations

import re
from pathlib import Path

from tests.system.home import Home
from tests.system.snmpd import AUTH, PRIVACY, TABLE, outlets, snmpd

WH_J = 3600
POINT = {
    "oid": f"{TABLE}.2", "row": {"oid": f"{TABLE}.1", "equals": "right"}, "unit": "Wh",
    "max_kw": 100_000, "nonvolatile": True,
}  # fmt: skip

CONNECTION = {
    "protocol": "snmp", "version": 3, "user": "shaaes", "timeout": "500ms",
    "auth": {"protocol": "sha", "password": "${file:auth}"},
    "privacy": {"protocol": "aes128", "password": "${file:privacy}"},
}  # fmt: skip


async def test_a_restart_that_renumbers_the_outlets_books_no_neighbours_energy(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "agent"
    async with snmpd(folder) as agent:
        outlets(folder, ("left", 900_000), ("right", 2000))
        (home.folder / "auth").write_text(AUTH)
        (home.folder / "privacy").write_text(PRIVACY)
        home.config["connections"]["ups"] = CONNECTION
        home.config["meters"] = [
            {"name": "main", "connection": "ups", "address": f"127.0.0.1:{agent.port}",
             "every": "200ms", "points": {"energy_import": POINT}},
        ]  # fmt: skip
        await home.run()
        await home.daemon.shows(lambda seen: seen.energy() == 2000 * WH_J)
    outlets(folder, ("right", 2150), ("left", 900_000))
    async with snmpd(folder, port=agent.port):
        seen = await home.daemon.shows(lambda seen: (seen.energy() or 0) > 2000 * WH_J)
        assert seen.energy() == 2150 * WH_J
        assert await home.daemon.end() == 0
    audit = (await home.verb("audit", "--json")).json
    assert audit["ok"]
    assert audit["counters"][0]["booked"] == "0.15"
    said = home.daemon.log.read_text()
    assert AUTH not in said
    assert PRIVACY not in said
    assert re.findall("Traceback|A task failed", said) == []
