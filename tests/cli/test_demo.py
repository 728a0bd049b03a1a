"""`demo` in this process: a site with a little history, live, and gone."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.sinks.peers import free_port

from meterd.cli import demo
from meterd.cli.demo import _free_port


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Three days of history instead of two months, in a directory to look at."""
    monkeypatch.setattr(demo, "HISTORY_DAYS", 3)
    monkeypatch.setattr(demo, "BATCH", 1000)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_site_is_shown_runs_and_leaves_nothing(shell: Shell, brief: Path) -> None:
    port = free_port()
    said = shell.run("demo", "--port", str(port), "--seconds", "0.2").out
    for name in ("main", "rack-12", "water"):
        assert f"\n{name} " in said
    assert "tenant-office" in said
    assert f"http://127.0.0.1:{port}/v1/meters" in said
    assert said.index("Booking 3 days") < said.index("days of history booked")
    assert list(brief.iterdir()) == []


def test_a_taken_port_is_no_traceback_and_leaves_nothing(shell: Shell, brief: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        done = shell.run("demo", "--port", str(port), "--seconds", "0.2", code=1)
    assert str(port) in done.err
    assert list(brief.iterdir()) == []


def test_the_usual_port_is_left_to_whoever_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = free_port()
    monkeypatch.setattr(demo, "HTTP_PORT", usual)
    assert _free_port() == usual
    with socket.create_server(("127.0.0.1", usual)):
        assert _free_port() not in {0, usual}
