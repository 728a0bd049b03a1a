"""What is written down of a meter stays readable: fields may only be added at the end."""

from __future__ import annotations

import msgspec

from meterd.metering.meter_state import MeterState

WRITTEN = (
    "at_ms mono_ms boot online quality gauges texts refused main uptime_s uptime_at_ms "
    "registers powers tracks consumption demand peaks"
)


def test_fields_keep_their_places() -> None:
    names = [field.name for field in msgspec.structs.fields(MeterState)]
    assert names[: len(WRITTEN.split())] == WRITTEN.split()


def test_a_state_comes_back_as_it_was() -> None:
    state = MeterState(at_ms=1, texts={"serial_number": "A"})
    body = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(body, type=MeterState) == state
