"""Records over HTTP, and the order to cut one."""

from __future__ import annotations

import pytest
from tests.web.house import NOW_MS, Client, Daemon

from meterd.events import CutoverOrdered
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
        {"configuration": "Conveyor water", "time": "2026-01-01T14:00:00Z", "actor": "anna"},
    )
    assert daemon.orders == [CutoverOrdered("Conveyor water", NOW_MS, "anna")]
