"""The unit file: what systemd itself says of it, and what it must not lose."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.tree import ROOT

UNIT = ROOT / "systemd" / "meterd.service"
EXPOSURE_MAX = 1.0
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


def settings() -> list[tuple[str, str]]:
    return re.findall(r"^([A-Z]\w+)=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


def test_a_wrong_configuration_stops_the_restarts() -> None:
    unit = dict(settings())
    assert unit["RestartPreventExitStatus"] == "78"
    assert unit["Restart"] == "always"
    assert "ExecStartPre" not in unit, "its exit status would not stop the restarts"


def test_a_reload_waits_for_the_verdict() -> None:
    assert dict(settings())["ExecReload"].startswith("/opt/meterd/bin/meterd reload ")


def test_the_boot_id_can_be_read() -> None:
    assert "ProcSubset" not in dict(settings())


@needs_systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    here = UNIT.read_text("utf-8").replace("/opt/meterd/bin/meterd", sys.executable)
    copy = tmp_path / UNIT.name
    copy.write_text(here, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_its_exposure_is_as_low_as_promised() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Overall exposure level for meterd.service: ([\d.]+)", done.stdout)
    assert found
    assert float(found[1]) <= EXPOSURE_MAX
