"""Hostile contents: every decoder gives what it decodes to, or says that it is garbage."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from tests.damage import many
from tests.readers.bacnet_ip.canned import datagram, i_am, oid, real

from meterd.readers.bacnet_ip import bvll, logs, services
from meterd.readers.bacnet_ip.services import READ_PROPERTY_MULTIPLE, Item
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.bacnet_ip.trend import clock_ms

CASES = 4_000
HANG_NS = 50_000_000
"""CPU of one decoding; a thousand times what it takes."""
ONE = b"\x0c" + oid(0, 3) + b"\x1e\x29\x55\x4e" + real(1.5) + b"\x4f\x29\x67\x4e\x91\x00\x4f"
MULTIPLE = (ONE + b"\x29\x6f\x5e\x91\x02\x91\x20\x5f\x1f") * 3
SINGLE = b"\x0c" + oid(0, 3) + b"\x19\x55\x3e" + real(1.5) + b"\x3f"
RANGE = (
    b"\x0c" + oid(20, 5) + b"\x19\x83\x3a\x05\xe0\x49\x01\x5e"
    + (b"\x0e\xa4\x7e\x01\x0a\x06\xb4\x0c\x00\x00\x00\x0f\x1e\x2c" + b"\0\0\0\0\x1f\x2a\x04\0")
    + b"\x5f"
)  # fmt: skip
NEWS = b"\x09\x12\x1c" + oid(8, 7) + b"\x2c" + oid(0, 3) + b"\x39\x00\x4e\x09\x55\x2e" + real(2.0)
SOUND = [MULTIPLE, SINGLE, RANGE, NEWS, i_am(7)[2:]]
TAGS = [
    b"\x0e", b"\x0f", b"\x1e", b"\x1f", b"\x4e", b"\x4f", b"\x5e", b"\xfe\x21", b"\x1e" * 400,
    b"\x75\xfe\xff\xff", b"\x2d\xff\xff\xff\xff\xff", b"\x0c" + oid(0, 1),
]  # fmt: skip
DECODERS: dict[str, Callable[[bytes], object]] = {
    "read property multiple": services.properties_read,
    "read property": services.property_read,
    "i-am": services.i_am,
    "notification": services.notification,
    "read range": lambda data: [clock_ms(row.date, row.time) for row in logs.range_read(data)],
}


@pytest.mark.parametrize("name", DECODERS)
def test_a_content_is_decoded_or_garbage(name: str) -> None:
    decode, decoded = DECODERS[name], 0
    for data in many(1, CASES, SOUND, TAGS):
        began = time.process_time_ns()
        try:
            decode(data)
            decoded += 1
        except GarbageError:
            continue
        finally:
            assert time.process_time_ns() - began < HANG_NS, data[:40]
    assert decoded > CASES // 100, "some of it is still sound"


def test_an_envelope_is_opened_or_passed_over() -> None:
    asked = services.read_properties([Item((0, 3), (85, 111))])
    sound = [
        datagram(i_am(7)), datagram(MULTIPLE, b"\x01\x28\x00\x05\x01\x07\x00\x06\x01\x09\xff"),
        datagram(bytes((0x02, 0x75, 1, READ_PROPERTY_MULTIPLE)) + asked), b"\x81\0\0\6\0\0",
        b"\x81\x04\x00\x12\x7f\0\0\x01\xba\xc0\x01\x20\xff\xff\x00\xff\x10\x08",
    ]  # fmt: skip
    passed = 0
    for data in many(2, CASES, sound):
        carried = bvll.carried(data, ("127.0.0.1", 47_808))
        assert bvll.result_of(data) is None or carried is None
        if carried is not None and bvll.is_for_client(carried.npdu):
            passed += 1
            assert len(carried.npdu) < len(data)
    assert passed > CASES // 100
