"""`replay`: recorded readings through the same pipeline, into a store or onto the screen."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from meterd.cli import replay as module

LINES = """time,meter,energy_import
2026-01-10T10:00:00Z,main,100
2026-01-10T10:05:00Z,main,101
2026-01-10T10:10:00Z,main,103
"""


@pytest.fixture
def recorded(shell: Shell) -> Shell:
    shell.config["records"] = [{"name": "Line 1", "usage": "main.energy_import"}]
    shell.config["bills"] = [{"name": "tenant", "sources": [{"meter": "main"}]}]
    shell.write()
    Path("readings.csv").write_text(LINES)
    return shell


def test_without_a_store_all_is_printed_and_nothing_is_left(recorded: Shell) -> None:
    before = sorted(Path().iterdir())
    said = recorded.on("replay", "--readings", "readings.csv").out
    assert "otherTotals" in said
    for title in ("meters", "records", "events", "bill tenant (kWh)", "audit"):
        assert f"\n{title}\n" in said
    assert sorted(Path().iterdir()) == before
    report = recorded.rows("replay", "--readings", "readings.csv")
    assert list(report) >= ["meters", "records", "bills", "events", "audit"]
    assert report["meters"][0]["kwhLifetime"] == 103
    assert report["audit"]["ok"]


def test_a_store_that_is_named_is_filled_for_the_lists(recorded: Shell) -> None:
    store = "sqlite:made.db"
    said = recorded.on("replay", "--readings", "readings.csv", "--store", store).out
    assert said == f"3 readings replayed into {recorded.folder / 'made.db'}\n"
    report = recorded.rows("replay", "--readings", "readings.csv")
    for verb in ("meters", "records", "bills", "events", "audit"):
        assert recorded.rows(verb, "--store", store) == report[verb]


def test_a_long_recording_is_committed_in_parts(
    recorded: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = recorded.on("replay", "--json", "--readings", "readings.csv").out
    monkeypatch.setattr(module, "BATCH", 2)
    assert recorded.on("replay", "--json", "--readings", "readings.csv").out == whole


def as_lines(table: str) -> bytes:
    """The same recording as JSON lines."""
    rows = csv.DictReader(io.StringIO(table))
    cells = ({name: cell for name, cell in row.items() if cell} for row in rows)
    return "\n".join(map(json.dumps, cells)).encode()


def test_a_recording_may_be_packed_or_come_from_standard_input(
    recorded: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = recorded.on("replay", "--json", "--readings", "readings.csv").out
    Path("readings.csv.gz").write_bytes(gzip.compress(LINES.encode()))
    assert recorded.on("replay", "--json", "--readings", "readings.csv.gz").out == plain
    for piped in (LINES.encode(), gzip.compress(LINES.encode()), as_lines(LINES)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
        assert recorded.on("replay", "--json", "--readings", "-").out == plain
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x1f\x8bnot so")))
    assert "replay: - is damaged" in recorded.on("replay", "--readings", "-", code=1).err


def test_time_may_be_let_pass_after_the_last_reading(recorded: Shell) -> None:
    end = ("--until", "2026-03-03T00:00:00Z")
    (bill,) = recorded.rows("replay", "--readings", "readings.csv", *end)["bills"]
    assert [period["status"] for period in bill["periods"]] == ["closed", "closed", "open"]
    day = ("--until", "2026-03-03")  # of the site
    assert recorded.rows("replay", "--readings", "readings.csv", *day)["bills"] == [bill]
    (meter, *_) = recorded.rows("replay", "--readings", "readings.csv", *end)["meters"]
    assert (meter["kwhToday"], meter["kwhThisMonth"], meter["kwhThisYear"]) == (0, 0, 3)


def test_a_line_that_is_not_understood_is_named_and_what_came_before_it_is_kept(
    recorded: Shell,
) -> None:
    Path("readings.csv").write_text(LINES + "2026-01-10T10:15:00Z,main,many\n")
    store = "sqlite:made.db"
    done = recorded.on("replay", "--readings", "readings.csv", "--store", store, code=1)
    assert "readings.csv:5" in done.err
    assert recorded.rows("meters", "--store", store)[0]["kwhLifetime"] == 103


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--readings", "none.csv"), 1, "none.csv"),
        (("--readings", "readings.csv", "--until", "soon"), 2, "'soon' is no time"),
        (("--readings", "readings.csv", "--store", "oracle:x"), 2, "is no store"),
    ],
)
def test_what_cannot_be_done_is_said(
    recorded: Shell, words: tuple[str, ...], code: int, said: str
) -> None:
    done = recorded.on("replay", *words, code=code)
    assert said in done.err
    assert done.out == ""


def test_a_column_that_was_probably_meant_to_be_another_is_told(recorded: Shell) -> None:
    """And is carried as it is; a name of the user's own is nobody's business."""
    head = "time,meter,enrgy_import,power_factor_l4,my_flow_2\n"
    Path("readings.csv").write_text(f"{head}2026-01-10T10:00:00Z,main,1,2,3\n")
    said = recorded.on("replay", "--readings", "readings.csv").err
    assert said == (
        'readings.csv: "enrgy_import" is no canonical quantity. Did you mean "energy_import"? '
        "Any other name is carried as it is.\n"
    )
