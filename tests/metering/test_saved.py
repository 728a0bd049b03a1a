"""States as they were written down."""

from __future__ import annotations

import msgspec

from meterd.metering.saved import all_of, restored
from meterd.metering.virtual import VirtualState

SAVED = {
    ("virtual", "net"): msgspec.msgpack.encode(VirtualState(heard_ms=7)),
    ("virtual", "gone"): msgspec.msgpack.encode(VirtualState(heard_ms=8)),
    ("meter", "net"): b"",
}


def test_a_state_is_what_was_written_down_or_a_fresh_one() -> None:
    assert restored(SAVED, "virtual", "net", VirtualState).heard_ms == 7
    assert restored(SAVED, "virtual", "new", VirtualState) == VirtualState()


def test_all_of_a_kind_also_of_who_is_gone() -> None:
    found = all_of(SAVED, "virtual", VirtualState)
    assert {key: state.heard_ms for key, state in found.items()} == {"net": 7, "gone": 8}
