"""Who has which instance."""

from __future__ import annotations

import asyncio

import pytest
from tests.readers.modbus.devices import StillClock

from meterd.readers.bacnet_ip.directory import ANY_INSTANCE, Directory
from meterd.readers.bacnet_ip.services import IAm
from meterd.readers.line import ReadFailed


class Site:
    """Addresses that claim an instance when they are asked."""

    def __init__(self, *claims: tuple[str, int]) -> None:
        self.claims = list(claims)
        self.directory = Directory(StillClock(), 50)
        self.asked = 0

    async def tell(self, service: int, content: bytes) -> None:
        assert (service, content.hex()) == (8, "09071907")
        self.asked += 1
        for who, instance in self.claims:
            self.hears(who, instance)

    def hears(self, who: str, instance: int = 7) -> None:
        self.directory.hear(who, IAm(instance, 1476, 3, 999))

    async def where(self) -> object:
        return await self.directory.where(7, self.tell)


async def test_it_is_asked_once_and_kept() -> None:
    site = Site(("a", 7), ("b", 8))
    assert set(await asyncio.gather(site.where(), site.where())) == {"a"}
    assert await site.where() == "a"
    assert site.asked == 1


async def test_nobody_answers() -> None:
    with pytest.raises(ReadFailed, match="device 7 does not answer Who-Is") as caught:
        await Site(("b", 8)).where()
    assert (caught.value.reason, caught.value.link_down) == ("no_such_device", False)


async def test_two_that_claim_it_are_both_not_read() -> None:
    site = Site(("a", 7), ("b", 7))
    with pytest.raises(ReadFailed, match="device 7 is claimed by a and b") as caught:
        await site.where()
    assert caught.value.reason == "duplicate_instance"
    site.claims.pop()
    assert await site.where() == "a"


async def test_another_that_comes_later_is_looked_into() -> None:
    site = Site(("a", 7))
    assert await site.where() == "a"
    site.hears("a")
    assert await site.where() == "a"
    assert site.asked == 1
    site.hears("b")
    site.claims.append(("b", 7))
    with pytest.raises(ReadFailed, match="claimed by a and b"):
        await site.where()


async def test_a_device_that_moved_is_found_again() -> None:
    site = Site(("a", 7))
    await site.where()
    site.claims = [("c", 7)]
    site.directory.forget(7)
    site.directory.forget(7)
    assert await site.where() == "c"


async def test_who_is_at_an_address_is_asked_once() -> None:
    directory, asked = Directory(StillClock(), 20), list[str]()

    async def silent() -> None:
        asked.append("silent")

    async def tells() -> None:
        asked.append("tells")
        directory.hear("there", IAm(12, 1476, 3, 999))

    assert await directory.instance_at("there", silent) == ANY_INSTANCE
    assert await directory.instance_at("there", tells) == 12
    assert await directory.instance_at("there", silent) == 12
    assert asked == ["silent", "tells"]
