"""`bill`: made, changed, ended and listed, without a daemon and beside one."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.metering.calendar import DAY_MS, iso


@pytest.fixture
def here(shell: Shell) -> Shell:
    shell.config["bills"] = [{"name": "tenant", "sources": [{"meter": "main"}]}]
    shell.write()
    return shell


def listed(shell: Shell) -> dict[str, tuple[object, ...]]:
    keys = ("type", "billing_day", "allowance", "origin", "ended")
    return {row["name"]: tuple(row[key] for key in keys) for row in shell.rows("bill", "list")}


def test_a_bill_is_made_changed_and_taken_away(here: Shell) -> None:
    words = ("--type", "demand", "--allowance", "12.5", "--window", "15m", "--step", "5m")
    assert here.on("bill", "add", "office", *words).out == "office: added\n"
    assert listed(here) == {
        "tenant": ("energy", 1, None, "file", False),
        "office": ("demand", 1, "12.5", "api", False),
    }
    said = here.rows("bill", "change", "office", "--allowance", "none", "--billing-day", "31")
    assert said == {"changed": "office", "daemon": False}
    assert listed(here)["office"] == ("demand", 31, None, "api", False)
    here.on("bill", "change", "office", "--billing-day", "31")
    kinds = [row["kind"] for row in here.rows("events")]
    assert kinds == ["bill_created", "bill_changed"], "nothing changed the second time"
    here.on("bill", "end", "office")
    assert listed(here).keys() == {"tenant"}


def test_a_bill_with_a_history_ends_and_keeps_it(here: Shell) -> None:
    here.on("bill", "add", "office", "--grace", "1h")
    here.on("source", "add", "office", "main", "--yes")
    now_ms = time.time_ns() // 1_000_000
    here.replay(f"{iso(now_ms - 1_200_000)},main,990", f"{iso(now_ms - 600_000)},main,994")
    here.on("bill", "end", "office")
    assert listed(here)["office"][-1] is True
    here.replay(f"{iso(now_ms + 70 * DAY_MS)},main,999")
    (tenant, office) = here.rows("bills")
    assert (tenant["periods"][-1]["status"], office["periods"][-1]["status"]) == ("open", "closed")
    assert 0 < sum(Decimal(period["used"]) for period in office["periods"]) <= 4
    assert here.rows("audit")["ok"]
    assert '"ended": true' in here.on("export", "--json").out


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("add", "tenant"), "there is a bill 'tenant' already", 1),
        (("add", "a b"), "name: ", 1),
        (("add", "x", "--billing-day", "first"), "--billing-day is a day of the month", 2),
        (("add", "x", "--billing-day", "40"), "billing_day: 40 is out of range", 1),
        (("add", "x", "--tariff", "y"), 'tariff: no tariff "y"', 1),
        (("change", "tenant", "--allowance", "1"), "the configuration file has 'tenant'", 1),
        (("change", "tenant"), "say what to change", 2),
        (("change", "x", "--allowance", "1"), "there is no bill 'x'", 1),
        (("end", "tenant"), "read-only here", 1),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], said: str, code: int, here: Shell) -> None:
    assert said in here.on("bill", *words, code=code).err
    assert listed(here).keys() == {"tenant"}


def test_a_running_daemon_is_asked(told: Shell) -> None:
    with answering(told.store, http("201 Created", "{}")) as asked:
        assert told.rows("bill", "add", "x", "--currency", "CHF")["daemon"] is True
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/bills ")
    assert json.loads(sent) == {"name": "x", "currency": "CHF"}
