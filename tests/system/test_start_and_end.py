"""How the daemon starts, and how it ends: exit codes, signals, what it tells systemd."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.notified import Notified
from tests.system.peers import Daemon, until

SOON_S = 10
"""An end that takes longer is taken for hung: systemd would send SIGKILL after twenty."""


@pytest.fixture
async def counting(home: Home, device: Callable[..., Awaitable[Device]]) -> Home:
    """A site with one meter."""
    home.add("hall", await device(main=Dial()))
    return home


async def test_a_second_daemon_exits_75_and_names_the_first(counting: Home) -> None:
    daemon = await counting.run()
    assert daemon.process is not None
    done = await counting.verb("run", code=75)
    assert f"process {daemon.process.pid} holds this store" in done.err
    assert await daemon.status("/readyz") == 200, "the first is not disturbed"
    cut = await counting.verb("replay", "--readings", "-", "--store",
                              counting.config["store"], code=75)  # fmt: skip
    assert str(daemon.process.pid) in cut.err


async def test_a_wrong_file_exits_78_with_every_error_and_nothing_starts(counting: Home) -> None:
    counting.config["meters"][0]["every"] = "soon"
    counting.config["meters"][0]["colour"] = "red"
    counting.config["bills"] = [{"name": "tenant", "type": "engery", "sources": []}]
    counting.write()
    done = await counting.verb("run", code=78)
    for path in ("meters.0.every", "meters.0.colour", "bills.0.type"):
        assert f" {path}: " in done.err
    assert f"{counting.file}:" in done.err
    assert done.out == ""
    assert not counting.store.exists()


async def test_a_file_that_is_not_there_exits_78(counting: Home) -> None:
    done = await counting.verb("run", code=78)
    assert str(counting.file) in done.err
    assert "Traceback" not in done.err


async def test_sigterm_ends_it_soon_with_everything_committed(counting: Home) -> None:
    daemon = await counting.run()
    await daemon.shows(lambda seen: (seen.energy() or 0) > 0)
    idle = await held_open(daemon, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    half = await held_open(daemon, b"GET /metrics HTTP/1.1\r\nHost: local")
    seen = await daemon.metrics()
    assert await asyncio.wait_for(daemon.end(), SOON_S) == 0
    left = sorted(path.name for path in counting.folder.iterdir())
    assert left == ["log", "meterd.db", "meterd.db.lock", "meterd.yaml"], "no journal, no socket"
    (counter,) = (await counting.rows("audit"))["counters"]
    total_wh = (seen.energy() or 0) // 3600
    assert int(Decimal(counter["last"]) * 1000) >= total_wh, "what was shown was kept"
    assert daemon.logged("Stopped.")
    for writer in (idle, half):
        writer.close()


async def held_open(daemon: Daemon, said: bytes) -> asyncio.StreamWriter:
    """A client that keeps its connection, whatever has been said on it."""
    port = int(daemon.url.rpartition(":")[2])
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    await writer.drain()
    return writer


async def test_a_taken_port_is_named_and_is_no_traceback(counting: Home) -> None:
    counting.write()
    with socket.create_server(("127.0.0.1", counting.http_port)):
        done = await counting.verb("run", code=1)
    assert f"127.0.0.1:{counting.http_port}" in done.err or str(counting.http_port) in done.err
    assert "Traceback" not in done.err
    await counting.daemon.start()
    await counting.daemon.ready()


async def test_systemd_is_told_when_it_is_ready_alive_and_leaving(
    counting: Home, systemd: Notified
) -> None:
    daemon = await counting.run(NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="600000")
    await until(lambda: systemd.said("READY=1"))
    await until(lambda: systemd.said("STATUS=1 of 1 meters online"))
    fed = systemd.lines.count("WATCHDOG=1")
    await until(lambda: systemd.said("WATCHDOG=1") and systemd.lines.count("WATCHDOG=1") > fed + 2)
    assert "STOPPING=1" not in systemd.lines
    assert await daemon.end(signal.SIGINT) == 0
    assert systemd.said("STOPPING=1")
    assert systemd.lines.index("READY=1") < systemd.lines.index("STOPPING=1")


async def test_a_container_can_ask_whether_it_is_well(counting: Home) -> None:
    daemon = await counting.run()
    assert await daemon.status("/healthz") == 200
    assert (await counting.verb("health")).out == "well\n"
    await daemon.end()
    assert "no daemon runs" in (await counting.verb("health", code=1)).err
