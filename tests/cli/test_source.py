"""`source`: candidates with what they read now, and who is on a bill."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http


class Terminal(io.StringIO):
    """Somebody who sits there and types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def here(shell: Shell) -> Shell:
    """A bill of the file, and a meter with a counter and a power."""
    points = {"energy_import": {"unit": "kWh", "resolution": "0.1"}, "active_power": {"unit": "W"}}
    shell.config["connections"]["clip"] = {"protocol": "manual"}
    shell.config["meters"].append({"name": "rack", "connection": "clip", "points": points})
    shell.config["bills"] = [{"name": "tenant", "sources": [{"meter": "main"}]}]
    shell.replay(
        "2026-01-10T10:00:00Z,rack,12.1,53",
        header="time,meter,energy_import,active_power",
    )
    return shell


def listed(shell: Shell) -> list[tuple[Any, ...]]:
    rows = shell.rows("source", "list", "tenant")
    return [(row["meter"], row["kind"], row["enabled"], row["origin"]) for row in rows]


MAIN = ("main", "energy", True, "file")


def test_every_candidate_shows_what_it_reads_now(here: Shell) -> None:
    rows = here.rows("source", "candidates", "--meter", "rack")
    assert [(row["kind"], row["reading"]) for row in rows] == [
        ("energy", "12.1kWh total"), ("power", "53W now"),
    ]  # fmt: skip
    (main, *_rest) = here.on("source", "candidates", "--csv").csv
    assert (main["meter"], main["reading"], main["bills"]) == ("main", "no reading now", "tenant")
    assert "no meter 'rac'; did you mean" in here.on(
        "source", "candidates", "--meter", "rac", code=2
    ).err  # fmt: skip


def test_the_reading_is_shown_and_agreed_to(here: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    done = here.on("source", "add", "tenant", "rack", "--kind", "power", code=1)
    assert done.err.startswith("rack, power (integrated): 53W now\nAdd it to tenant? [y/N] ")
    assert done.err.endswith("not added\n")
    monkeypatch.setattr(sys, "stdin", Terminal("Y\n"))
    assert here.on("source", "add", "tenant", "rack").out == "tenant: rack added\n"
    assert listed(here) == [MAIN, ("rack", "energy", True, "api")]
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    done = here.on("source", "add", "tenant", "rack", "--kind", "power", code=2)
    assert "nobody is here to agree; say --yes" in done.err


def test_a_source_is_never_twice_on_a_bill(here: Shell) -> None:
    here.on("source", "add", "tenant", "rack", "--yes", "--disabled")
    for kind in ("energy", "best"):
        done = here.on("source", "add", "tenant", "rack", "--kind", kind, "--yes", code=1)
        assert "there is a source rack (energy) on tenant already; it is disabled" in done.err
    assert listed(here) == [MAIN, ("rack", "energy", False, "api")]


def test_a_source_is_disabled_and_keeps_all_it_is(here: Shell) -> None:
    here.on("source", "add", "tenant", "rack", "--yes")
    said = here.rows("source", "disable", "tenant", "rack", "--kind", "energy")
    assert said == {"disabled": "rack", "bill": "tenant", "daemon": False}
    here.on("source", "disable", "tenant", "main")
    assert [row[2] for row in listed(here)] == [False, False]
    (bill,) = here.rows("bills")
    assert [source["health"] for source in bill["sources"]] == ["disabled", "disabled"]
    here.on("source", "enable", "tenant", "main")
    here.on("source", "enable", "tenant", "rack")
    assert [row[2] for row in listed(here)] == [True, True]
    exported = here.on("export").out
    assert exported == (
        "meters: []\n# bill tenant, below its sources:\n"
        '#   - {"meter":"rack","kind":"energy","enabled":true}\n'
    )
    here.on("source", "remove", "tenant", "rack")
    assert (listed(here), here.on("export").out) == ([MAIN], "meters: []\n")


def test_what_a_source_has_used_stays_billed(here: Shell) -> None:
    here.on("source", "add", "tenant", "rack", "--yes")
    here.replay("2026-01-10T10:10:00Z,rack,13.1")
    here.on("source", "remove", "tenant", "rack")
    here.replay("2026-01-10T10:20:00Z,rack,19.1", until="2026-02-03T00:00:00Z")
    (bill,) = here.rows("bills")
    assert (bill["periods"][0]["status"], bill["periods"][0]["used"]) == ("closed", "1")
    assert here.rows("audit")["ok"]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("list", "tenat"), "no bill 'tenat'; did you mean 'tenant'?", 2),
        (("add", "tenant", "rac", "--yes"), "no meter 'rac'; did you mean", 2),
        (("add", "tenant", "rack", "--phase", "l1", "--yes"), "kind is best, and rack does", 1),
        (("remove", "tenant", "main"), "the configuration file has main (energy)", 1),
        (("enable", "tenant", "rack"), "there is no source rack on tenant", 1),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], said: str, code: int, here: Shell) -> None:
    assert said in here.on("source", *words, code=code).err
    assert listed(here) == [MAIN]


def test_without_a_store_the_file_is_what_there_is(shell: Shell) -> None:
    shell.config["bills"] = [{"name": "tenant", "sources": [{"meter": "main"}]}]
    shell.write()
    assert [row["reading"] for row in shell.rows("source", "list")] == ["no reading now"]
    shell.on("source", "add", "tenant", "rack-12", "--yes")
    assert [row[0] for row in listed(shell)] == ["main", "rack-12"]


def test_a_running_daemon_is_asked(here: Shell) -> None:
    with answering(here.store, http("200 OK", "{}")) as asked:
        words = ("disable", "tenant", "rack", "--kind", "power", "--phase", "l1")
        assert here.rows("source", *words)["daemon"] is True
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PATCH /v1/bills/tenant/sources/rack?kind=power&phase=l1 ")
    assert json.loads(sent) == {"enabled": False}


def test_what_would_not_fit_any_more_is_told(here: Shell) -> None:
    """A bill that a source was added to has left the file: the rest goes on."""
    here.on("source", "add", "tenant", "rack", "--yes")
    here.config["bills"] = []
    here.write()
    assert "sources of bill tenant, made through the API, is left out" in here.on("bills").err
    here.on("bill", "add", "office")
    here.on("source", "add", "office", "rack", "--yes")
    assert [row["bill"] for row in here.rows("source", "list")] == ["office"]
