"""The JSON Schema says of a file what the loader says, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meterd.config import yaml
from meterd.config.schema import schema

CONTRACT = Path(__file__).with_name("contract.yaml")


def tree(text: bytes) -> Any:
    """A file as JSON has it."""
    root, findings = yaml.parse(text)
    assert root is not None
    assert findings == []
    return json.loads(json.dumps(yaml.plain(root), default=float))


def errors(document: Any) -> list[str]:
    """Where the schema finds fault."""
    validator = jsonschema.Draft202012Validator(schema())
    return [".".join(map(str, error.path)) for error in validator.iter_errors(document)]


def test_it_is_a_schema_and_plain_json() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()
    assert schema()["$defs"]["Config"]["required"] == ["site", "meters"]


def test_the_published_example_is_valid() -> None:
    assert errors(tree(CONTRACT.read_bytes())) == []


MINIMAL = "site: {name: hq, timezone: UTC}\nmeters: [{name: m, "

GOOD = [
    "every: 10s}]",
    'every: "${env:EVERY}"}]',
    "accuracy_class: 1.0}]",
    "address: 5}]",
    "address: 10.0.0.1}]",
    "ct_ratio: 400:5}]",
    "rated_capacity_kw: 5.5}]",
    "rated_capacity_kw: '5.5'}]",
    "apply_ct_ratio: '${env:X}'}]",
    "points: {x: {scale: 1e-3, invalid: [0xFFFF]}}}]",
    "}]\nmqtt: [{url: a}, {url: b}]",
    "}]\nconnections: {a: {protocol: snmp, version: 3}}",
    "}]\nconnections: {b: {protocol: modbus_tcp, host: x, port: '${env:P}'}}",
]
BAD = {
    "every: 10}]": "meters.0.every",
    "every: ten}]": "meters.0.every",
    "name2: x}]": "meters.0",
    "status: ofline}]": "meters.0.status",
    "apply_ct_ratio: 'yes'}]": "meters.0.apply_ct_ratio",
    "rated_capacity_kw: much}]": "meters.0.rated_capacity_kw",
    "ct_ratio: 400/5}]": "meters.0.ct_ratio",
    "}]\nconnections: {a: {protocol: modbus}}": "connections.a",
    "}]\nfoo: 1": "",
}


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    assert errors(tree((MINIMAL + text + "\n").encode())) == []


@pytest.mark.parametrize("text", BAD)
def test_bad(text: str) -> None:
    assert errors(tree((MINIMAL + text + "\n").encode())) == [BAD[text]]


def test_defaults_are_written_as_in_the_file() -> None:
    meter = schema()["$defs"]["MeterConfig"]["properties"]
    assert meter["every"]["default"] == "10s"
    assert schema()["$defs"]["Config"]["properties"]["sampling"]["default"] == "5m"
