"""A shell in an empty folder, and one whose store has something for every list."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shell import Shell


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """Nothing is written yet; no file of this host's is looked at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("METERD_CONFIG", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return Shell(tmp_path, capsys)


@pytest.fixture
def told(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two months of main: a rollover, a record a day, a closed period, late energy."""
    dial = shell.config["meters"][0]["points"]["energy_import"]
    shell.config["meters"][0]["points"] = {"energy_import": {**dial, "modulus": 1000, "max_kw": 50}}
    shell.config["meter_types"] = {
        "power": {"usage_unit": "kWh", "cost_unit": "EUR", "cost_per_unit": "0.38"}
    }
    shell.config["records"] = [
        {"name": "Line 1", "equipment": "line-1", "meter_type": "power",
         "usage": "main.energy_import", "cost_source": "from_meter_type",
         "cutover": {"schedule": "0 0 * * *"}}
    ]  # fmt: skip
    source = {"meter": "main", "kind": "energy"}
    shell.config["bills"] = [
        {"name": "tenant", "sources": [source], "allowance": 100, "grace": "1h"},
        {"name": "peak", "type": "demand", "sources": [source, {"meter": "rack-12"}]},
    ]
    readings = (
        "2026-01-31T23:40:00Z,main,990",
        "2026-01-31T23:50:00Z,main,994",
        "2026-01-31T23:50:00Z,rack-12,7",
        "2026-02-01T06:00:00Z,rack-12,9",
        "2026-02-01T07:00:00Z,main,4",
        "2026-02-01T07:10:00Z,main,5",
    )
    shell.keep(
        tmp_path_factory.getbasetemp() / "told.db",
        lambda: shell.replay(*readings, until="2026-02-01T09:00:00Z"),
    )
    return shell
