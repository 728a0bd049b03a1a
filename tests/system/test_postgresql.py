"""The daemon with its store at a real PostgreSQL, which goes away and comes back."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stores.cluster import Cluster
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import until


@pytest.fixture
def database() -> Iterator[Cluster]:
    one = Cluster()
    one.start()
    yield one
    one.stop("immediate")
    one.remove()


async def test_nothing_is_lost_while_the_server_is_away_and_when_the_daemon_is_killed(
    home: Home, device: Callable[..., Awaitable[Device]], database: Cluster, tmp_path: Path
) -> None:
    place = database.place()
    home.config["store"] = place
    home.add("hall", await device(main=Dial()))
    home.add_bill("tenant")
    home.add_record("Line 1")
    state = {"XDG_STATE_HOME": str(tmp_path), "STATE_DIRECTORY": str(tmp_path / "state")}
    daemon = await home.run(**state)
    await daemon.shows(lambda seen: (seen.energy() or 0) > 0)

    database.stop("immediate")
    await until(lambda: "The store does not take a commit" in daemon.log.read_text())
    database.start()
    await until(lambda: "The store takes commits again" in daemon.log.read_text())

    done = await home.verb("run", code=75)
    assert "another process holds this store" in done.err
    assert await daemon.end(signal.SIGKILL) == -signal.SIGKILL
    daemon = await home.run(**state)
    before = await daemon.shows(lambda seen: (seen.energy() or 0) > 0)
    await daemon.shows(lambda seen: (seen.energy() or 0) > (before.energy() or 0))
    assert await daemon.end(signal.SIGTERM) == 0

    await expect_sound(home)
    with database.admin() as session:
        schema = place.rpartition("%3D")[2]
        found = session.execute(f"SELECT name FROM {schema}.meter_records".encode()).fetchall()
    assert ("Line 1 Run 1",) in found


async def expect_sound(home: Home) -> None:
    """The books hold, and the bill has what was booked but for its newest interval."""
    proof = await home.rows("audit")
    assert proof["ok"], proof
    (bill,) = await home.rows("bills")
    (counter,) = proof["counters"]
    assert 0 < Decimal(bill["periods"][0]["used"]) <= Decimal(counter["booked"])
