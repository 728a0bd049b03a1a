"""The envelope of a datagram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.bacnet_ip import bvll
from meterd.readers.bacnet_ip.bvll import Carried

HERE = ("10.1.0.20", 47_808)
FORWARDED = bytes.fromhex("8104000c0a010015bac0" + "0100")


@pytest.mark.parametrize(
    ("wire", "found"),
    [
        ("810a00060100", Carried(b"\1\0", HERE, broadcast=False)),
        ("810b00060100", Carried(b"\1\0", HERE, broadcast=True)),
        ("8104000c0a010015bac00100", Carried(b"\1\0", ("10.1.0.21", 47_808), broadcast=True)),
        ("810a00070100", None),
        ("820a00060100", None),
        ("810900060100", None),
        ("810400080a01", None),
        ("8104", None),
    ],
)
def test_what_a_datagram_carries(wire: str, found: Carried | None) -> None:
    assert bvll.carried(bytes.fromhex(wire), HERE) == found


def test_a_registration_and_its_result() -> None:
    assert bvll.register(300).hex() == "81050006012c"
    assert bvll.register(100_000).hex() == "81050006ffff"
    results = ["810000060000", "810000060030", "8100000500", "810a00060000"]
    assert [bvll.result_of(bytes.fromhex(wire)) for wire in results] == [0, 0x30, None, None]


@pytest.mark.parametrize(
    ("npdu", "ours"),
    [
        ("01001000c402000007", True),  # I-Am
        ("0100300 10e".replace(" ", ""), True),  # an answer
        ("01040275010c0c", False),  # somebody asks us
        ("01080005010730", True),  # an answer from behind a router
        ("010800050107", False),
        ("0108", False),
        ("0120ffff00ff10", True),
        ("0120ffff00", False),
        ("0180010005", True),  # a router speaks
        ("02001000", False),
        ("01", False),
        ("0100", False),
    ],
)
def test_what_can_concern_somebody_who_only_asks(npdu: str, ours: bool) -> None:
    assert bvll.is_for_client(bytes.fromhex(npdu)) is ours


@given(st.binary(max_size=32))
def test_any_bytes(data: bytes) -> None:
    for datagram in (data, b"\x81" + data, bvll.message(bvll.UNICAST, data)):
        found = bvll.carried(datagram, HERE)
        bvll.result_of(datagram)
        assert found is None or bvll.is_for_client(found.npdu) in (True, False)
