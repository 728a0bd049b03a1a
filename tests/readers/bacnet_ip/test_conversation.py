"""Fewer properties at once, one by one, and when to give up."""

from __future__ import annotations

import struct

import pytest
from tests.readers.bacnet_ip.canned import Canned, analog, real
from tests.readers.bacnet_ip.said import Asked

from meterd.readers.bacnet_ip.conversation import Conversation
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.services import Item, Refusal
from meterd.readers.line import ReadFailed

ITEMS = [Item((0, n), (85, 111, 103, 81)) for n in range(1, 5)]
SILENCE = ReadFailed("timeout", "no answer")
ABORT = RefusedError("abort", 4)


class Device:
    """A sound device of four analog inputs; `bad` may raise, by (service, properties asked)."""

    def __init__(self, bad: dict[tuple[int, int], Exception] | None = None) -> None:
        self.inner = Canned({k: v for n in range(1, 5) for k, v in analog(n, real(n)).items()})
        self.bad = bad or {}
        self.most = 1_000
        self.asked: list[tuple[int, int]] = []
        self.ask = Asked(self.answer)

    def answer(self, service: int, content: bytes) -> bytes:
        asked = content.count(b"\x09") if service == 14 else 1
        self.asked.append((service, asked))
        if (service, asked) in self.bad:
            raise self.bad[service, asked]
        if asked > self.most:
            raise ABORT
        answer = self.inner.sound(0, service, content)
        if answer[0] == 0x50:
            raise RefusedError("error", answer[6], answer[4])
        return answer[3:]


async def test_a_device_that_can_is_asked_once() -> None:
    device, talk = Device(), Conversation()
    found = await talk.read(ITEMS, device.ask)
    assert len(found) == 16
    assert found[(0, 2), 85] == 2.0
    assert device.asked == [(14, 16)]


async def test_a_buffer_that_overflows_halves_the_request_and_is_remembered() -> None:
    device, talk = Device(), Conversation()
    device.most = 5
    assert len(await talk.read(ITEMS, device.ask)) == 16
    assert device.asked == [(14, 16), (14, 8), *[(14, 4)] * 4]
    device.asked.clear()
    assert len(await talk.read(ITEMS, device.ask)) == 16
    assert device.asked == [(14, 4)] * 4


async def test_one_property_at_a_time_is_read_property() -> None:
    device, talk = Device({(14, 1): RefusedError("abort", 4)}), Conversation()
    device.most = 0
    device.bad |= {(14, n): ABORT for n in (16, 8, 4, 2)}
    device.most = 1
    found = await talk.read(ITEMS, device.ask)
    assert len(found) == 16
    assert device.asked[:5] == [(14, 16), (14, 8), (14, 4), (14, 2), (14, 1)]
    assert device.asked[5:] == [(12, 1)] * 16


async def test_a_device_without_the_service_is_asked_one_by_one_at_once() -> None:
    device, talk = Device({(14, 16): RefusedError("reject", 9)}), Conversation()
    assert len(await talk.read(ITEMS, device.ask)) == 16
    assert device.asked == [(14, 16), *[(12, 1)] * 16]


async def test_what_it_does_not_have_has_a_reason() -> None:
    device, talk = Device({(14, 2): RefusedError("reject", 9)}), Conversation()
    found = await talk.read([Item((0, 1), (85, 9))], device.ask)
    assert found == {((0, 1), 85): 1.0, ((0, 1), 9): Refusal(2, 32)}


async def test_a_property_that_aborts_even_by_itself_has_none_either() -> None:
    device, talk = Device(), Conversation()
    await talk.read(ITEMS, device.ask)
    device.bad = {(14, 1): RefusedError("abort", 0)}
    assert await talk.read([Item((0, 1), (85,))], device.ask) == {((0, 1), 85): Refusal(0, 0)}


async def test_a_silent_device_is_silent_after_a_short_question_too() -> None:
    device, talk = Device({(14, 16): SILENCE, (12, 1): SILENCE}), Conversation()
    with pytest.raises(ReadFailed):
        await talk.read(ITEMS, device.ask)
    assert device.asked == [(14, 16), (12, 1)]


@pytest.mark.parametrize("short", [None, RefusedError("error", 32, 2)])
async def test_a_device_deaf_to_long_questions_is_asked_shorter_ones(
    short: RefusedError | None,
) -> None:
    device, talk = Device({(14, 16): SILENCE}), Conversation()
    if short:
        device.bad[12, 1] = short
    assert len(await talk.read(ITEMS, device.ask)) == 16
    assert device.asked == [(14, 16), (12, 1), (14, 8), (14, 8)]


async def test_one_that_has_answered_before_is_not_asked_twice() -> None:
    device, talk = Device(), Conversation()
    await talk.read(ITEMS, device.ask)
    device.bad = {(14, 16): SILENCE}
    device.asked.clear()
    with pytest.raises(ReadFailed):
        await talk.read(ITEMS, device.ask)
    assert device.asked == [(14, 16)]


async def test_a_silence_in_the_middle_leaves_what_was_read_and_twice_asks_for_less() -> None:
    many = [Item((0, 1), tuple(range(85, 185))), Item((0, 2), (85, 111, 103, 81, 99, 98))]
    device, talk = Device(), Conversation()
    first, second = 100, 6
    device.bad = {(14, second): SILENCE}
    for _ in range(2):
        found = await talk.read(many, device.ask)
        assert len(found) == first
    device.asked.clear()
    device.bad = {}
    assert len(await talk.read(many, device.ask)) == first + second
    assert (14, 3) in device.asked


async def test_a_line_that_is_down_and_garbage_end_it() -> None:
    down = ReadFailed("bind", "taken", link_down=True)
    talk = Conversation()
    with pytest.raises(ReadFailed, match="taken"):
        await talk.read(ITEMS, Device({(14, 16): down}).ask)
    garbage = Asked(lambda *_: b"\x0c\0\0\0" + struct.pack(">B", 1))
    with pytest.raises(ReadFailed, match="no BACnet") as caught:
        await talk.read(ITEMS[:1], garbage)
    assert caught.value.reason == "garbage"
