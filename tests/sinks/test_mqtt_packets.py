"""Packets, byte by byte; that brokers read it is in test_mqtt_link.py."""

from __future__ import annotations

import pytest

from meterd.sinks.mqtt_packets import Message, publish, subscribe, tell, unsubscribe


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


def test_topics_are_asked_for_at_qos_0_and_given_back() -> None:
    assert subscribe(["a", "m/ä"], 0x1234, 5) == (
        b"\x82\x0e" b"\x12\x34" b"\x00" b"\x00\x01a\x00" b"\x00\x04m/\xc3\xa4\x00"
    )  # fmt: skip
    assert subscribe(["a"], 1, 4) == b"\x82\x06\x00\x01\x00\x01a\x00"
    assert unsubscribe(["a", "b"], 1, 5) == b"\xa2\x09\x00\x01\x00\x00\x01a\x00\x01b"
    assert unsubscribe(["a"], 1, 4) == b"\xa2\x05\x00\x01\x00\x01a"


def test_what_nobody_acknowledges_has_no_number() -> None:
    assert tell("m/ä", b"on", 5) == b"\x30\x09\x00\x04m/\xc3\xa4\x00on"
    assert tell("m", b"on", 4) == b"\x30\x05\x00\x01mon"


def test_commands_are_asked_for_at_qos_1() -> None:
    assert subscribe(["a"], 1, 4, qos=1) == b"\x82\x06\x00\x01\x00\x01a\x01"
