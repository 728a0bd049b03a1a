"""Where an agent is, as a meter's address says it."""

from __future__ import annotations

import pytest

from meterd.config.host_port import host_and_port

PLACES = {
    "10.1.0.31": ("10.1.0.31", 161),
    "10.1.0.31:1161": ("10.1.0.31", 1161),
    "pdu-1.lan": ("pdu-1.lan", 161),
    "[::1]:1161": ("::1", 1161),
    "[fe80::1%eth0]": ("fe80::1%eth0", 161),
    "::1": ("::1", 161),
    "fe80::1%eth0": ("fe80::1%eth0", 161),
    "": None,
    ":161": None,
    "10.1.0.31:": None,
    "10.1.0.31:0": None,
    "10.1.0.31:70000": None,
    "two words": None,
    "http://10.1.0.31": None,
}


@pytest.mark.parametrize(("address", "place"), PLACES.items())
def test_places(address: str, place: tuple[str, int] | None) -> None:
    assert host_and_port(address, 161) == place
