"""Which objects go into one request."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.snmp.batches import REPLY_BYTES_MAX, batches, halves, reply_bytes
from meterd.readers.snmp.ber import oid

UP = oid("1.3.6.1.2.1.1.3.0")
MANY = [oid(f"1.3.6.1.4.1.9999.1.{n}.0") for n in range(100)]


@given(st.lists(st.sampled_from([UP, *MANY])), st.integers(1, 40), st.booleans())
def test_everything_is_asked_for_once_and_no_request_is_too_large(
    objects: list[bytes], limit: int, rows: bool
) -> None:
    found = batches(UP, objects, limit, rows)
    others = [one for batch in found for one in batch if one != UP]
    assert others == list(dict.fromkeys(one for one in objects if one != UP))
    assert all(len(batch) <= limit for batch in found)
    assert found[0][0] == UP
    if limit > 1:
        assert all(batch[0] == UP for batch in found)
        assert all(reply_bytes(batch) <= REPLY_BYTES_MAX for batch in found)
    elif rows and others:
        assert found[-1] == (UP,)


def test_a_very_long_object_is_asked_for_all_the_same() -> None:
    long = oid("1.3." + ".".join(["4294967295"] * 126))

    assert {one for batch in batches(UP, [long], 30, False) for one in batch} == {UP, long}


def test_halves_of_what_is_left_to_split() -> None:
    assert halves((b"a", b"b", b"c")) == [(b"a",), (b"b", b"c")]
    assert halves((b"a",)) == []
