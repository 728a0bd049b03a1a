"""What systemd hears, and that nobody minds if it does not listen."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from meterd.daemon.notify import Notifier


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        yield one


def test_states_go_out_in_one_message(listener: socket.socket, tmp_path: Path) -> None:
    listener.bind(str(tmp_path / "notify"))
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}).send(READY="1", STATUS="3 meters")
    assert listener.recv(100) == b"READY=1\nSTATUS=3 meters"


def test_an_abstract_socket_is_written_with_an_at(listener: socket.socket) -> None:
    name = f"meterd-test-{os.getpid()}"
    listener.bind(f"\0{name}")
    Notifier({"NOTIFY_SOCKET": f"@{name}"}).send(WATCHDOG="1")
    assert listener.recv(100) == b"WATCHDOG=1"


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    Notifier({}).send(READY="1")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send(READY="1")


def test_a_service_manager_that_is_behind_does_not_hold_us_up(
    listener: socket.socket, tmp_path: Path
) -> None:
    listener.bind(str(tmp_path / "notify"))
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    for _ in range(10_000):  # more than any queue of the kernel's takes
        notifier.send(WATCHDOG="1")
    assert listener.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("environ", "period_ms"),
    [({}, None), ({"WATCHDOG_USEC": "30000000"}, 30_000), ({"WATCHDOG_USEC": "soon"}, None)],
)
def test_the_watchdogs_period_is_the_units(environ: dict[str, str], period_ms: int | None) -> None:
    assert Notifier(environ).watchdog_ms == period_ms
