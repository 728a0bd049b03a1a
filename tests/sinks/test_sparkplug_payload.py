"""Bytes of Sparkplug, read and written by Google's protobuf too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sinks.sparkplug_proto import Payload, command, read

from meterd.sinks.sparkplug_payload import (
    BOOLEAN,
    DOUBLE,
    INT64,
    STRING,
    UINT64,
    Command,
    Metric,
    PayloadError,
    commands,
    death,
    payload,
)


def test_a_birth_names_its_metrics_with_number_type_and_unit() -> None:
    metrics = [
        Metric("active_power", 1, DOUBLE, -2.5, 1_767_268_800_000, "kW"),
        Metric("energy_import", 2, UINT64, 2**64 - 1, 7, "Wh"),
        Metric("quality", 3, STRING, "gut für ä", 7),
        Metric("online", 4, BOOLEAN, False, 7),
        Metric("below", 5, INT64, -3, 7),
        Metric("frequency", 6, DOUBLE, None, 7, "Hz"),
    ]
    told = read(payload(8, 255, metrics, birth=True))
    assert (told.timestamp, told.seq) == (8, 255)
    power, energy, quality, online, below, frequency = told.metrics
    assert (power.name, power.alias, power.datatype) == ("active_power", 1, 10)
    assert (power.double_value, power.timestamp) == (-2.5, 1_767_268_800_000)
    assert (list(power.properties.keys), power.properties.values[0].type) == (["engUnit"], 12)
    assert power.properties.values[0].string_value == "kW"
    assert (energy.long_value, quality.string_value) == (2**64 - 1, "gut für ä")
    assert (online.HasField("boolean_value"), online.boolean_value) == (True, False)
    assert below.long_value == 2**64 - 3  # two's complement, as the specification has it
    assert frequency.is_null
    assert not frequency.HasField("double_value")
    assert not quality.HasField("properties")


def test_data_gives_numbers_for_names() -> None:
    told = read(payload(8, 0, [Metric("active_power", 300, DOUBLE, 1.0, 7, "kW")], birth=False))
    assert told.HasField("seq")
    assert (told.seq, told.metrics[0].alias) == (0, 300)
    assert not told.metrics[0].HasField("name")
    assert not told.metrics[0].HasField("properties")


def test_a_death_has_the_number_of_its_birth_and_no_seq() -> None:
    told = read(death(17, 8))
    assert not told.HasField("seq")
    assert [(m.name, m.datatype, m.long_value) for m in told.metrics] == [("bdSeq", 4, 17)]


def test_what_a_host_asks_for() -> None:
    assert commands(command("Node Control/Rebirth", True)) == [
        Command("Node Control/Rebirth", None, True)
    ]
    odd = Payload(timestamp=1, seq=3, uuid="x", body=b"y")
    odd.metrics.add(alias=9, datatype=10, double_value=2.0)
    odd.metrics.add(name="f", float_value=1.0)
    assert commands(odd.SerializeToString()) == [Command("", 9, None), Command("f", None, None)]


BROKEN = {
    "a field longer than the message": b"\x12\x7f\x08",
    "a number without an end": b"\x08" + b"\xff" * 11,
    "a number cut off": b"\x08\xff",
    "a wire type of old": b"\x0b",
    "a metric that is none": b"\x12\x02\x0a\x7f",
    "a double cut off": b"\x12\x03\x69\x00\x00",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_bytes_that_do_not_hold_together(body: bytes) -> None:
    with pytest.raises(PayloadError, match="byte"):
        commands(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_commands_or_an_error(body: bytes) -> None:
    try:
        found = commands(body)
    except PayloadError:
        return
    assert len(found) <= 100
