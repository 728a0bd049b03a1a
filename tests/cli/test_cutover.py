"""`cutover` without a daemon, and `audit` of what came of it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.metering.calendar import iso
from meterd.stores.sqlite import SqliteStore


def test_an_order_without_a_daemon_waits_for_the_next_reading(shell: Shell) -> None:
    now_ms = time.time_ns() // 1_000_000
    shell.config["records"] = [{"name": "Line 1", "usage": "main.energy_import"}]
    shell.replay(f"{iso(now_ms - 60_000)},main,5")
    assert shell.on("cutover", "Line 1").out == "Line 1: cut\n"
    assert shell.rows("cutover", "Line 1") == {"cutover": "Line 1", "daemon": False}
    assert shell.rows("audit")["ok"]
    assert [row["cut_by"] for row in shell.rows("records")] == [""]
    shell.replay(f"{iso(now_ms + 60_000)},main,7")
    assert [row["cut_by"] for row in shell.rows("records")] == ["command", "command", ""]
    assert shell.rows("audit")["ok"]


def test_a_running_daemon_is_asked(told: Shell) -> None:
    with answering(told.store, http("200 OK", "{}")) as asked:
        assert told.rows("cutover", "Line 1") == {"cutover": "Line 1", "daemon": True}
    assert asked[0].startswith(b"POST /v1/records/Line%201/cutover ")
    Path(f"{told.store}.sock").unlink()
    with answering(told.store, http("503 No", '{"detail": "the disk is full"}')):
        assert "the disk is full" in told.on("cutover", "Line 1", code=1).err


def test_a_store_that_another_holds_is_busy(told: Shell) -> None:
    held = SqliteStore.open(told.store, now_ms=0, new_epoch="0" * 10)
    assert "holds this store" in told.on("cutover", "Line 1", code=75).err
    held.close()


def test_what_is_no_configuration_is_wrong_usage(told: Shell) -> None:
    said = told.on("cutover", "Line", code=2).err
    assert "no record configuration 'Line'; did you mean 'Line 1'?" in said
