"""What works and is probably not meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

HALL = (
    "connections: {hall: {protocol: modbus_tcp, host: h}, two: {protocol: modbus_tcp, host: i}}\n"
)
COUNTER = "{table: input, address: 1, type: uint32"
AT = "meters.0.points.energy_import"


def meter(point: str, more: str = "") -> str:
    return (
        f"{SITE}{HALL}meters: [{{name: m, connection: hall, address: 1{more}, points: {point}}}]\n"
    )


LINTS: dict[str, list[str]] = {
    meter(f"{{energy_import: {COUNTER}, unit: kWh, modulus: 1000}}}}"): [],
    meter(f"{{energy_import: {COUNTER}, unit: Wh, modulus: 1000, max_kw: 360}}}}"): [
        (
            f"{AT}: energy_import could wrap unseen between two polls. "
            "Poll more often, or write a lower max_kw."
        )
    ],
    meter(f"{{energy_import: {COUNTER}, unit: Wh, modulus: 1001, max_kw: 360}}}}"): [],
    meter(f"{{energy_import: {COUNTER}, unit: kWh, modulus: 1000}}}}", ", every: 1h"): [
        (
            f"{AT}: energy_import could wrap unseen between two polls. "
            "Poll more often, or write a lower max_kw."
        )
    ],
    meter("{energy_import: {table: input, address: 1, type: float32}}"): [
        (
            "meters.0.points: energy_import: float32 and signed registers lose counts or wrap "
            "early. Use an unsigned or 64-bit one if there is one."
        )
    ],
    meter("{energy_import: {table: input, address: 1, type: int32}}"): [
        (
            "meters.0.points: energy_import: float32 and signed registers lose counts or wrap "
            "early. Use an unsigned or 64-bit one if there is one."
        )
    ],
    meter(f"{{volume: {COUNTER}}}}}"): [
        "meters.0.points.volume: any rise of volume is believed. Write max_per_hour:, in its unit."
    ],
    meter(f"{{volume: {COUNTER}, max_per_hour: 5}}}}"): [],
    meter(f"{{volume: {COUNTER}}}}}", ", status: planned"): [],
    meter(f"{{energy_today: {COUNTER}, unit: kWh, resolution: 1}}}}"): [
        (
            "meters.0.points.energy_today: energy_today looks like a count that begins again "
            "every day. Read the counter that goes on, if there is one."
        )
    ],
    meter(f"{{energy_today: {COUNTER}, unit: kWh}}}}"): [],
    f"{SITE}meters: [{{name: m}}, {{name: n, parent: m}}, {{name: o, parent: n}}]\n"
    "bills: [{name: a, sources: [{meter: m}, {meter: o}]}]\n": [
        "bills.0.sources.1: o is below m, which is on this bill too. Its energy is counted twice."
    ],
    f"{SITE}meters: [{{name: m}}, {{name: n, parent: m}}]\n"
    "bills: [{name: a, sources: [{meter: m}, {meter: n, enabled: false}]}]\n": [],
    f"{SITE}meters: [{{name: m}}, {{name: n}}]\n"
    "bills: [{name: a, sources: [{meter: m}]}, {name: b, sources: [{meter: m}, {meter: n}]}]\n": [
        "bills.1.sources.0: m is on the bill a too. Its energy is billed twice, if both are paid."
    ],
    f"{SITE}meters: [{{name: m}}]\n"
    "bills: [{name: a, sources: [{meter: m, kind: energy}, {meter: m, kind: power}]}]\n": [
        (
            "bills.0.sources.1: m is on this bill by another kind or phase too. "
            "Its energy is counted twice."
        )
    ],
    f"{SITE}meters: [{{name: m}}]\n"
    "bills: [{name: a, sources: [{meter: m, kind: power, phase: l1}, "
    "{meter: m, kind: power, phase: l2}]}]\n": [],
    f"{SITE}meters: [{{name: m}}]\n"
    "bills: [{name: a, sources: [{meter: m, enabled: false}]}]\n": [
        "bills.0: a has no enabled source. It will bill nothing."
    ],
    f"{SITE}meters: []\n{HALL.replace('host: i', 'host: h')}": [
        (
            "connections.two: h:502 is the connection hall too. "
            "Put its meters on one connection, which asks one at a time."
        )
    ],
    f"{SITE}meters: []\nmqtt: {{url: 'mqtt://localhost', password: hunter2}}\n": [
        (
            "mqtt.password: a secret stands in this file. "
            'Write "${env:NAME}", "${file:PATH}" or "${cred:NAME}".'
        )
    ],
    f"{SITE}meters: []\nmqtt: {{url: 'mqtt://u:hunter2@localhost'}}\n": [
        (
            "mqtt.url: a secret stands in this file. "
            'Write "${env:NAME}", "${file:PATH}" or "${cred:NAME}".'
        )
    ],
    f"{SITE}meters: []\nconnections: {{a: {{protocol: snmp, community: public}}, "
    "b: {protocol: snmp, community: private}}\n": [
        (
            "connections.b.community: a secret stands in this file. "
            'Write "${env:NAME}", "${file:PATH}" or "${cred:NAME}".'
        )
    ],
}


@pytest.mark.parametrize("text", LINTS)
def test_a_lint(text: str, tmp_path: Path) -> None:
    lines = found(tmp_path, text)
    assert all(line.startswith("warning ") for line in lines)
    assert [line.split(": ", 1)[1] for line in lines] == LINTS[text]


OVERFLOW = (
    "warning 4:73: records.0.overflow_value: with one count more it is {} m3, "
    "but the point's modulus is 1000000 m3. The modulus is used; correct one of them."
)


@pytest.mark.parametrize(
    ("modulus", "overflow", "lines"),
    [
        ("modulus: 1000000,", "999999.99", []),
        ("", "999999.99", []),
        ("modulus: 1000000,", "99999.99", [OVERFLOW.format("100000")]),
        ("modulus: 1000000,", "null", []),
    ],
)
def test_an_overflow_value_and_a_modulus_are_one_count_apart(
    modulus: str, overflow: str, lines: list[str], tmp_path: Path
) -> None:
    point = f"{{{modulus} resolution: 0.01, max_per_hour: 5}}"
    text = (
        f"{SITE}meters: [{{name: w, points: {{volume: {point}}}}}]\n"
        "meter_types: {water: {usage_unit: m3}}\n"
        f"records: [{{name: r, usage: w.volume, meter_type: water, overflow_value: {overflow}}}]\n"
    )
    assert found(tmp_path, text) == lines


def test_a_file_with_errors_is_not_linted(tmp_path: Path) -> None:
    text = f"{SITE}meters: [{{name: m}}]\nbills: [{{name: a, colour: red}}]\n"
    assert [line.partition(" ")[0] for line in found(tmp_path, text)] == ["error"]


RECORD = "records: [{name: r, usage: m.energy_import, "
PACES = {
    ("", "max_time_between_executions: 5s"): [
        (
            "records.0.max_time_between_executions: m is read every 10s only. Write every: 5s on "
            "the meter, or a longer time here."
        )
    ],
    (", every: 5s", "max_time_between_executions: 5s"): [],
    ("", "max_flush_interval: 500ms"): [
        "records.0.max_flush_interval: rows are written once a second at most. Write 1s or more."
    ],
    ("", "max_flush_interval: 1s"): [],
}


@pytest.mark.parametrize(("case", "lines"), PACES.items())
def test_a_record_cannot_be_quicker_than_its_meter(
    case: tuple[str, str], lines: list[str], tmp_path: Path
) -> None:
    more, asked = case
    text = meter(f"{{energy_import: {COUNTER}, unit: kWh}}}}", more) + f"{RECORD}{asked}}}]\n"
    assert [line.partition(": ")[2] for line in found(tmp_path, text)] == lines


def test_readings_that_come_when_they_come_are_never_too_slow(tmp_path: Path) -> None:
    text = (
        f"{SITE}connections: {{clip: {{protocol: manual}}}}\n"
        "meters: [{name: m, connection: clip, points: {energy_import: {unit: kWh}}}]\n"
        f"{RECORD}max_time_between_executions: 5s}}]\n"
    )
    assert found(tmp_path, text) == []
