"""The disk of the store may not be written any more, hangs, or gives up, and comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sinks.peers import Broker
from tests.system.devices import JOULES, Device, Dial
from tests.system.disks import Card, card, repair
from tests.system.home import Home
from tests.system.peers import until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Card]:
    with card(tmp_path / "card") as one:
        yield one


@pytest.fixture
async def on_a_card(
    home: Home, disk: Card, device: Callable[..., Awaitable[Device]], broker: Broker
) -> tuple[Home, Dial]:
    """A running daemon whose store, and nothing else, is on the card."""
    dial = Dial()
    home.add("hall", await device(main=dial))
    home.store = disk.folder / "meterd.db"
    home.config["store"] = f"sqlite://{home.store}"
    home.add_bill("tenant")
    await broker.start()
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    await home.run()
    await home.daemon.logs("MQTT broker connected.")
    await home.daemon.shows(lambda seen: seen.energy())
    return home, dial


async def health(home: Home) -> str:
    """What the daemon says of itself, "" while it is well or does not answer."""
    answer = await home.daemon.ask("/healthz")
    return "" if answer is None or answer[0] == 200 else answer[1]


async def expect_all_booked(home: Home, dial: Dial) -> None:
    """To the watt-hour, without a hole."""
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"]
    (counter,) = audit["counters"]
    assert Decimal(counter["last"]) * 1000 == dial.stand
    assert counter["unbilled"] == "0"
    rows = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]


async def test_a_store_that_may_not_be_written_is_waited_for(
    on_a_card: tuple[Home, Dial], disk: Card
) -> None:
    home, dial = on_a_card
    log = Path(f"{home.store}-wal")
    disk.forbid(log)
    said = await until(lambda: health(home))
    assert "may not be written" in said
    asked = len(dial.shown)
    await until(lambda: len(dial.shown) > asked + 10)
    disk.allow(log)
    await until(lambda: _well(home))
    await expect_all_booked(home, dial)


async def test_a_disk_that_gives_up_ends_the_daemon_which_says_why_until_it_is_mended(
    on_a_card: tuple[Home, Dial], disk: Card
) -> None:
    home, dial = on_a_card
    shown = (await home.daemon.metrics()).energy() or 0
    disk.give_up()
    await until(lambda: _ended(home))
    print(home.daemon.log.read_text()[-600:])
    assert home.daemon.process is not None
    assert home.daemon.process.returncode == 74
    await home.daemon.start()
    await until(lambda: _ended(home))
    print(home.daemon.log.read_text()[-600:])
    repair(disk)
    await home.daemon.start()
    await home.daemon.ready()
    back = await home.daemon.shows(lambda seen: seen.energy())
    assert (back.energy() or 0) >= shown, "what was told is there"
    await expect_all_booked(home, dial)


async def _well(home: Home) -> bool:
    return await home.daemon.status("/healthz") == 200


def _ended(home: Home) -> bool:
    process = home.daemon.process
    return process is not None and process.returncode is not None
