"""Bills and sources made, changed and ended over HTTP, on a daemon that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.daemon.house import NOON_MS
from tests.web.asking import Answer
from tests.web.living import SITE, Living, living

from meterd.events import Reading

CONFIG: dict[str, Any] = yaml.safe_load(yaml.safe_dump(SITE))
CONFIG["meters"] += [
    {"name": "rack", "points": {"active_power": {"unit": "W"}, "energy_import": {"unit": "kWh"}}},
]
CONFIG["connections"].pop("api")
POWER = {"meter": "rack", "kind": "power"}


async def made(here: Living, **body: Any) -> Answer:
    return await here.ask("POST", "/v1/bills", {"name": "office", **body})


async def listed(here: Living) -> list[str]:
    return [bill["name"] for bill in (await here.ask("GET", "/v1/bills")).json]


async def sources(here: Living, bill: str) -> list[tuple[str, str, bool, str]]:
    rows = (await here.ask("GET", f"/v1/bills/{bill}/sources")).json
    return [(row["meter"], row["kind"], row["enabled"], row["origin"]) for row in rows]


async def test_a_bill_is_there_at_once_and_after_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "meterd.db"
    async with living(tmp_path, CONFIG, store) as here:
        answer = await made(here, allowance="12.5", sources=[POWER])
        assert (answer.status, answer.headers["Location"]) == (201, "/v1/bills/office")
        assert answer.json["readings"][0]["reading"] == "no reading now"
        assert await listed(here) == ["tenant", "office"]
        (event,) = here.events("bill_created")
        assert (event.numbers["bill"], event.numbers["actor"]) == ("office", "anna")
        here.store.close()
    async with living(tmp_path, CONFIG, store) as here:
        assert await listed(here) == ["tenant", "office"]
        await here.ask("DELETE", "/v1/bills/office")
        assert await listed(here) == ["tenant"]
        here.store.close()


async def test_terms_change_and_null_takes_them_away(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        await made(here, allowance=5)
        answer = await here.ask("PATCH", "/v1/bills/office", {"allowance": None, "billing_day": 3})
        assert answer.json["bill"] == {"name": "office", "billing_day": 3}
        (spec,) = (bill for bill in here.daemon.site.bills if bill.name == "office")
        assert (spec.allowance, spec.billing_day) == (None, 3)
        assert (await here.ask("PATCH", "/v1/bills/office", {"billing_day": 3})).status == 200
        assert len(here.events("bill_changed")) == 1
        answer = await here.ask("PATCH", "/v1/bills/office?dry_run=true", {"billing_day": 4})
        assert (answer.json["dry_run"], answer.json["bill"]["billing_day"]) == (True, 4)
        assert len(here.events("bill_changed")) == 1


async def test_a_source_is_shown_before_it_is_added(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        reading = Reading(
            "rack", NOON_MS, {"energy_import": 12_100 * 3600}, {"active_power": 0.053}
        )
        await here.daemon.drive.order(reading)
        rows = (await here.ask("GET", "/v1/sources?meter=rack")).json
        assert [row["reading"] for row in rows] == ["12.1kWh total", "53W now"]
        await made(here)
        path = "/v1/bills/office/sources"
        dry = await here.ask("POST", f"{path}?dry_run=true", {"meter": "rack"})
        assert (dry.status, dry.json["dry_run"], dry.json["reading"]) == (
            200,
            True,
            "12.1kWh total",
        )
        assert await sources(here, "office") == []
        answer = await here.ask("POST", path, POWER)
        assert (answer.status, answer.json["reading"]) == (201, "53W now")
        again = await here.ask("POST", path, POWER)
        assert (again.status, again.json["errors"][0]["field"]) == (409, "meter")
        assert "already" in again.json["detail"]
        assert await sources(here, "office") == [("rack", "power", True, "api")]


async def test_a_source_is_disabled_enabled_and_removed(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        await made(here, sources=[POWER, {"meter": "rack"}])
        one = "/v1/bills/office/sources/rack"
        unclear = await here.ask("PATCH", one, {"enabled": False})
        assert (unclear.status, unclear.json["errors"][0]["field"]) == (409, "kind")
        answer = await here.ask("PATCH", f"{one}?kind=power", {"enabled": False})
        assert [row["enabled"] for row in answer.json["sources"]] == [False, True]
        view = (await here.ask("GET", "/v1/bills/office")).json
        assert view["sources"][0]["health"] == "disabled"
        answer = await here.ask("DELETE", f"{one}?kind=energy")
        assert [row["kind"] for row in answer.json["sources"]] == ["power"]
        told = [here.events(f"source_{what}")[0].meter for what in ("disabled", "removed")]
        assert told == ["rack", "rack"]


async def test_the_files_bill_is_read_only_but_for_sources_beside_its_own(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        for method, body in (("PATCH", {"allowance": 1}), ("DELETE", None)):
            answer = await here.ask(method, "/v1/bills/tenant", body)
            assert (answer.status, "read-only here" in answer.json["detail"]) == (409, True)
        answer = await here.ask("DELETE", "/v1/bills/tenant/sources/main")
        assert (answer.status, "disable it here" in answer.json["detail"]) == (409, True)
        await here.ask("POST", "/v1/bills/tenant/sources", POWER)
        await here.ask("PATCH", "/v1/bills/tenant/sources/main", {"enabled": False})
        assert await sources(here, "tenant") == [
            ("main", "energy", False, "file"), ("rack", "power", True, "api"),
        ]  # fmt: skip
        here.write(CONFIG | {"bills": []})
        refused = await here.ask("POST", "/v1/reload")
        assert "sources of bill tenant" in refused.json["detail"]


async def test_a_bill_with_a_history_ends_and_stays(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        await made(here, sources=[{"meter": "main", "kind": "energy"}])
        await here.read("main", 0, 1)
        await here.read("main", 600, 2)
        answer = await here.ask("DELETE", "/v1/bills/office")
        assert (answer.status, answer.json) == (200, {"name": "office", "ended": True})
        view = (await here.ask("GET", "/v1/bills/office")).json
        assert (view["sources"][0]["enabled"], view["periods"][0]["used"]) == (False, "1")
        assert here.events("bill_ended")[0].numbers["bill"] == "office"


async def test_a_meter_that_a_bill_needs_cannot_lose_what_it_bills(tmp_path: Path) -> None:
    async with living(tmp_path, CONFIG) as here:
        meter = await here.made(name="solar", points={"energy_import": {"unit": "kWh"}})
        await made(here, sources=[{"meter": "solar", "kind": "energy"}])
        answer = await here.ask("PATCH", meter, {"points": {"active_power": {"unit": "W"}}})
        assert (answer.status, "bill office would not fit" in answer.json["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("asked", "body", "expected"),
    [
        ("POST /v1/bills", {}, (422, "name")),
        ("POST /v1/bills", {"name": "tenant"}, (409, "name")),
        ("POST /v1/bills", {"name": "x", "billing_day": 40}, (422, "billing_day")),
        ("POST /v1/bills", {"name": "x", "color": 1}, (422, "color")),
        ("POST /v1/bills", {"name": "x", "sources": [{"meter": "y"}]}, (422, "sources.0.meter")),
        ("POST /v1/bills", {"name": "x", "tariff": "a\u0000"}, (422, "tariff")),
        ("POST /v1/bills?dry_run=yes", {"name": "x"}, (400, None)),
        ("POST /v1/bills/x/sources", POWER, (404, None)),
        ("POST /v1/bills/tenant/sources", {"meter": "x"}, (422, "meter")),
        ("POST /v1/bills/tenant/sources", {"meter": "main", "kind": "x"}, (422, "kind")),
        ("PATCH /v1/bills/x", {"allowance": 1}, (404, None)),
        ("PATCH /v1/bills/tenant/sources/main", {"kind": "power"}, (422, "enabled")),
        ("PATCH /v1/bills/tenant/sources/x", {"enabled": True}, (404, None)),
        ("GET /v1/bills/x/sources", None, (404, None)),
    ],
)
async def test_what_is_wrong_is_named(
    asked: str, body: Any, expected: tuple[int, str | None], tmp_path: Path
) -> None:
    status, field = expected
    async with living(tmp_path, CONFIG) as here:
        method, path = asked.split()
        answer = await here.ask(method, path, body)
        assert (answer.status, answer.json["detail"][-1]) == (status, ".")
        assert [row["field"] for row in answer.json.get("errors", [])] == ([field] if field else [])
        assert await listed(here) == ["tenant"]
