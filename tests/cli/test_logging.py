"""The log: JSON lines with fields, with a priority for the journal, readable on a terminal."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
import structlog

from meterd.cli.logging import configure_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def log() -> Any:
    return structlog.get_logger()


def test_a_line_is_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging({})
    log().warning("Meter does not answer.", meter="main", missed=3)
    log().debug("Not at this level.")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "event": "Meter does not answer.", "level": "warning", "meter": "main", "missed": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("level", "shown"), [("DEBUG", 3), ("info", 2), ("ERROR", 0), ("loud", 2), ("WARNING", 1)]
)
def test_the_level_is_the_environments(
    capsys: pytest.CaptureFixture[str], level: str, shown: int
) -> None:
    configure_logging({"METERD_LOG": level})
    log().debug("One.")
    log().info("Two.")
    log().warning("Three.")
    assert len(capsys.readouterr().err.splitlines()) == shown


def test_the_journal_is_told_the_priority(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging({"JOURNAL_STREAM": "8:1"})
    log().error("One.")
    log().info("Two.")
    assert [line[:4] for line in capsys.readouterr().err.splitlines()] == ["<3>{", "<6>{"]


def test_a_fault_is_one_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging({})
    try:
        int("many")
    except ValueError:
        log().exception("A task failed.", task="tick", seen={1})
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert "ValueError: invalid literal" in said["exception"]


def test_a_terminal_is_written_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    configure_logging({})
    log().info("Running.", site="hq")
    assert "Running." in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
