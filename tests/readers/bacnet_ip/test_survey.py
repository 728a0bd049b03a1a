"""A device that is looked at: its objects, whole or one by one."""

from __future__ import annotations

import pytest
from tests.readers.bacnet_ip.canned import (
    Canned,
    accumulator,
    analog,
    enumerated,
    flags,
    oid,
    real,
    text,
    unsigned,
)
from tests.readers.bacnet_ip.said import Asked

from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.survey import Seen, found, look, look_at_all
from meterd.readers.line import ReadFailed

OBJECTS = [(8, 7), (23, 1), (0, 3), (17, 1), (0, 4), (0, 5)]


class Device:
    """A device with a list of objects; `whole` says whether it can send all of it at once."""

    def __init__(self, *, whole: bool = True, listed: bool = True) -> None:
        own = {**accumulator(1, 12_345), **analog(3, real(1500.1), 47), **analog(4, real(68.0), 64)}
        own |= {**analog(5, real(5.0), 20), (0, 5, 111): flags(fault=True)}
        own |= {(23, 1, 77): text("Energy"), (0, 3, 77): text("Power"), (0, 4, 77): text("Room")}
        own |= {(8, 7, 77): text("DDC 1"), (8, 7, 121): text("ACME"), (0, 6, 117): enumerated(19)}
        self.inner = Canned(own)
        self.whole, self.listed = whole, listed
        self.ask = Asked(self.answer)

    def answer(self, service: int, content: bytes) -> bytes:
        if service == 12 and content[6] == 76:
            ids = [b"\xc4" + oid(*one) for one in OBJECTS]
            if not self.listed or (len(content) == 7 and not self.whole):
                raise RefusedError("abort", 4)
            if len(content) == 7:
                return b"\x3e" + b"".join(ids) + b"\x3f"
            index = content[8]
            return b"\x3e" + (ids[index - 1] if index else unsigned(len(ids))) + b"\x3f"
        return self.inner.sound(0, service, content)[3:]


@pytest.mark.parametrize("whole", [True, False])
async def test_a_device_is_a_meter_with_what_it_has(whole: bool) -> None:
    device = Device(whole=whole)
    one = await look(7, 7, "10.1.0.20", device.ask)
    assert (one.name, one.address, one.title) == ("ddc-1", 7, "device 7 at 10.1.0.20: DDC 1 ACME")
    assert [(p.quantity, p.value, p.unit, p.keys) for p in one.points] == [
        ("energy_import", 123.45, "kWh", {"object": "accumulator,1"}),
        ("active_power", 1500.1, "W", {"object": "analog-input,3"}),
        ("temperature", 20.0, "degC", {"object": "analog-input,4"}),
        ("analog_input_5", None, "J", {"object": "analog-input,5"}),
    ]


async def test_a_device_that_tells_nothing_is_named_among_the_failures() -> None:
    good, bad = Device(), Device(listed=False)
    devices, failures = await look_at_all(
        [(7, 7, "10.1.0.20", good.ask), (8, 8, "10.1.0.21", bad.ask)]
    )
    assert [one.name for one in devices] == ["ddc-1"]
    (why,) = failures
    assert why.startswith("device 8 at 10.1.0.21: it does not tell its objects: it cannot send")


async def test_an_answer_that_is_garbage_is_a_failure() -> None:
    with pytest.raises(ReadFailed) as caught:
        await look(7, 7, "10.1.0.20", Asked(lambda *_: b"\x3e"))
    assert caught.value.reason == "garbage"


def test_a_counter_of_its_own_name_is_proposed_with_its_unit() -> None:
    one = found(7, 7, ("", "x"), [Seen((0, 1), "a", 19), Seen((0, 2), "b", 19), Seen((0, 3), "c")])
    assert one.name == "device-7"
    assert [(p.quantity, p.keys) for p in one.points] == [
        ("energy_import", {"object": "analog-input,1"}),
        ("b", {"object": "analog-input,2", "unit": "kWh"}),
        ("c", {"object": "analog-input,3"}),
    ]
