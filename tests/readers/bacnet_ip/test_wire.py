"""Our sockets, and the BBMD that we may be registered with."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.readers.bacnet_ip.canned import Address, Bell, Canned, canned, datagram, i_am
from tests.readers.bacnet_ip.said import link

from meterd.readers.bacnet_ip.bvll import Carried
from meterd.readers.bacnet_ip.wire import Wire
from meterd.readers.line import LinkStats, ReadFailed

IAM = b"\x01\x00" + i_am(7)


class Bench:
    def __init__(self, **more: Any) -> None:
        self.stats = LinkStats("bms")
        self.got: list[Carried] = []
        self.wire = Wire(link(**more), self.stats, self.receive)
        self.port = 0
        self.bell = Bell()

    def receive(self, carried: Carried) -> None:
        self.got.append(carried)
        self.bell.ring()

    async def receives(self, count: int = 1) -> list[Carried]:
        await self.bell.until(lambda: len(self.got) >= count)
        return self.got


@asynccontextmanager
async def wire(**more: Any) -> AsyncIterator[Bench]:
    one = Bench(**more)
    await one.wire.open()
    try:
        one.port = one.wire._own[1]
        yield one
    finally:
        one.wire.close()


async def test_a_datagram_goes_out_and_comes_in() -> None:
    async with wire() as one, canned() as device:
        one.wire.send(b"\x01\x00\x10\x08", device.address)
        await device.bell.until(lambda: bool(device.unconfirmed))
        assert await one.receives() == [Carried(IAM, device.address, broadcast=False)]


async def test_what_is_no_bacnet_is_counted_and_what_we_cannot_be_asked_is_dropped() -> None:
    async with wire() as one, canned() as device:
        here = ("127.0.0.1", one.port)
        request = b"\x02\x75\x01\x0c\x0c\x00\x00\x00\x00\x19\x55"
        for data in (b"hello", datagram(request), b"\x81\x00\x00\x06\x00\x00", b"\x81\x0a"):
            device.send(data, here)
        device.send(datagram(i_am(7)), here)
        assert [one.npdu for one in await one.receives()] == [IAM]
        assert one.stats.faults == {"no_bacnet": 2}


async def test_our_own_broadcast_is_not_for_us() -> None:
    async with wire() as one, canned() as device:
        here = ("127.0.0.1", one.port)
        one.wire.send(IAM, here)
        device.send(datagram(i_am(7)), here)
        assert [carried.source for carried in await one.receives()] == [device.address]


async def test_a_port_that_is_taken_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(ReadFailed, match=f"127.0.0.1:{port}: Address already in use") as caught:
            async with wire(port=port):
                pass
    assert (caught.value.reason, caught.value.link_down) == ("bind", True)


@pytest.mark.parametrize(
    ("bind", "everybody"),
    [("", "255.255.255.255"), ("10.1.0.9/24", "10.1.0.255"), ("10.1.0.9", "255.255.255.255"),
     ("127.0.0.1", "127.255.255.255"), ("10.1.0.9/31", "255.255.255.255")],
)  # fmt: skip
def test_where_everybody_is(bind: str, everybody: str) -> None:
    assert Wire(link(bind=bind), LinkStats("bms"), lambda _: None).everybody == everybody


async def test_without_a_bind_every_interface_hears() -> None:
    async with wire(bind="") as one, canned() as device:
        device.send(datagram(i_am(7)), ("127.0.0.1", one.port))
        assert len(await one.receives()) == 1


class Bbmd(Canned):
    """A BBMD: keeps what it was sent, and answers a registration with `code`."""

    def __init__(self) -> None:
        super().__init__()
        self.code: int | None = 0
        self.got: list[bytes] = []

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.got.append(data)
        self.bell.ring()
        if data[1] == 5 and self.code is not None:
            self.send(b"\x81\x00\x00\x06" + self.code.to_bytes(2, "big"), addr)


@asynccontextmanager
async def bbmd() -> AsyncIterator[Bbmd]:
    loop = asyncio.get_running_loop()
    transport, one = await loop.create_datagram_endpoint(Bbmd, local_addr=("127.0.0.1", 0))
    one.transport = transport
    one.address = transport.get_extra_info("sockname")
    try:
        yield one
    finally:
        transport.close()


async def test_a_foreign_device_registers_and_its_broadcasts_are_distributed() -> None:
    async with bbmd() as far, wire(bbmd=far.place, ttl_s=300) as one:
        async with asyncio.timeout(20):
            await one.wire.registered()
        one.wire.broadcast(b"\x01\x20\xff\xff\x00\xff\x10\x08")
        await far.bell.until(lambda: len(far.got) == 2)
        assert far.got[0] == b"\x81\x05\x00\x06\x01\x2c"
        assert far.got[1] == b"\x81\x09\x00\x0c\x01\x20\xff\xff\x00\xff\x10\x08"
        forwarded = b"\x81\x04\x00\x1a\x0a\x01\x00\x15\xba\xc0" + IAM
        far.send(forwarded[:3] + bytes((len(forwarded),)) + forwarded[4:], ("127.0.0.1", one.port))
        assert await one.receives() == [Carried(IAM, ("10.1.0.21", 47_808), broadcast=True)]


async def test_a_registration_is_renewed_before_its_time_is_up() -> None:
    async with bbmd() as far, wire(bbmd=far.place, ttl_s=0) as one:
        async with asyncio.timeout(20):
            await one.wire.registered()
        await far.bell.until(lambda: len(far.got) >= 3)


async def test_only_the_bbmds_own_word_counts_and_a_refusal_is_told() -> None:
    async with bbmd() as far, canned() as stranger:
        far.code = None
        async with wire(bbmd=far.place, ttl_s=600) as one:
            here = ("127.0.0.1", one.port)
            stranger.send(b"\x81\x00\x00\x06\x00\x00", here)
            stranger.send(datagram(i_am(7)), here)
            await one.receives()
            assert not one.wire._registered.is_set()
            far.send(b"\x81\x00\x00\x06\x00\x30", here)
            far.send(b"\x81\x00\x00\x06\x00\x00", here)
            async with asyncio.timeout(20):
                await one.wire.registered()
            assert one.stats.faults == {"bbmd": 1}
            with capture_logs() as logs:
                far.send(b"\x81\x00\x00\x06\x00\x60", here)
                far.send(datagram(i_am(7)), here)
                await one.receives(2)
            assert [log["event"] for log in logs] == ["The BBMD refuses."]
            assert not one.wire._registered.is_set()


async def test_a_bbmd_that_is_no_name_is_a_link_that_is_down() -> None:
    with pytest.raises(ReadFailed) as caught:
        async with wire(bbmd="a" * 70):
            pass
    assert caught.value.link_down
