"""Bills over HTTP, with their closed periods from the store, and samples."""

from __future__ import annotations

from tests.web.asking import Client
from tests.web.house import BILL_VIEW


async def test_a_bill_is_what_was_closed_and_what_runs(browser: Client) -> None:
    (listed,) = (await browser.ask("/v1/bills")).json
    one = (await browser.ask("/v1/bills/tenant-a")).json
    assert one == listed
    assert list(one) == ["name", "type", "unit", "accuracy", "sources", "periods"]
    assert [(period["status"], period["used"]) for period in one["periods"]] == [
        ("closed", "7.25"),
        ("open", "0.3"),
    ]
    assert one["sources"] == BILL_VIEW.body["sources"]


async def test_samples_are_what_the_bill_took_and_what_it_refused(browser: Client) -> None:
    rows = (await browser.ask("/v1/bills/tenant-a/samples")).json
    assert [(row["kwh"], row["kw"], row["discarded"], row["event"]) for row in rows] == [
        ("0.1", "1.2", False, None),
        ("0.1", "1.2", True, "anomaly_ceiling"),
        ("0.1", "1.2", False, None),
    ]
    later = (await browser.ask("/v1/bills/tenant-a/samples?from=2026-01-01T12:10:00Z")).json
    assert later == rows[2:]
