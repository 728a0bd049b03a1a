"""A PUBLISH packet, byte by byte; that brokers read it is in test_mqtt_link.py."""

from __future__ import annotations

import pytest

from meterd.sinks.mqtt_packets import Message, publish


def test_mqtt_5_has_no_properties_and_says_so() -> None:
    assert publish(Message("m/ä", b"on", retain=False), 0x1234, 5) == (
        b"\x32\x0b" b"\x00\x04m/\xc3\xa4" b"\x12\x34" b"\x00" b"on"
    )  # fmt: skip


def test_mqtt_3_has_none_to_speak_of_and_retained_is_a_bit() -> None:
    assert publish(Message("m", b"", retain=True), 1, 4) == b"\x33\x05\x00\x01m\x00\x01"


@pytest.mark.parametrize(
    ("payload", "length"),
    [(122, b"\x7f"), (123, b"\x80\x01"), (16_378, b"\xff\x7f"), (16_379, b"\x80\x80\x01")],
)
def test_the_length_takes_as_many_bytes_as_it_needs(payload: int, length: bytes) -> None:
    packet = publish(Message("m", bytes(payload), retain=False), 1, 4)
    assert packet.startswith(b"\x32" + length + b"\x00\x01m")
    assert len(packet) == 1 + len(length) + 5 + payload
