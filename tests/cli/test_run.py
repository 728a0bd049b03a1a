"""`run` in this process: its exit codes, and that SIGTERM ends it well."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvloop
from tests.cli.shell import Shell
from tests.sinks.peers import free_port

from meterd.cli.control import ask
from meterd.cli.run import event_loop
from meterd.stores.sqlite import SqliteStore

HUNG_S = 30


@contextmanager
def ending(shell: Shell) -> Iterator[None]:
    """Send this process SIGTERM once the daemon in it answers."""

    def watch() -> None:
        end = time.monotonic() + HUNG_S
        while time.monotonic() < end:
            answer = ask(str(shell.store), "GET", "/readyz")
            if answer is not None and answer[0] == 200:
                os.kill(os.getpid(), signal.SIGTERM)
                return
        raise AssertionError("the daemon was never ready")

    watching = threading.Thread(target=watch)
    watching.start()
    yield
    watching.join()


def test_it_runs_until_it_is_told_to_stop(shell: Shell) -> None:
    shell.write()
    with ending(shell):
        done = shell.on("run")
    assert done.out == ""
    assert '"Running."' in done.err
    assert '"Stopped."' in done.err
    assert shell.store.exists()
    assert shell.rows("audit")["ok"]


def test_a_state_that_nobody_has_written_is_told_with_what_to_do(shell: Shell) -> None:
    shell.write()
    shell.replay("2026-01-01T00:00:00Z,main,1")
    with sqlite3.connect(shell.store) as store:
        store.execute("UPDATE states SET body = x'c1' WHERE kind = 'meter'")
    store.close()
    done = shell.on("run", code=1)
    assert f"{shell.store}: a state in it can no more be read; restore a backup" in done.err


def test_a_line_that_is_asked_too_much_is_warned_of_and_read_all_the_same(shell: Shell) -> None:
    shell.config["connections"]["hall"]["pause"] = "3s"
    for meter in shell.config["meters"]:
        meter["every"] = "5s"
    shell.write()
    with ending(shell):
        done = shell.on("run")
    assert "connections.hall: its meters ask for 120% of the line's time" in done.err


def test_a_store_that_another_holds_is_busy(shell: Shell) -> None:
    shell.write()
    held = SqliteStore.open(shell.store, now_ms=0, new_epoch="0" * 10)
    done = shell.on("run", code=75)
    assert f"process {os.getpid()} holds this store" in done.err
    held.close()


def test_a_wrong_file_exits_78_before_anything_is_made(shell: Shell) -> None:
    shell.config["connections"]["pdus"] = {"protocol": "snmp", "community": "x", "version": "2c"}
    shell.config["meters"][0]["colour"] = "red"
    shell.write()
    done = shell.on("run", code=78)
    assert "meters.0.colour" in done.err
    assert not shell.store.exists()


def test_a_taken_port_is_a_finding(shell: Shell) -> None:
    port = free_port()
    shell.config["http"] = {"listen": f"127.0.0.1:{port}"}
    shell.write()
    with socket.create_server(("127.0.0.1", port)):
        done = shell.on("run", code=1)
    assert f"{port}" in done.err.splitlines()[-1]
    assert done.err.splitlines()[-1].startswith("meterd run: cannot start: ")


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_the_loop_is_uvloops_where_it_exists(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert event_loop() is (uvloop.new_event_loop if platform == "linux" else None)


def test_the_loop_is_asyncios_own_where_uvloop_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert event_loop() is None


def test_it_is_not_served_to_others_while_nobody_could_log_in(shell: Shell) -> None:
    shell.config["http"] = {"listen": f"0.0.0.0:{free_port()}"}
    shell.write()
    done = shell.on("run", code=78)
    assert "beyond this host, and there is nobody who could log in" in done.err
    assert "meterd user add NAME --level 10" in done.err
    shell.on("user", "add", "proxied", "--no-password")
    assert "nobody who could log in" in shell.on("run", code=78).err


@pytest.mark.parametrize("who", ["a token", "a proxy"])
def test_it_is_served_to_others_once_somebody_can(who: str, shell: Shell) -> None:
    shell.config["http"] = {"listen": f"0.0.0.0:{free_port()}"}
    if who == "a proxy":
        shell.config["http"]["proxy"] = {"trusted": ["10.1.0.5/32"], "user_header": "X-User"}
    shell.write()
    if who == "a token":
        shell.on("token", "add", "grafana")
    with ending(shell):
        shell.on("run")
