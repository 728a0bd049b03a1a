"""Records over HTTP, and the order to cut one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.engine import Engine
from tests.web.house import Daemon, over_socket
from tests.web.people import NOW_MS

from meterd.orders import RECORD_ORDERS, RecordOrder, RecordOrdered
from meterd.stores.meter_records import SEED_COLUMNS


@pytest.mark.parametrize(
    ("query", "runs"),
    [
        ("", [1, 2, 3]),
        ("?status=RUNNING", [3]),
        ("?status=CANCELLED", []),
        ("?configuration=Conveyor%20water&status=FAULTED", [2]),
        ("?configuration=Another", []),
        ("?from=2026-01-01T12:02:00Z", [2, 3]),
        ("?to=2026-01-01T12:02:00Z&status=COMPLETED", [1]),
    ],
)
async def test_records_by_start_configuration_and_status(
    query: str, runs: list[int], browser: Client
) -> None:
    assert [row["run"] for row in (await browser.ask(f"/v1/records{query}")).json] == runs


async def test_a_record_has_seed_001s_columns_as_numbers_and_then_ours(browser: Client) -> None:
    completed, _, running = (await browser.ask("/v1/records")).json
    assert list(completed) == [*SEED_COLUMNS, "configuration", "run", "cut_by"]
    assert (completed["usage_value"], completed["cost"], completed["enabled"]) == (1.5, 0.57, True)
    assert (completed["total_duration_sec"], completed["cut_by"]) == (60.0, "schedule")
    assert (running["total_duration_sec"], running["end_date"]) == (2 * 3600 - 180.0, None)


async def test_a_cutover_is_ordered_for_now_and_is_kept_when_it_is_accepted(
    operator: Client, daemon: Daemon
) -> None:
    headers = {"X-Meterd-Actor": "anna"}
    answer = await operator.ask("/v1/records/Conveyor%20water/cutover", "POST", headers=headers)
    assert (answer.status, answer.json) == (
        202,
        {
            "configuration": "Conveyor water",
            "order": "cutover",
            "time": "2026-01-01T14:00:00Z",
            "actor": "anna",
        },
    )
    assert daemon.orders == [RecordOrdered("Conveyor water", NOW_MS, "anna", "cutover")]


# -- orders -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", RECORD_ORDERS)
async def test_every_order_is_given_with_who_gave_it(
    order: RecordOrder, operator: Client, daemon: Daemon
) -> None:
    headers = {"X-Meterd-Actor": "anna"}
    answer = await operator.ask(f"/v1/records/Conveyor%20water/{order}", "POST", headers=headers)
    assert (answer.status, answer.json["order"]) == (202, order)
    assert daemon.orders == [RecordOrdered("Conveyor water", NOW_MS, "anna", order)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/records/Conveyor%20water/pase", "There is no order 'pase'. Did you mean 'pause'?"),
        ("/v1/records/Conveyor/pause", "There is no record configuration 'Conveyor'."),
    ],
)
async def test_what_there_is_not_is_named(path: str, said: str, operator: Client) -> None:
    answer = await operator.ask(path, "POST")
    assert (answer.status, said in answer.json["detail"]) == (404, True)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[tuple[Client, Engine]]:
    engine = Engine(tmp_path)
    async with over_socket(engine, tmp_path / "live.sock") as client:
        yield client, engine


async def test_an_order_that_cannot_be_is_a_conflict_with_the_reason(
    live: tuple[Client, Engine],
) -> None:
    client, _engine = live
    paused, again = [
        await client.ask("/v1/records/Conveyor%20water/pause", "POST") for _ in range(2)
    ]
    assert (paused.status, again.status) == (202, 409)
    assert again.json["detail"] == "Conveyor water: its record is PAUSED."


# -- one record, and what is the operator's of it ---------------------------------------------


async def test_a_record_is_found_by_its_id(browser: Client) -> None:
    first = (await browser.ask("/v1/records")).json[0]
    assert (await browser.ask(f"/v1/records/{first['id']}")).json == first
    for unknown in ("01KDWPXG30-00000000-0000000Z", "main"):
        answer = await browser.ask(f"/v1/records/{unknown}")
        assert (answer.status, "There is no such record" in answer.json["detail"]) == (404, True)


async def test_an_operator_edits_what_is_theirs_and_it_stays(
    live: tuple[Client, Engine],
) -> None:
    client, engine = live
    (before,) = (await client.ask("/v1/records")).json
    path = f"/v1/records/{before['id']}"
    asked = {"notes": "leaks", "spare2": "x", "description": None, "enabled": False,
             "to_be_pruned": True}  # fmt: skip
    answer = await client.ask(path, "PATCH", json=asked, headers={"X-Meterd-Actor": "anna"})
    assert answer.status == 200
    changed = {name: answer.json[name] for name in answer.json if answer.json[name] != before[name]}
    assert changed == {
        "notes": "leaks", "spare2": "x", "enabled": False, "to_be_pruned": True,
        "modified_by": "anna", "modified_date": "2026-01-01T14:00:00Z",
    }  # fmt: skip
    engine.read("main", 180, volume=0.02)
    later = (await client.ask(path)).json
    assert (later["notes"], later["modified_by"], later["usage_value"]) == ("leaks", "anna", 0.02)
    (event,) = [event for event in engine.events() if event.kind == "record_edited"]
    assert event.numbers == {"record_id": before["id"], "changes": asked, "actor": "anna"}


EDITS = {
    "a column that there is not": ({"note": "x"}, "note is no column of a record. Did you mean"),
    "the engine's": ({"usage_value": 1}, "usage_value is read-only; enabled, notes"),
    "a mark that is no truth": ({"to_be_pruned": 1}, "to_be_pruned is neither true nor false"),
    "a note that is no text": ({"notes": 5}, "notes is no text of up to 10000 characters"),
    "a note without end": ({"notes": "x" * 10_001}, "notes is no text of up to 10000 characters"),
    "nothing": ({}, "Nothing is to be changed"),
}


@pytest.mark.parametrize("case", EDITS.values(), ids=EDITS.keys())
async def test_an_edit_that_cannot_be_is_refused_by_its_column(
    case: tuple[dict[str, Any], str], operator: Client, daemon: Daemon
) -> None:
    asked, said = case
    first = (await operator.ask("/v1/records")).json[0]
    answer = await operator.ask(f"/v1/records/{first['id']}", "PATCH", json=asked)
    assert (answer.status, said in answer.json["detail"]) == (422, True), answer.json
    assert daemon.orders == []


async def test_no_other_record_is_edited(operator: Client, daemon: Daemon) -> None:
    answer = await operator.ask("/v1/records/01KDWPXG30-00000000-0000000Z", "PATCH", json={})
    assert (answer.status, daemon.orders) == (404, [])
