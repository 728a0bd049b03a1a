"""Events over HTTP."""

from __future__ import annotations

import pytest
from tests.web.asking import Client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["1 rollover", "2 offline", "3 online", "3 offline"]),
        ("?kind=offline", ["2 offline", "3 offline"]),
        ("?kind=offline&meter=rack-12", ["3 offline"]),
        ("?kind=%27%20OR%201%3D1%20--", []),
        ("?from=2026-01-01T12:02:00Z&to=2026-01-01T12:03:00Z", ["2 offline"]),
    ],
)
async def test_events_by_time_kind_and_meter(query: str, found: list[str], browser: Client) -> None:
    rows = (await browser.ask(f"/v1/events{query}")).json
    assert [f"{row['n']} {row['kind']}" for row in rows] == found


async def test_an_event_has_a_dashed_id_and_its_numbers(browser: Client) -> None:
    first = (await browser.ask("/v1/events?limit=1")).json[0]
    assert list(first) == ["id", "time", "kind", "meter", "quantity", "n"]
    assert [len(part) for part in first["id"].split("-")] == [10, 8, 8]
