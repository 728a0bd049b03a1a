"""Exact numbers, references of every kind, and secrets that are in no message."""

from __future__ import annotations

from pathlib import Path

from tests.config.written import EMPTY, SITE, found, loaded, sound


def test_numbers_are_exact_however_they_are_written(tmp_path: Path) -> None:
    text = SITE + "meters: [{name: m, cost_per_kwh: 0.1, rated_capacity_kw: '2.50'}, {name: n, "
    config = sound(tmp_path, text + "rated_capacity_kw: 1e3, calibration_interval_months: 1e1}]\n")
    first, second = config.meters
    assert [str(first.cost_per_kwh), str(first.rated_capacity_kw)] == ["0.1", "2.50"]
    assert second.rated_capacity_kw == 1000
    assert second.calibration_interval_months == 10


def test_words_that_look_like_numbers_need_no_quotes(tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + "meters: [{name: m, accuracy_class: 1.0}]\n")
    assert config.meters[0].accuracy_class == "1.0"


def test_references_give_values_of_every_kind(tmp_path: Path) -> None:
    text = """
site: {name: "${env:SITE}", timezone: Europe/Berlin}
sampling: ${env:LENGTH}
connections: {hall: {protocol: modbus_tcp, host: "${env:HOST}", port: "${env:PORT}"}}
meters:
  - {name: m, status: "${env:STATUS}", apply_ct_ratio: "${env:FLAG}", ct_ratio: "${env:RATIO}",
     building: "${env:PORT}", address: "${env:UNIT}"}
"""
    environ = {
        "SITE": "hq", "LENGTH": "1m", "HOST": "meter.lan", "PORT": "1502", "STATUS": "planned",
        "FLAG": "true", "RATIO": "400:5", "UNIT": "7",
    }  # fmt: skip
    config = sound(tmp_path, text, environ)
    meter = config.meters[0]
    assert (config.site.name, config.sampling) == ("hq", 60_000)
    assert (meter.status, meter.apply_ct_ratio, meter.ct_ratio) == ("planned", True, "400:5")
    assert (meter.building, meter.address) == ("1502", "7")
    link = config.connections["hall"]
    assert (getattr(link, "host", None), getattr(link, "port", None)) == ("meter.lan", 1502)


def test_a_reference_that_leads_nowhere_is_an_error_at_its_line(tmp_path: Path) -> None:
    text = SITE + 'meters:\n  - {name: m,\n     notes: "${env:GONE}"}\n'
    assert found(tmp_path, text) == [
        "error 4:13: meters.0.notes: the environment variable GONE is not set. Set GONE."
    ]


def test_what_a_reference_yields_is_in_no_message(tmp_path: Path) -> None:
    text = """
site: {name: "${env:PW}", timezone: "${env:PW}"}
store: "${env:PW}"
sampling: ${env:PW}
http: {listen: "${env:PW}"}
mqtt: {url: "mqtt:user:${env:PW}@x", topic: "${env:PW}/#"}
connections: {hall: {protocol: modbus_tcp, host: x, port: "${env:PW}"}}
meters:
  - {name: m, status: "${env:PW}", connection: "${env:PW}", profile: "${env:PW}"}
  - {name: n, connection: hall, address: "${env:PW}", parent: "${env:PW}"}
records: [{name: r, usage: "${env:PW}.volume", cutover: {schedule: "${env:PW}"}}]
"""
    environ = {"PW": "hunter2 is secret", "STATE_DIRECTORY": str(tmp_path)}
    lines = found(tmp_path, text, environ)
    assert len(lines) > 8
    assert not [line for line in lines if "hunter2" in line]
    assert "hunter2" not in repr(loaded(tmp_path, text, environ))


def test_literal_secrets_are_in_no_message_either(tmp_path: Path) -> None:
    text = (
        SITE
        + EMPTY
        + """
store: postgres:user:hunter2@host/db
mqtt: {url: "mqtt//user:hunter2@host", password: [hunter2], pasword: hunter2}
connections:
  ups: {protocol: snmp, version: 3, user: m, auth: {protocol: md4, password: hunter2}}
  pdu: {protocol: snmp, community: {hunter2: 1}}
"""
    )
    lines = found(tmp_path, text)
    assert len(lines) == 6
    assert not [line for line in lines if "hunter2" in line]
