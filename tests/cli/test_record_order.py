"""`pause`, `resume` and `cancel`, as `cutover`, without a daemon and beside one."""

from __future__ import annotations

import time

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.cli.record_order import DID
from meterd.metering.calendar import iso
from meterd.orders import RECORD_ORDERS


@pytest.fixture
def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def line(shell: Shell, now_ms: int) -> Shell:
    """A record that runs since a minute ago."""
    shell.config["records"] = [{"name": "Line 1", "usage": "main.energy_import"}]
    shell.replay(f"{iso(now_ms - 60_000)},main,5", f"{iso(now_ms - 30_000)},main,6")
    return shell


def statuses(shell: Shell) -> list[tuple[str, float]]:
    return [(row["status"], row["usage_value"]) for row in shell.rows("records")]


def test_every_order_is_a_verb() -> None:
    assert tuple(DID) == RECORD_ORDERS


def test_a_pause_holds_from_the_instant_it_was_ordered(line: Shell, now_ms: int) -> None:
    assert line.on("pause", "Line 1").out == "Line 1: paused\n"
    line.replay(f"{iso(now_ms + 30_000)},main,8")
    ((status, usage),) = statuses(line)
    assert (status, 1 < usage < 3) == ("PAUSED", True)
    assert line.rows("resume", "Line 1") == {"resume": "Line 1", "daemon": False}
    kinds = [row["kind"] for row in line.rows("events")]
    assert kinds.count("record_paused") == 1
    assert line.rows("audit")["ok"]


def test_a_cancelled_record_ends_and_the_next_begins(line: Shell, now_ms: int) -> None:
    assert line.on("cancel", "Line 1").out == "Line 1: cancelled\n"
    line.replay(f"{iso(now_ms + 60_000)},main,8")
    assert [status for status, _usage in statuses(line)] == ["CANCELLED", "RUNNING"]


def test_what_cannot_be_carried_out_is_told_and_kept_as_an_event(line: Shell) -> None:
    assert "Line 1: its record is RUNNING" in line.on("resume", "Line 1", code=1).err
    (event,) = [row for row in line.rows("events") if row["kind"] == "record_order_refused"]
    assert event["cause"] == "resume"


def test_before_its_first_reading_a_record_takes_no_orders(shell: Shell) -> None:
    shell.config["records"] = [{"name": "Line 1", "usage": "main.energy_import"}]
    shell.write()
    assert "IDLE, for nothing was read yet" in shell.on("pause", "Line 1", code=1).err
    assert statuses(shell) == [("IDLE", 0.0)]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_a_running_daemon_is_asked(verb: str, line: Shell) -> None:
    with answering(line.store, http("200 OK", "{}")) as asked:
        assert line.rows(verb, "Line 1") == {verb: "Line 1", "daemon": True}
    assert asked[0].startswith(f"POST /v1/records/Line%201/{verb} ".encode())


def test_what_is_ordered_while_nothing_runs_does_not_cut_the_energy_of_the_outage(
    shell: Shell, now_ms: int
) -> None:
    """Half of it was used before the cut that fell due meanwhile, and half after."""
    hour_ms = 3_600_000
    cut = {"name": "Line 1", "usage": "main.energy_import", "max_record_duration": "2h"}
    shell.config["records"] = [cut]
    shell.replay(f"{iso(now_ms - 4 * hour_ms)},main,0", f"{iso(now_ms - 3 * hour_ms)},main,10")
    shell.on("token", "add", "grafana")
    shell.replay(f"{iso(now_ms - 1 * hour_ms)},main,30")
    usages = [row["usage_value"] for row in shell.rows("records")]
    assert usages == [20, 10]
