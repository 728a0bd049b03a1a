"""Configurations as files, and daemons made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from meterd.config.compile import site_spec
from meterd.config.load import Loaded, load
from meterd.config.models import Config
from meterd.specs import SiteSpec

POINTS = {"energy_import": {"table": "holding", "address": 0, "type": "uint32", "unit": "kWh"}}
Written = dict[str, Any]


def written(**more: Any) -> Written:
    """A site of one meter, `main`, behind a port that is to be filled in."""
    meter = {"name": "main", "connection": "hall", "address": 1, "every": "100ms", "points": POINTS}
    return {
        "site": {"name": "hq", "timezone": "UTC"},
        "sampling": "1s",
        "store": "memory",
        "connections": {"hall": {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": 1}},
        "meters": [meter],
        "bills": [{"name": "tenant", "sources": [{"meter": "main", "kind": "energy"}]}],
        **more,
    }


def write(folder: Path, config: Mapping[str, Any]) -> Path:
    """The configuration as a file in the folder."""
    path = folder / "meterd.yaml"
    path.write_text(yaml.safe_dump(dict(config)), "utf-8")
    return path


def loaded(folder: Path, config: Mapping[str, Any]) -> Loaded:
    """The same, loaded."""
    found = load(write(folder, config), {})
    assert found.config is not None, found.findings
    return found


def sound(folder: Path, config: Mapping[str, Any]) -> tuple[Config, SiteSpec]:
    """A configuration and what it means."""
    config_found = loaded(folder, config).config
    assert config_found is not None
    return config_found, site_spec(config_found)
