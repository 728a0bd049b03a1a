"""Connections over HTTP."""

from __future__ import annotations

from tests.web.asking import Client
from tests.web.house import Daemon

from meterd.web.world import DeviceView, LineView


async def test_a_connection_says_how_it_goes_and_how_busy_it_is(
    browser: Client, daemon: Daemon
) -> None:
    devices = {"main": DeviceView(polls=3, failures={"timeout": 1})}
    daemon.lines = [LineView("hall", devices=devices, busy_s=2.5, busy_share=0.25)]
    (line,) = (await browser.ask("/v1/connections")).json
    assert (line["name"], line["up"], line["busy_share"]) == ("hall", True, 0.25)
    assert line["devices"]["main"]["failures"] == {"timeout": 1}
