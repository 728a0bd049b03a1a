"""`audit` of closed bills: whatever is changed in the store is found, and named."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from tests.cli.shell import Shell

from meterd.billing.closing import seal

FIRST = "2026-01-01T00:00:00Z"
SAMPLES_OF_TENANT = (
    "source IN (SELECT id FROM bill_sources WHERE bill = 'tenant') AND hour < 491640"
)
"""Those of January: hours since the epoch."""
CORRUPTIONS = {
    "a sample that is larger": (
        f"UPDATE samples SET amount = amount + 3600 WHERE amount > 0 AND {SAMPLES_OF_TENANT}",
        {"energy_kwh", "used", "cost", "input main measured"},
    ),
    "a sample that is gone": (
        f"DELETE FROM samples WHERE {SAMPLES_OF_TENANT}",
        {"energy_kwh", "coverage", "input main measured"},
    ),
    "a sample that was not believed": (
        f"UPDATE samples SET discarded = 1 WHERE {SAMPLES_OF_TENANT}",
        {"samples marked against their ceiling"},
    ),
    "a sample's gap that was hidden": (
        "UPDATE samples SET gap = 0, gap_from_ms = 0, gap_to_ms = 0",
        {"shares", "input main measured"},
    ),
    "a figure of a closed bill": (
        "UPDATE periods SET body = CAST(replace(body, '\"percent\"', '\"percint\"') AS BLOB)",
        {"sha256"},
    ),
    "a body that is no bill any more": ("UPDATE periods SET body = x'7b7d'", {"sha256", "body"}),
    "a link of the chain": ("UPDATE periods SET previous_sha256 = 'beef'", {"sha256"}),
    "the last period taken away": (
        "DELETE FROM periods WHERE bill = 'tenant' AND start_ms = 1769904000000",
        {"end of the chain"},
    ),
    "an adjustment": ("UPDATE adjustments SET amount = amount + 3600", {"adjustments", "cost"}),
}


@pytest.fixture
def billed(told: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """January and February are closed; February carries an adjustment of January."""

    def fill() -> None:
        told.replay("2026-03-03T00:00:00Z,main,7", until="2026-03-20T00:00:00Z")
        assert told.rows("audit")["ok"]

    told.keep(tmp_path_factory.getbasetemp() / "billed.db", fill)
    return told


def corrupt(shell: Shell, sql: str) -> None:
    """Do it as somebody would who has the file and knows SQL."""
    with closing(sqlite3.connect(shell.store)) as store, store:
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in store.execute(guards).fetchall():
            store.execute(f"DROP TRIGGER {name}")
        assert store.execute(sql).rowcount, sql


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_was_changed_is_named(what: str, billed: Shell) -> None:
    sql, figures = CORRUPTIONS[what]
    corrupt(billed, sql)
    found = billed.on("audit", "--json", code=1).json
    assert found["ok"] is False
    told = {row["figure"] for row in found["differences"] if row["bill"] == "tenant"}
    assert told >= figures, found["differences"]
    assert found["periods"]["broken"] > 0
    said = billed.on("audit", code=1).out
    assert f"tenant  {FIRST}" in said or "tenant  2026-02-01T00:00:00Z" in said
    assert said.endswith("THE BOOKS DO NOT BALANCE\n")


def test_a_forger_who_seals_the_chain_anew_is_found_all_the_same(billed: Shell) -> None:
    """By the samples, and by the bill's own state, which knows where the chain ends."""
    with closing(sqlite3.connect(billed.store)) as store, store:
        store.execute("DROP TRIGGER periods_never_change")
        rows = store.execute(
            "SELECT seq, body FROM periods WHERE bill = 'tenant' ORDER BY start_ms"
        ).fetchall()
        previous = ""
        for seq, body in rows:
            forged = body.replace(b'"used":"', b'"used":"1')
            link = seal(previous, forged)
            store.execute(
                "UPDATE periods SET body = ?, sha256 = ?, previous_sha256 = ? WHERE seq = ?",
                (forged, link, previous, seq),
            )
            previous = link
    found = billed.on("audit", "--json", code=1).json
    rows = [(row["figure"], row["stored"], row["computed"]) for row in found["differences"]]
    assert ("used", "14", "4") in rows
    assert "end of the chain" in {figure for figure, *_ in rows}


def test_a_bill_that_left_the_configuration_is_audited_on(billed: Shell) -> None:
    billed.config["bills"] = []
    billed.write()
    assert billed.rows("audit")["periods"] == {"checked": 4, "broken": 0}
    corrupt(billed, CORRUPTIONS["a sample that is larger"][0])
    assert not billed.on("audit", "--json", code=1).json["ok"]


def test_a_rate_of_an_adjustment_that_its_hours_do_not_have_is_found(shell: Shell) -> None:
    """Also where the bill that carries it was made to agree with it."""
    source = {"meter": "main", "kind": "energy"}
    shell.config["bills"] = [
        {"name": "tenant", "sources": [source], "tariff": "hours", "grace": "1h"}
    ]
    night = {"name": "night", "rate": "0.40", "when": {"hours": "23-24"}}
    shell.config["tariffs"] = {"hours": {"energy": [night, {"name": "day", "rate": "0.10"}]}}
    shell.replay(
        "2026-01-31T23:00:00Z,main,100",
        "2026-01-31T23:05:00Z,main,101",
        "2026-02-01T02:00:00Z,main,136",
        until="2026-03-02T00:00:00Z",
    )
    assert shell.rows("audit")["ok"]
    corrupt(shell, "UPDATE adjustments SET rates = '{\"0.1\":39600000}'")
    found = shell.on("audit", "--json", code=1).json["differences"]
    assert [row["stored"] for row in found if row["figure"].startswith("rates of")] == [
        {"0.1": 39_600_000}
    ]
