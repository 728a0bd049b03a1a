"""Reloaded again and again under load, every second file being wrong: nothing is lost."""

from __future__ import annotations

import random
import signal
from collections.abc import Awaitable, Callable
from decimal import Decimal

from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import JOULES, Device, Dial
from tests.system.facts import expect_all_heard
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import pass_time, until

RELOADS = often(30, 200)
HURRY = 0.3
"""Of so many hang-ups nobody waits for what comes of them."""
RELOADED = "Configuration reloaded."
REFUSED = "The configuration is refused; the old one stays."


def change(home: Home, turn: int) -> None:
    """Another file: a wrong one, or one of another rhythm, with a bill that comes and goes."""
    home.config["meters"][0]["every"] = "soon" if turn % 2 else f"{100 + turn % 7}ms"
    home.config["bills"] = home.config["bills"][:1]
    if turn % 4 == 0:
        home.add_bill("guest")
    home.write()


async def storm(home: Home, chance: random.Random) -> None:
    """Every hang-up is heeded or, in a hurry, made good by the next one."""
    daemon = home.daemon
    for turn in range(RELOADS):
        change(home, turn)
        said = REFUSED if turn % 2 else RELOADED
        before = len(daemon.logged(said))
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGHUP)
        if chance.random() < HURRY:
            await pass_time(chance.uniform(0, 0.05))
        else:
            await until(lambda: len(daemon.logged(said)) > before)  # noqa: B023  # within the turn
    home.config["meters"][0]["every"] = "100ms"
    home.write()
    await until(lambda: _in_force(home))


async def _in_force(home: Home) -> bool:
    return (await home.verb("reload")).out == "reloaded\n"


async def test_a_storm_of_reloads_under_load_loses_nothing(
    home: Home, device: Callable[..., Awaitable[Device]], broker: Broker, witness: Subscriber
) -> None:
    hall, roof = await device(main=Dial(), second=Dial()), await device(other=Dial())
    home.add("hall", hall)
    home.add("roof", roof)
    home.add_record("Line 1", max_record_duration="30s")
    home.add_bill("tenant")
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    broker.persistent()
    await broker.start()
    await witness.start()
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.all("meterd_meter_up") == [1, 1, 1])
    accepted = roof.server.accepted
    await storm(home, random.Random(3))
    assert roof.server.accepted == accepted, "a line that did not change is not disturbed"
    await expect_all_kept(home, hall.dials | roof.dials, witness)


async def expect_all_kept(home: Home, dials: dict[str, Dial], witness: Subscriber) -> None:
    """To the watt-hour, without a hole, and told."""
    daemon = home.daemon
    for name, dial in dials.items():
        dial.halt()
        await daemon.shows(lambda seen: seen.energy(name) == dial.stand * JOULES)  # noqa: B023
    await expect_all_heard(home.store, witness)
    assert await daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"]
    for counter in audit["counters"]:
        assert Decimal(counter["last"]) * 1000 == dials[counter["meter"]].stand
        assert counter["unbilled"] == "0"
    for name in dials:
        rows = await home.rows("intervals", "--meter", name)
        assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
