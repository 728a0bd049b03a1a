"""History over the control socket, as `meterd import` sends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.engine import Engine
from tests.web.house import HOUR_MS, NOON_MS, over_socket, over_tcp

from meterd.orders import HISTORY_IMPORTED

KWH = 3_600_000
COUNTED = "the meter has counted itself since then"
TARGET = "/v1/meters/main/history"


def body(*hours: int, quantity: str = "energy_import", amount: int = KWH) -> dict[str, Any]:
    """Hours before noon."""
    starts = [(n, NOON_MS - hour * HOUR_MS) for n, hour in enumerate(hours, 2)]
    rows = [[line, start, start + HOUR_MS, amount, True] for line, start in starts]
    return {"quantity": quantity, "source": "old.csv", "rows": rows}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    one = Engine(tmp_path)
    yield one
    one.store.close()


@pytest.fixture
async def operator(engine: Engine, tmp_path: Path) -> AsyncIterator[Client]:
    async with over_socket(engine, tmp_path / "c.sock") as client:
        yield client


async def test_it_is_taken_once_and_told_with_who_did_it(engine: Engine, operator: Client) -> None:
    headers = {"X-Meterd-Actor": "anna"}
    answer = await operator.ask(TARGET, "POST", json=body(3, 2, 0), headers=headers)
    assert answer.json == {
        "taken": 2, "skipped": 0, "amount": 2 * KWH,
        "refused": [[4, f"ends after 2026-01-01T12:00:00Z, and {COUNTED}"]],
        "span_ms": [NOON_MS - 3 * HOUR_MS, NOON_MS - HOUR_MS],
    }  # fmt: skip
    again = await operator.ask(TARGET, "POST", json=body(3, 2))
    assert (again.json["taken"], again.json["skipped"]) == (0, 2)
    (event,) = (one for one in engine.events() if one.kind == HISTORY_IMPORTED)
    assert event.numbers["actor"] == "anna"


async def test_two_at_once_are_one_after_the_other(engine: Engine, operator: Client) -> None:
    one = operator.ask(TARGET, "POST", json=body(5))
    other = operator.ask(TARGET, "POST", json=body(5))
    answers = await asyncio.gather(one, other)
    assert sorted(answer.json["taken"] for answer in answers) == [0, 1]
    with engine.store.reader() as reader:
        assert reader.imported(["main"], 0, NOON_MS % (300 * 24 * HOUR_MS)) == []
        (slot,) = reader.imported(["main"], NOON_MS - 9 * HOUR_MS, NOON_MS)
    assert slot.amount == KWH


@pytest.mark.parametrize(
    ("target", "sent", "status", "hint"),
    [
        ("/v1/meters/mian/history", body(1), 404, "Did you mean 'main'?"),
        (TARGET, body(1, quantity="count"), 422, "count is no counter of main"),
        (TARGET, {"rows": []}, 422, "missing required field `quantity`"),
        (TARGET, {**body(1), "rows": [[1, 2]]}, 422, "Expected `array`"),
    ],
)
async def test_what_cannot_be_is_said(
    operator: Client, target: str, sent: dict[str, Any], status: int, hint: str
) -> None:
    answer = await operator.ask(target, "POST", json=sent)
    assert (answer.status, hint in answer.json["detail"]) == (status, True), answer.json


async def test_nobody_rewrites_history_over_the_network(engine: Engine) -> None:
    async with over_tcp(engine) as client:
        headers = {"Authorization": "Bearer meterd_writer"}
        answer = await client.ask(TARGET, "POST", json=body(1), headers=headers)
    assert answer.status == 404
