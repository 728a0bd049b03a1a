"""`acknowledge`, without a daemon and beside one."""

from __future__ import annotations

import json

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http


@pytest.fixture
def due(shell: Shell) -> Shell:
    """main, whose calibration was due long ago, as somebody has found out by reading it."""
    shell.config["meters"] = [shell.meter("main", 1, next_calibration_date="2020-01-01")]
    shell.replay("2026-01-01T12:00:00Z,main,500", "2026-01-01T12:05:00Z,main,505")
    return shell


def test_whoever_has_seen_an_alarm_is_known_from_then_on(due: Shell) -> None:
    (alarm,) = due.rows("alarms")
    assert (alarm["alarm"], alarm["acknowledged_by"]) == ("calibration_due", None)
    (told,) = due.rows("acknowledge", "main", "calibration_due", "--note", "ordered")
    assert (told["alarm"], told["severity"]) == ("calibration_due", "warning")
    (alarm,) = [one for one in due.rows("alarms") if one["alarm"] == "calibration_due"]
    (event,) = due.rows("events", "--kind", "alarm_acknowledged")
    assert (event["note"], event["alarm"]) == ("ordered", "calibration_due")
    assert event["actor"] == alarm["acknowledged_by"]
    assert event["time"] == alarm["acknowledged"]
    assert due.rows("acknowledge", "main", "calibration_due") == []


def test_what_does_not_stand_is_a_finding(due: Shell) -> None:
    refused = due.on("acknowledge", "main", "load", code=1).err
    assert "main: no alarm 'load' stands" in refused
    assert "did you mean 'main'?" in due.on("acknowledge", "mian", code=2).err


def test_a_running_daemon_is_asked(due: Shell) -> None:
    body = '{"alarms": [{"alarm": "load", "severity": "warning", "since": "T"}]}'
    with answering(due.store, http("200 OK", body)) as asked:
        out = due.on("acknowledge", "main", "load/warning").out
    assert "load   warning   T" in out
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/meters/main/acknowledge ")
    assert json.loads(sent) == {"alarm": "load/warning", "note": ""}
