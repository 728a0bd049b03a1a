"""BACnet: what can be, and what is meant instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

FILE = (
    SITE
    + """
connections: {bms: {protocol: bacnet, LINK}}
meters:
  - {name: main, connection: bms, address: ADDRESS, points: {active_power: {POINT}}}
"""
)


def findings(folder: Path, link: str = "", address: str = "7", point: str = "") -> list[str]:
    text = FILE.replace(", LINK", f", {link}" if link else "").replace("ADDRESS", address)
    return [line.partition(": ")[2] for line in found(folder, text.replace("POINT", point))]


SOUND = "object: 'analog-input,3'"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"point": SOUND}, ""),
        ({"point": f"{SOUND}, property: '85', cov: true, trend: 'trend-log,5'"}, ""),
        (
            {"point": "object: 'analog-inptu,3'"},
            'is no BACnet object. Did you mean "analog-input"?',
        ),
        ({"point": "object: 'analog-input'"}, "is no BACnet object. Write it as analog-input,3."),
        ({"point": f"{SOUND}, trend: 'x'"}, "is no BACnet object. Write it as trend-log,5."),
        ({"point": f"{SOUND}, trend: 'device,5'"}, "is no trend log. Write it as trend-log,5."),
        ({"point": f"{SOUND}, property: present-vaule"}, 'Did you mean "present-value"?'),
        ({"point": SOUND, "address": "4194303"}, "It must be from 0 to 4194302."),
        ({"point": SOUND, "address": "10.1.0.20:47808"}, ""),
        ({"point": SOUND, "address": "'2001:5'"}, ""),
        ({"point": SOUND, "address": "'a b'"}, "is no BACnet address"),
        ({"point": SOUND, "link": "bind: eth0"}, "Write this host's IPv4 address there"),
        ({"point": SOUND, "link": "bbmd: 'x y'"}, "Write HOST or HOST:PORT."),
        ({"point": SOUND, "link": "ttl: 1s"}, "Write from 10s to 18h."),
        ({"point": SOUND, "link": "cov_lifetime: 2d"}, "Write from 10s to 18h."),
    ],
)
def test_what_is_found(tmp_path: Path, said: dict[str, str], error: str) -> None:
    lines = findings(tmp_path, **said)
    assert (lines == []) if not error else any(error in line for line in lines), lines


def test_an_object_must_be_named(tmp_path: Path) -> None:
    assert any("Write object: here." in line for line in findings(tmp_path, point="unit: W"))


def test_a_float32_counter_is_told_of(tmp_path: Path) -> None:
    text = FILE.replace(", LINK", "").replace("ADDRESS", "7").replace("POINT", SOUND)
    lines = found(tmp_path, text.replace("active_power", "energy_import"))
    assert any("float32" in line for line in lines)
