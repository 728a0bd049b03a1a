"""Inputs of this host: a line or a file, and a counter to count on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

LINKS = "connections: {gpio: {protocol: pulse}, loops: {protocol: analog}, api: {protocol: push}}\n"
AT = "meters.0.points."
NO_LINE = (
    "the key is missing. Write line: and its number, or path: and a count file of the kernel's."
)
POINTS: dict[tuple[str, str], list[str]] = {
    ("gpio", "count: {line: 0, pulses_per_unit: 1, max_per_hour: 5}"): [],
    ("gpio, address: 7", "count: {pulses_per_unit: 1, max_per_hour: 5}"): [],
    ("gpio", "count: {path: /sys/x, pulses_per_unit: 1, max_per_hour: 5}"): [],
    ("gpio", "count: {pulses_per_unit: 1, max_per_hour: 5}"): [f"{AT}count.line: {NO_LINE}"],
    ("gpio, address: x", "count: {pulses_per_unit: 1, max_per_hour: 5}"): [
        f"{AT}count.line: {NO_LINE}"
    ],
    ("gpio", "count: {line: -1, pulses_per_unit: 1, max_per_hour: 5}"): [
        f"{AT}count.line: there is no line -1. Lines count from 0."
    ],
    ("gpio", "count: {line: 1, path: /sys/x, pulses_per_unit: 1, max_per_hour: 5}"): [
        f"{AT}count.path: line is there too. Keep one of the two."
    ],
    ("gpio", "count: {path: /sys/x, bias: pull_up, pulses_per_unit: 1, max_per_hour: 5}"): [
        f"{AT}count.bias: bias means nothing with path. The kernel's counter is set elsewhere."
    ],
    ("gpio", "active_power: {line: 1, pulses_per_unit: 1}"): [
        (
            f"{AT}active_power: pulses are counted, and active_power is no counter. "
            "Drop it; active_power and flow follow from the spacing of the pulses."
        )
    ],
    ("gpio", "strokes: {line: 1, pulses_per_unit: 1, unit: '%'}"): [
        (
            f"{AT}strokes: pulses are counted, and strokes is no counter. "
            "Write energy_import, volume, count or a quantity of your own with a unit."
        )
    ],
    ("gpio", "strokes: {line: 1, pulses_per_unit: 1, unit: '1', max_per_hour: 5}"): [],
    ("loops", "active_power: {path: /sys/x, output: [0, 5]}"): [],
    ("loops, address: /sys/x", "active_power: {output: [0, 5]}"): [],
    ("loops", "active_power: {output: [0, 5]}"): [
        (
            f"{AT}active_power.path: the key is missing. Write path: and the file that holds the "
            "number."
        )
    ],
    ("loops, address: 4", "active_power: {output: [0, 5]}"): [
        (
            f"{AT}active_power.path: the key is missing. Write path: and the file that holds the "
            "number."
        )
    ],
}


MQTT = "mqtt: {url: mqtt://127.0.0.1}\n"
TOPICS: dict[str, list[str]] = {
    "active_power: {topic: tele/a, field: ENERGY.Power}": [],
    "active_power: {}": [],
    "active_power: {field: a}": [f"{AT}active_power.field: there is no topic. Write topic: too."],
    "active_power: {topic: tele/+}": [
        f'{AT}active_power.topic: "tele/+" is no single topic. Write it in full, without + and #.'
    ],
    "active_power: {topic: ''}": [
        f'{AT}active_power.topic: "" is no single topic. Write it in full, without + and #.'
    ],
}


@pytest.mark.parametrize("points", TOPICS)
def test_a_topic_is_one_and_there_is_a_broker(points: str, tmp_path: Path) -> None:
    text = f"{SITE}{LINKS}{MQTT}meters: [{{name: m, connection: api, points: {{{points}}}}}]\n"
    assert [line.split(": ", 1)[1] for line in found(tmp_path, text)] == TOPICS[points]
    if "topic: tele/a" in points:
        (line,) = found(tmp_path, text.replace(MQTT, ""))
        assert line.endswith("there is no broker to hear it from. Write mqtt: {url: mqtt://HOST}.")


@pytest.mark.parametrize(("link", "points"), POINTS)
def test_an_input_is_somewhere_and_is_counted_on(link: str, points: str, tmp_path: Path) -> None:
    text = f"{SITE}{LINKS}meters: [{{name: m, connection: {link}, points: {{{points}}}}}]\n"
    told = [line.split(": ", 1)[1] for line in found(tmp_path, text)]
    assert told == POINTS[link, points]
