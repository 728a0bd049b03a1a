"""Every mistake is told, at its place, with what to do; one never hides another."""

from __future__ import annotations

from pathlib import Path

from tests.config.written import HALL, SITE, found, sound

MISTAKES = f"""{SITE}{HALL}
meters:
  - name: main
    meterName: Main
    connection: hell
    every: 10
    points:
      energy_import: {{unit: kWh, scale: abc, modulus: -1, colour: red}}
"""
TOLD = [
    ('error 6:5: meters.0.meterName: no key "meterName" belongs here. Did you mean "meter_name"?'),
    'error 7:17: meters.0.connection: no connection "hell". Did you mean "hall"?',
    (
        "error 8:12: meters.0.every: 10 is no length of time. "
        "Write a whole number and a unit, as in 500ms, 10s, 5m, 1h or 7d."
    ),
    (
        'error 10:41: meters.0.points.energy_import.scale: "abc" is not a number. '
        "Write it as 0.25, without a unit."
    ),
    ("error 10:55: meters.0.points.energy_import.modulus: -1 is out of range. It must be above 0."),
    (
        'error 10:59: meters.0.points.energy_import.colour: no key "colour" belongs here. '
        "`meterd check --schema` lists the keys."
    ),
]


def test_one_mistake_does_not_hide_another(tmp_path: Path) -> None:
    assert found(tmp_path, MISTAKES) == TOLD


def test_the_rest_of_a_file_is_checked_although_the_site_is_bad(tmp_path: Path) -> None:
    text = "site: {timezone: 5}\nmeters: [{name: m, parent: n}]\n"
    assert found(tmp_path, text) == [
        "error 1:7: site.name: the key is missing. Write name: here.",
        "error 1:18: site.timezone: 5 is not text here. Put it in quotes.",
        'error 2:28: meters.0.parent: no meter "n". Known here: m.',
    ]


def test_what_is_required_is_asked_for(tmp_path: Path) -> None:
    assert found(tmp_path, "{}\n") == [
        "error 1:1: site: the key is missing. Write site: here.",
        "error 1:1: meters: the key is missing. Write meters: here.",
    ]
    assert found(tmp_path, "- 1\n") == [
        "error 1:1: a list stands where a mapping belongs. Write a mapping."
    ]


def test_empty_sections_are_no_mistakes(tmp_path: Path) -> None:
    text = SITE + "meters:\nrecords:\nconnections:\nmqtt:\nhttp:\n"
    config = sound(tmp_path, text)
    assert (config.meters, config.records, config.connections) == ((), (), {})
    assert (config.brokers, config.http) == ((), None)
