"""A courier shows and demands certificates, and talks to nobody it cannot verify."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.sinks.peers import Broker, MemoryOutbox, PatientClock
from tests.sinks.site import Site, drained, event, running

from meterd.sinks.mqtt import MqttOptions


@pytest.fixture
async def certificates(tmp_path: Path) -> Callable[[str], Awaitable[tuple[Path, Path]]]:
    """(certificate, key) of a fresh authority that vouches for 127.0.0.1 itself."""

    async def make(name: str) -> tuple[Path, Path]:
        certificate, key = tmp_path / f"{name}.crt", tmp_path / f"{name}.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        command += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0
        key.chmod(0o644)
        return certificate, key

    return make


async def test_tls_connects_to_whom_it_trusts_and_to_nobody_else(
    broker: Broker,
    outbox: MemoryOutbox,
    clock: PatientClock,
    certificates: Callable[[str], Awaitable[tuple[Path, Path]]],
) -> None:
    certificate, key = await certificates("trusted")
    stranger, _ = await certificates("stranger")
    broker.settings += [f"certfile {certificate}", f"keyfile {key}"]
    await broker.start()
    url = f"mqtts://127.0.0.1:{broker.port}"
    wary = Site(MqttOptions(url=url, site="hq", ca_file=str(stranger)), outbox, clock)
    async with running(wary.sink):
        await clock.asleep.wait()
        assert "certificate verify failed" in wary.sink.trouble
    lost = Site(MqttOptions(url=url, site="hq", ca_file="/nonexistent"), outbox, clock)
    clock.asleep.clear()
    async with running(lost.sink):
        await clock.asleep.wait()
        assert "No such file" in lost.sink.trouble
    site = Site(MqttOptions(url=url, site="hq", ca_file=str(certificate)), outbox, clock)
    async with running(site.sink):
        site.commit(event(0))
        await drained(outbox)


async def test_a_broker_may_ask_for_a_certificate_of_ours(
    broker: Broker,
    outbox: MemoryOutbox,
    clock: PatientClock,
    certificates: Callable[[str], Awaitable[tuple[Path, Path]]],
) -> None:
    ours, key = (str(path) for path in await certificates("both"))
    broker.settings += [f"certfile {ours}", f"keyfile {key}", f"cafile {ours}"]
    broker.settings += ["require_certificate true"]
    await broker.start()
    url = f"mqtts://127.0.0.1:{broker.port}"
    options = MqttOptions(url=url, site="hq", ca_file=ours, cert_file=ours, key_file=key)
    site = Site(options, outbox, clock)
    async with running(site.sink):
        site.commit(event(0))
        await drained(outbox)
