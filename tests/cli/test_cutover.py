"""`cutover` without a daemon, and `audit` of what came of it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.stores.sqlite import SqliteStore


def test_an_order_without_a_daemon_waits_for_the_next_reading(told: Shell) -> None:
    assert told.on("cutover", "Line 1").out == "Line 1: cut\n"
    assert told.rows("cutover", "Line 1") == {"cutover": "Line 1", "daemon": False}
    assert told.rows("audit")["ok"]
    told.replay("2100-01-01T00:00:00Z,main,7")
    assert "command" in [row["cut_by"] for row in told.rows("records")]


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
