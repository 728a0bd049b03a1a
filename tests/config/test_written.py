"""A file as it may be shown: with its lines, and without a secret."""

from __future__ import annotations

from pathlib import Path

from tests.config.written import EMPTY, SITE, sound

from meterd.config.written import written

FILE = """\
site: {name: hq, timezone: Europe/Berlin}
# the old password was hunter1
store: postgresql://user:hunter2@host/db
mqtt: {url: "mqtt://me:hunter3@127.0.0.1", password: hunter4}
connections:
  old: {protocol: snmp, version: 2c, community: hunter5}
  new:
    protocol: snmp
    version: 3
    user: meter
    auth: {protocol: sha256, password: "${env:SNMP_AUTH}"}
    privacy: {protocol: aes128, password: "hunter6"}
meters: []
sampling: 5m
places: {}
"""


def test_every_value_is_shown_with_its_line_and_no_secret(tmp_path: Path) -> None:
    environ = {"SNMP_AUTH": "hunter8hunter8"}
    config = sound(tmp_path, FILE, environ)
    seen = written(tmp_path / "meterd.yaml", {"STATE_DIRECTORY": str(tmp_path), **environ}, config)
    assert "hunter" not in repr(seen)
    shown = {line.key: (line.line, line.value) for line in seen.lines}
    assert shown["site.timezone"] == (1, "Europe/Berlin")
    assert shown["store"] == (3, "postgresql://user:***@host/db")
    assert shown["mqtt.url"] == (4, "mqtt://me:***@127.0.0.1")
    assert shown["mqtt.password"] == (4, "***")
    assert shown["connections.old.community"] == (6, "***")
    assert shown["connections.new.version"] == (9, "3")
    assert shown["connections.new.auth.password"] == (11, "${env:SNMP_AUTH}")
    assert shown["connections.new.privacy.password"] == (12, "***")
    assert shown["meters"] == (13, "[]")
    assert shown["places"] == (15, "{}")
    assert seen.in_force


def test_a_file_that_is_refused_shows_what_is_wrong_and_none_of_its_values(tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + EMPTY)
    path = tmp_path / "meterd.yaml"
    path.write_text("mqtt: {url: 'mqtt://h', pasword: hunter2}\n" + SITE + EMPTY, "utf-8")
    seen = written(path, {}, config)
    assert (seen.lines, seen.in_force) == ((), False)
    assert [(one.line, one.path) for one in seen.findings] == [(1, "mqtt.pasword")]
    assert "hunter" not in repr(seen)
    path.write_text("site: [", "utf-8")
    assert written(path, {}, config).lines == ()


def test_a_file_that_is_gone_is_a_finding(tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + EMPTY)
    seen = written(tmp_path / "other.yaml", {}, config)
    assert [one.message for one in seen.findings] == [
        "cannot read the file: No such file or directory"
    ]


def test_truth_and_nothing_are_written_as_yaml_does(tmp_path: Path) -> None:
    meter = (
        "meters: [{name: m, connection: c, parent: null, apply_ct_ratio: true, ct_ratio: '5:5'}]\n"
    )
    text = SITE + "connections: {c: {protocol: push}}\n" + meter
    config = sound(tmp_path, text)
    shown = {line.key: line.value for line in written(tmp_path / "meterd.yaml", {}, config).lines}
    assert shown["meters.0.parent"] == "null"
    assert shown["meters.0.apply_ct_ratio"] == "true"
