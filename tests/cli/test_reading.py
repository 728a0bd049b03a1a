"""`reading`: what a person took off a meter, without a daemon and beside one."""

from __future__ import annotations

import json

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http


@pytest.fixture
def clip(shell: Shell) -> Shell:
    """A water meter that only people read, and one with two counters."""
    shell.config["connections"]["clip"] = {"protocol": "manual"}
    shell.config["meters"] += [
        {"name": "water-1", "connection": "clip", "points": {"volume": {"unit": "m3"}}},
        {"name": "roof", "connection": "clip",
         "points": {"energy_import": {"unit": "kWh"}, "energy_export": {"unit": "kWh"}}},
        {"name": "bare", "connection": "clip"},
        {"name": "thermometer", "connection": "clip", "points": {"temperature": {"unit": "degC"}}},
    ]  # fmt: skip
    shell.config["records"] = [{"name": "Water", "usage": "water-1.volume"}]
    shell.write()
    return shell


def test_a_month_of_water_is_spread_over_its_time(clip: Shell) -> None:
    first = clip.on("reading", "water-1", "1234.5", "--at", "2026-01-01T00:00:00Z").out
    assert first == "water-1: entered baseline_set\n"
    told = clip.rows("reading", "water-1", "1241.5", "--at", "2026-01-08T00:00:00Z")
    assert told == {
        "meter": "water-1", "time": "2026-01-08T00:00:00Z", "outcome": "taken", "refused": None,
        "events": [],
    }  # fmt: skip
    (water,) = (row for row in clip.rows("meters") if row["name"] == "water-1")
    assert water["volume"] == 1241.5
    assert "  volume=1241.5 m3\n" in clip.on("meters").out
    assert "volume=1241.5 m3" in clip.on("meters", "--csv").out
    rows = clip.rows("intervals", "--meter", "water-1")
    days = {row["start"][:10]: 0.0 for row in rows}
    for row in rows:
        days[row["start"][:10]] += float(row["amount"])
    assert {day: round(amount, 6) for day, amount in days.items()} == {
        f"2026-01-0{day}": 1.0 for day in range(1, 8)
    }
    assert {row["quality"] for row in rows} == {"gap"}
    (record,) = clip.rows("records")
    assert (record["usage_value"], record["status"]) == (7.0, "RUNNING")
    assert clip.rows("audit")["ok"]


def test_who_entered_it_is_in_an_event(clip: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    clip.on("reading", "water-1", "1")
    (event,) = [row for row in clip.rows("events") if row["kind"] == "reading_entered"]
    assert (event["actor"], event["values"]) == ("anna", {"volume": "1"})


def test_the_same_reading_again_is_a_duplicate(clip: Shell) -> None:
    words = ("water-1", "1", "--at", "2026-01-01T00:00:00Z")
    clip.on("reading", *words)
    assert "water-1 at 2026-01-01T00:00:00Z: duplicate" in clip.on("reading", *words, code=1).err
    assert clip.on("reading", "--json", *words, code=1).json["refused"] == "duplicate"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("roof", "1"), "roof: say which counter with --quantity; it has energy_export and"),
        (("thermometer", "1"), "thermometer: say which counter with --quantity; it has none"),
        (("watr-1", "1"), "no meter 'watr-1'; did you mean 'water-1'?"),
        (("water-1", "much"), "volume is 'much', not a number"),
        (("water-1", "1", "--at", "2999-01-01T00:00:00Z"), "time has not come yet"),
        (("water-1", "1", "--quantity", "volum"), "volum is nothing that water-1 reads"),
    ],
)
def test_what_cannot_be_entered_is_told(words: tuple[str, ...], said: str, clip: Shell) -> None:
    assert said in clip.on("reading", *words, code=2).err


def test_a_quantity_may_be_named_and_a_bare_meter_counts_energy(clip: Shell) -> None:
    clip.on("reading", "roof", "5", "--quantity", "energy_export")
    clip.on("reading", "thermometer", "21.5", "--quantity", "temperature")
    clip.on("reading", "bare", "7")
    lifetimes = {row["name"]: row["kwhLifetime"] for row in clip.rows("meters")}
    assert (lifetimes["bare"], lifetimes["roof"]) == (7.0, None)


def test_a_running_daemon_is_asked(clip: Shell) -> None:
    body = '{"meter": "water-1", "time": "T", "refused": null, "events": ["baseline_set"]}'
    with answering(clip.store, http("200 OK", body)) as asked:
        assert clip.on("reading", "water-1", "5").out == "water-1: entered baseline_set\n"
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/readings ")
    assert json.loads(sent) == {"meter": "water-1", "volume": "5"}
