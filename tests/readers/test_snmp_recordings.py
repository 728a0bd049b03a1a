"""Every recording of an SNMP agent: its varbinds, served and read, give the readings expected.

tests/recordings/<make>/<model>.yaml has `varbinds` (object -> [type, number or text]) and
`expect` (quantity -> decimal in its canonical unit, or text). What is not expected must be
absent; an object that is not recorded is one the agent does not have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.readers.modbus.devices import around
from tests.readers.test_modbus_recordings import as_expected, facts
from tests.recorded import recordings

from meterd.config.load import load
from meterd.config.profiles import profile_names, read_profile
from meterd.config.snmp import SnmpLink, snmp_links
from meterd.readers.snmp import read_once
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_ber import Value, number, text

KNOWN = recordings("varbinds")
CONFIG = """
site: {{name: bench, timezone: Europe/Berlin}}
connections: {{pdus: {{protocol: snmp, community: public}}}}
meters: [{{name: m1, connection: pdus, address: "127.0.0.1:{port}", profile: {profile}}}]
"""


def linked(profile: str, port: int, folder: Path) -> SnmpLink:
    """The connection of a configuration with nothing but the profile."""
    file = folder / "meterd.yaml"
    file.write_text(CONFIG.format(profile=profile, port=port), "utf-8")
    loaded = load(file, {"HOME": str(folder)})
    assert loaded.config is not None, loaded.findings
    (only,) = snmp_links(loaded.config)
    return only


def served(varbinds: dict[str, list[Any]]) -> dict[str, Value]:
    return {
        oid: text(value) if kind == "octets" else number(kind, value)
        for oid, (kind, value) in varbinds.items()
    }


@pytest.mark.parametrize(("profile", "recording"), KNOWN.items(), ids=KNOWN.keys())
async def test_a_recording(profile: str, recording: dict[str, Any], tmp_path: Path) -> None:
    agent = SnmpAgent(served(recording["varbinds"]))
    link = linked(profile, await agent.start(), tmp_path)
    surroundings, _ = around()
    asked = link.devices[0]
    try:
        reading = await read_once(link, asked, (), surroundings)
    finally:
        await agent.stop()
    known = {*reading.registers, *reading.gauges, *reading.texts}
    known |= {fact for fact, said in facts(reading).items() if said is not None}
    assert known == set(recording["expect"])
    assert set(reading.missing) == {point.quantity for point in asked.points} - known
    reading = msgspec.structs.replace(
        reading, gauges={**reading.gauges, "uptime": reading.uptime_s or 0.0}
    )
    wrong = {
        quantity: expected
        for quantity, expected in recording["expect"].items()
        if not as_expected(reading, quantity, str(expected), "0")
    }
    assert not wrong, reading


def test_every_packaged_profile_of_snmp_has_a_recording() -> None:
    profiles = {name: read_profile(name, Path())[0] for name in profile_names()}
    ours = {name for name, profile in profiles.items() if profile and profile.protocol == "snmp"}
    assert ours == set(KNOWN)
    assert len(ours) >= 4
