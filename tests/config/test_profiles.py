"""Profiles lie under a meter's own points, and their mistakes are told in their own file."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from tests.config.written import HALL, SITE, found, sound

from meterd.config.findings import render
from meterd.config.profiles import profile_names, read_profile

OWN = """make: Acme
model: X1
source: its label
protocol: modbus
limits: {max_words: 20, max_hole: 0}
points:
  energy_import: {table: holding, address: 1, type: uint32, scale: "0.1", unit: kWh, invalid: [-1]}
  active_power: {table: holding, address: 3, type: uint16, unit: W}
"""


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


@pytest.mark.parametrize("name", profile_names())
def test_a_packaged_profile_is_sound_and_names_its_source(name: str, tmp_path: Path) -> None:
    profile, findings = read_profile(name, tmp_path)
    assert findings == []
    assert profile is not None
    assert profile.source
    assert f"{slug(profile.make)}/{slug(profile.model)}" == name
    recording = Path(__file__).parents[1] / "recordings" / f"{name}.yaml"
    assert recording.exists()


def test_there_are_packaged_profiles() -> None:
    assert {"abb/b23", "eastron/sdm630"} <= set(profile_names())


def test_a_meters_own_points_win(tmp_path: Path) -> None:
    (tmp_path / "x1.yaml").write_text(OWN, "utf-8")
    text = (
        SITE
        + HALL
        + """
meters:
  - name: a
    connection: hall
    address: 1
    profile: x1.yaml
    points:
      energy_import: {max_kw: 20}
      active_power: {table: input, address: 9, type: float32}
      frequency: {table: input, address: 11, type: float32}
  - {name: b, connection: hall, address: 2, profile: ./x1.yaml, limits: {max_words: 10}, model: X2}
"""
    )
    first, second = sound(tmp_path, text).meters
    energy, power = first.points["energy_import"], first.points["active_power"]
    assert (energy.address, energy.scale, energy.max_kw) == (1, Decimal("0.1"), Decimal(20))
    assert energy.invalid == (Decimal(-1),)
    assert (power.table, power.address, power.unit) == ("input", 9, None)
    assert list(first.points) == ["energy_import", "active_power", "frequency"]
    assert (first.manufacturer, first.model, first.limits.max_words) == ("Acme", "X1", 20)
    assert (second.model, second.limits.max_words, second.limits.max_hole) == ("X2", 10, 0)


def test_a_profile_that_is_not_there_is_guessed(tmp_path: Path) -> None:
    text = SITE + "meters: [{name: a, profile: eastron/sdm63O}, {name: b, profile: zzz/zzz}]\n"
    assert found(tmp_path, text) == [
        'error 2:29: meters.0.profile: no profile "eastron/sdm63O". Did you mean "eastron/sdm630"?',
        'error 2:65: meters.1.profile: no profile "zzz/zzz". `meterd profiles` lists them all.',
    ]


def test_what_a_profile_would_have_said_is_not_missed_as_well(tmp_path: Path) -> None:
    links = "connections: {hall: {protocol: modbus_tcp, host: h}}\n"
    points = "points: {energy_import: {max_kw: 3}}"
    meter = f"{{name: a, connection: hall, address: 1, profile: abb/b24, {points}}}"
    (line,) = found(tmp_path, f"{SITE}{links}meters: [{meter}]\n")
    assert line.endswith('no profile "abb/b24". Did you mean "abb/b23"?')


@pytest.mark.parametrize("path", ["../secret.yaml", "a\\0b", "."])
def test_a_path_that_leads_nowhere_is_no_profile(path: str, tmp_path: Path) -> None:
    text = SITE + f'meters: [{{name: a, profile: "{path}"}}]\n'
    assert "no profile" in found(tmp_path, text)[0]


def test_the_mistakes_of_a_profile_are_told_once_and_in_its_file(tmp_path: Path) -> None:
    bad = OWN.replace("address: 3", "address: 70000").replace("max_hole: 0", "max_hole: 500")
    (tmp_path / "x1.yaml").write_text(bad + "colour: red\n", "utf-8")
    text = SITE + "meters: [{name: a, profile: x1.yaml}, {name: b, profile: x1.yaml}]\n"
    file = tmp_path / "x1.yaml"
    assert [line.replace(str(file), "x1.yaml") for line in found(tmp_path, text)] == [
        (
            'error 2:29: meters.0.profile: the profile "x1.yaml" has mistakes. '
            "They are listed as well."
        ),
        (
            "error x1.yaml:5:35: limits.max_hole: a hole of 500 words does not fit one request. "
            "It must be from 0 to 125."
        ),
        (
            "error x1.yaml:8:43: points.active_power.address: not all of the 1 words from 70000 on "
            "exist. Addresses go from 0 to 65535."
        ),
        (
            'error x1.yaml:9:1: colour: no key "colour" belongs here. '
            "Known here: extends, limits, make, model, models, notes, points, protocol, serial, "
            "single_source, source, sunspec, sys_object_id, verified."
        ),
    ]


@pytest.mark.parametrize("text", ["a: [", OWN.replace("protocol: modbus\n", "")])
def test_a_profile_that_cannot_be_read_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "x1.yaml").write_text(text, "utf-8")
    text = SITE + "meters: [{name: a, profile: x1.yaml}, {name: b, profile: x1.yaml}]\n"
    assert len(found(tmp_path, text)) == 2


def test_a_profile_of_another_protocol_is_told(tmp_path: Path) -> None:
    text = (
        f"{SITE}connections: {{p: {{protocol: snmp, community: public}}, "
        "api: {protocol: push}}\n"
        "meters:\n"
        "  - {name: a, connection: p, address: x, profile: abb/b23}\n"
        "  - {name: b, connection: api, profile: abb/b23}\n"
    )
    lines = [line for line in found(tmp_path, text) if "not built" not in line]
    assert lines == [
        (
            'error 4:51: meters.0.profile: "abb/b23" is for modbus, not snmp. '
            "Choose another profile or connection."
        )
    ]


EXTENDS = """make: Acme
model: X2
source: its label
protocol: modbus
extends: abb/b23
limits: {max_hole: 0}
points:
  energy_import: {nonvolatile: true}
  temperature: {table: holding, address: 1, type: int16}
"""


def test_a_profile_over_another_has_its_points_and_its_own(tmp_path: Path) -> None:
    (tmp_path / "x2.yaml").write_text(EXTENDS, "utf-8")
    profile, findings = read_profile("x2.yaml", tmp_path)
    assert findings == []
    assert profile is not None
    assert len(profile.points) == 15
    energy = profile.points["energy_import"]
    assert (energy.address, energy.nonvolatile) == (0x5000, True)
    assert (profile.limits.max_words, profile.limits.max_hole) == (None, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("extends: abb/b32", 'extends: no profile "abb/b32". Did you mean "abb/b23"?'),
        ("extends: x2.yaml", 'extends: "x2.yaml" extends itself'),
        ("extends: ./x2.yaml", 'extends: no profile "./x2.yaml"'),
        ("single_source: [voltag]", 'single_source.0: no point "voltag"'),
    ],
)
def test_what_a_profile_names_must_be_there(line: str, said: str, tmp_path: Path) -> None:
    text = EXTENDS.replace("extends: abb/b23", line)
    (tmp_path / "x2.yaml").write_text(text, "utf-8")
    _profile, findings = read_profile("x2.yaml", tmp_path)
    assert said in "\n".join(render(finding, "") for finding in findings)
