"""A configuration as a test writes it, and what is found in it, without the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from meterd.config.findings import render
from meterd.config.load import Loaded, load
from meterd.config.models import Config

SITE = "site: {name: hq, timezone: Europe/Berlin, cost_per_kwh: '0.30'}\n"
HALL = "connections: {hall: {protocol: modbus_tcp, host: 10.1.0.20}}\n"
EMPTY = "meters: []\n"


def loaded(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Loaded:
    """The text as a file in the folder, loaded."""
    path = folder / "meterd.yaml"
    path.write_text(dedent(text), "utf-8")
    return load(path, {"STATE_DIRECTORY": str(folder), **(environ or {})})


def found(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Every finding as its severity and its line, from the line number on."""
    seen = loaded(folder, text, environ)
    prefix = f"{seen.path}:"
    return [
        f"{finding.severity} {render(finding, str(seen.path)).removeprefix(prefix)}"
        for finding in seen.findings
    ]


def sound(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of a text that has no errors."""
    seen = loaded(folder, text, environ)
    assert seen.config is not None, seen.findings
    return seen.config
