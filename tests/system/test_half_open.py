"""A cable is pulled and the device restarted: the connection is dead, and nobody says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.system.cable import Cable, Distant, cable
from tests.system.devices import JOULES, Dial
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import until

PULLS = often(1, 10)


@pytest.fixture
def line() -> Iterator[Cable]:
    with cable() as one:
        yield one


async def test_c7_a_connection_that_died_in_silence_is_replaced_and_all_is_booked(
    home: Home, line: Cable
) -> None:
    dial = Dial()
    far = Distant(line, main=dial)
    await far.plug()
    home.add("hall", far)
    home.config["connections"]["hall"]["timeout"] = "500ms"
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.energy())
    for _ in range(PULLS):
        line.pull()
        await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 0)
        await far.unplug()  # its goodbye is swallowed like everything else
        await far.plug()
        accepted, asked = far.server.accepted, len(dial.shown)
        line.plug()
        await until(lambda: len(dial.shown) > asked + 5)  # noqa: B023  # awaited within the turn
        assert far.server.accepted > accepted, "the dead one is not waited for"
        await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 1)
    dial.halt()
    await daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"]
    assert Decimal(audit["counters"][0]["last"]) * 1000 == dial.stand
    assert audit["counters"][0]["unbilled"] == "0"
    await far.unplug()
