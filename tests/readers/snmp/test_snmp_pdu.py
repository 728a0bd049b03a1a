"""PDUs: written and read, in their usual shape and in any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError, integer, oid, tlv
from meterd.readers.snmp.pdu import Varbind, shape_of

A, B = oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.4.1.318.1.1.26.4.3.1.9.1")
VALUES = st.tuples(st.sampled_from([2, 4, 5, 6, 0x41, 0x46, 0x80]), st.binary(max_size=300))


def answer(*varbinds: Varbind) -> bytes:
    return pdus.pdu(pdus.RESPONSE, 1 << 25, pdus.saying(varbinds))


@given(VALUES, VALUES)
def test_what_is_said_comes_back_with_and_without_a_shape(
    one: tuple[int, bytes], other: tuple[int, bytes]
) -> None:
    said = [Varbind(A, *one), Varbind(B, *other)]
    data = answer(*said)
    for shape in (None, shape_of((A, B)), shape_of((B, A)), shape_of((A,))):
        found = pdus.parse(data, 0, len(data), shape)
        assert found == pdus.Pdu(pdus.RESPONSE, 1 << 25, 0, 0, said)


def test_a_request_asks_for_null() -> None:
    data = pdus.pdu(pdus.GET, 7, pdus.asking((A, B)))
    assert pdus.parse(data, 0, len(data)).varbinds == [Varbind(A, 5, b""), Varbind(B, 5, b"")]


BINDING = tlv(0x30, tlv(6, A) + tlv(2, b"\x05"))
BROKEN = {
    "something after the PDU": answer(Varbind(A, 2, b"\x05")) + b"\0",
    "something after the bindings": tlv(
        pdus.RESPONSE, integer(1) * 3 + tlv(0x30, BINDING) + integer(1)
    ),
    "a binding of three": tlv(
        pdus.RESPONSE,
        integer(1) * 3 + tlv(0x30, tlv(0x30, tlv(6, A) + tlv(2, b"\x05") + tlv(5, b""))),
    ),
    "a binding that is cut off": tlv(pdus.RESPONSE, integer(1) * 3 + tlv(0x30, BINDING[:-2])),
    "no bindings at all": tlv(pdus.RESPONSE, integer(1) * 3),
    "more bindings than anyone asks for": tlv(
        pdus.RESPONSE, integer(1) * 3 + tlv(0x30, BINDING * (pdus.VARBINDS_MAX + 1))
    ),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_pdu(data: bytes) -> None:
    for shape in (None, shape_of((A,))):
        with pytest.raises(BerError):
            pdus.parse(data, 0, len(data), shape)
