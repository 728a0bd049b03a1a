"""The unit file: what systemd itself says of it, and what it must not lose."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT
from tests.system.peers import program

UNIT = ROOT / "systemd" / "meterd.service"
EXPOSURE_MAX = 1.0
SERIAL = ROOT / "systemd" / "serial.conf"
SERIAL_EXPOSURE_MAX = 1.5
DOCKERFILE = ROOT / "Dockerfile"


def exposure(folder: Path, *drop_ins: Path) -> float:
    """What systemd says of the unit with these beside it, of 10; less is better."""
    unit = shutil.copy(UNIT, folder)
    for one in drop_ins:
        beside = folder / f"{UNIT.name}.d"
        beside.mkdir(exist_ok=True)
        shutil.copy(one, beside)
    done = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Overall exposure level for meterd.service: ([\d.]+)", done.stdout)
    assert found
    return float(found[1])


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


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    here = UNIT.read_text("utf-8").replace("/opt/meterd/bin/meterd", sys.executable)
    copy = tmp_path / UNIT.name
    copy.write_text(here, "utf-8")
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_its_exposure_is_as_low_as_promised(tmp_path: Path) -> None:
    assert exposure(tmp_path) <= EXPOSURE_MAX


def test_serial_lines_open_no_more_than_they_need(tmp_path: Path) -> None:
    assert exposure(tmp_path, SERIAL) <= SERIAL_EXPOSURE_MAX


def test_a_container_is_nobodys_root_and_has_nothing_to_build_with() -> None:
    text = DOCKERFILE.read_text("utf-8")
    last = text.rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert user
    assert "0" not in user.groups(), "a number, so that a host can tell that it is not root"
    assert not re.search(r"^(RUN|ADD) .*(apt|pip|curl|wget)", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n +CMD \[", last, re.MULTILINE), "without a shell"
    assert "--require-hashes" in text
    assert not re.search(r"^ADD ", text, re.MULTILINE)


def test_a_container_is_run_read_only_and_without_rights() -> None:
    page = (ROOT / "docs" / "how-to" / "run-as-a-service.md").read_text("utf-8")
    for word in ("--read-only", "--cap-drop ALL", "no-new-privileges", "--memory", "--pids-limit"):
        assert word in page
