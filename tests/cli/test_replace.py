"""`replace`, without a daemon and beside one."""

from __future__ import annotations

import json
import time

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.metering.calendar import iso


@pytest.fixture
def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def read(shell: Shell, now_ms: int) -> Shell:
    """main, read an hour ago and ten minutes ago."""
    shell.config["records"] = [{"name": "Line 1", "usage": "main.energy_import"}]
    shell.replay(f"{iso(now_ms - 3_600_000)},main,500", f"{iso(now_ms - 600_000)},main,505")
    return shell


def counter(shell: Shell) -> dict[str, str]:
    found: dict[str, str] = shell.rows("audit")["counters"][0]
    return found


def test_the_old_ones_tail_is_booked_and_the_new_one_begins(read: Shell, now_ms: int) -> None:
    words = ("--old-final", "507.5", "--new-initial", "12", "--serial", "B")
    (told,) = read.rows("replace", "main", *words)
    assert (told["kind"], told["booked"], told["serial"]) == ("meter_replaced", "2.5", "B")
    read.replay(f"{iso(now_ms + 60_000)},main,13")
    assert (counter(read)["booked"], counter(read)["difference"]) == ("8.5", "0")
    assert [(row["cut_by"], row["usage_value"]) for row in read.rows("records")] == [
        ("replacement", 7.5), ("", 1.0),
    ]  # fmt: skip
    (meter, *_) = read.rows("meters")
    assert (meter["kwhLifetime"], meter["serialNumber"]) == (508.5, "B")


def test_what_row_4_could_not_know_is_added(read: Shell, now_ms: int) -> None:
    read.replay(
        f"{iso(now_ms - 300_000)},main,505,A",
        f"{iso(now_ms - 200_000)},main,14,B",
        header="time,meter,energy_import,serial_number",
    )
    words = ("--old-final", "506", "--new-initial", "12", "--serial", "B")
    (told,) = read.rows("replace", "main", *words)
    assert (told["kind"], told["booked"]) == ("replacement_completed", "3")
    assert read.rows("audit")["ok"]
    refused = read.on("replace", "main", *words, code=1).err
    assert "has its old final reading already" in refused


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("main", "--old-final", "504"), "504 kWh is below 505 kWh", 1),
        (("main", "--old-final", "9999"), "correct it, or force it to be booked", 1),
        (("main", "--old-final", "x"), "old_final is 'x', not a number", 2),
        (("main", "--at", "noon"), "at is no time with an offset", 2),
        (("mian",), "no meter 'mian'; did you mean 'main'?", 2),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], said: str, code: int, read: Shell) -> None:
    assert said in read.on("replace", *words, code=code).err
    assert counter(read)["booked"] == "5"


def test_what_is_forced_is_booked(read: Shell) -> None:
    read.on("replace", "main", "--old-final", "9999", "--new-initial", "0", "--force")
    assert counter(read)["booked"] == "9499"


def test_a_running_daemon_is_asked(read: Shell) -> None:
    body = '{"registers": [{"kind": "meter_replaced", "quantity": "energy_import"}]}'
    with answering(read.store, http("200 OK", body)) as asked:
        out = read.on("replace", "main", "--old-final", "506", "--force", "--at", "T").out
    assert "meter_replaced  energy_import" in out
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/meters/main/replace ")
    assert json.loads(sent) == {"old_final": "506", "at": "T", "force": True}
