"""The commands beside a running daemon, and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import METERD, until, verb

LISTS = {
    "meters": (),
    "records": (),
    "bills": (),
    "samples": ("--bill", "tenant"),
    "intervals": ("--meter", "main"),
    "events": (),
    "adjustments": (),
}  # fmt: skip


@pytest.fixture
async def dial() -> Dial:
    return Dial()


@pytest.fixture
async def busy(home: Home, dial: Dial, device: Callable[..., Awaitable[Device]]) -> Home:
    """A running daemon that has something in every list but the adjustments."""
    home.add("hall", await device(main=dial))
    home.add_record("Line 1")
    home.add_bill("tenant", allowance=10)
    await home.run()
    await until(lambda: _sampled(home))
    return home


async def _sampled(home: Home) -> bool:
    return bool(await home.rows("samples", "--bill", "tenant"))


async def said(home: Home, *names: str) -> dict[str, list[dict[str, Any]]]:
    """What lists say, every list unless some are named."""
    wanted = {name: LISTS[name] for name in names or LISTS}
    found = await asyncio.gather(*[home.rows(name, *words) for name, words in wanted.items()])
    return dict(zip(wanted, found, strict=True))


async def test_every_list_is_there_with_the_daemon_running_and_after_it(busy: Home) -> None:
    for name, rows in (await said(busy)).items():
        assert bool(rows) == (name != "adjustments"), name
    assert (await busy.rows("audit"))["ok"]
    assert await busy.daemon.end() == 0
    lists = await said(busy)
    for name, rows in lists.items():
        assert bool(rows) == (name != "adjustments"), name
    later = await said(busy, "bills", "records", "meters")
    for name, rows in later.items():
        assert rows == lists[name], "a stopped store speaks as of its last event"


async def test_a_list_is_cut_by_from_and_to(busy: Home) -> None:
    await until(lambda: _has_intervals(busy, 4))
    rows = await busy.rows("intervals", "--meter", "main")
    second, fourth = rows[1]["start"], rows[3]["start"]
    span = ("--from", second, "--to", fourth)
    assert await busy.rows("intervals", "--meter", "main", *span) == rows[1:3]
    done = await busy.verb("intervals", "--meter", "main", "--from", "yesterday", code=2)
    assert "'yesterday' is no time" in done.err


async def _has_intervals(home: Home, count: int) -> bool:
    return len(await home.rows("intervals", "--meter", "main")) >= count


async def test_a_meter_is_read_live(busy: Home, dial: Dial) -> None:
    read = await busy.rows("read", "main")
    assert read["meter"] == "main"
    energy = read["quantities"]["energy_import"]
    assert energy["unit"] == "kWh"
    assert int(Decimal(energy["value"]) * 1000) in dial.shown
    assert read["quantities"]["active_power"] == {"value": 360.0, "unit": "kW"}
    assert "did you mean 'main'" in (await busy.verb("read", "man", code=2)).err


async def test_a_meter_that_does_not_answer_is_a_finding(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    one = await device(main=Dial())
    home.add("hall", one)
    home.write()
    await one.unplug()
    done = await home.verb("read", "main", code=1)
    assert f"127.0.0.1:{one.port}" in done.err
    assert "Traceback" not in done.err


async def test_the_plan_is_what_is_asked(busy: Home) -> None:
    rows = await busy.rows("plan")
    asked = {(row["table"], row["address"], row["count"]) for row in rows}
    assert asked == {("holding", 0, 2), ("input", 0, 2)}
    assert {(row["connection"], row["meter"], row["every_s"]) for row in rows} == {
        ("hall", "main", 0.1)
    }


async def records(home: Home) -> list[str]:
    """The statuses of the records, oldest first."""
    return [row["status"] for row in await home.rows("records")]


async def test_a_record_is_cut_beside_the_daemon_and_without_it(busy: Home) -> None:
    async def cut(times: int) -> bool:
        return await records(busy) == ["COMPLETED"] * times + ["RUNNING"]

    assert await busy.rows("cutover", "Line 1") == {"cutover": "Line 1", "daemon": True}
    await until(lambda: cut(1))
    assert await busy.daemon.end() == 0
    assert await busy.rows("cutover", "Line 1") == {"cutover": "Line 1", "daemon": False}
    assert len(await records(busy)) == 2, "it waits for the reading after it"
    await busy.run()
    await until(lambda: cut(2))
    rows = await busy.rows("records")
    assert [row["start_date"] for row in rows[1:]] == [row["end_date"] for row in rows[:-1]]
    assert [row["cut_by"] for row in rows] == ["command", "command", ""]
    orders = await busy.rows("events", "--kind", "cutover")
    assert [row["time"] for row in orders] == [row["end_date"] for row in rows[:-1]]
    assert (await busy.rows("audit"))["ok"]
    assert "did you mean 'Line 1'" in (await busy.verb("cutover", "Line", code=2)).err


async def test_the_schema_accepts_what_check_accepts(busy: Home) -> None:
    schema = (await verb("check", "--schema")).json
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.safe_load(busy.file.read_text()))) == []
    assert (await busy.verb("check")).out.endswith("nothing wrong\n")
    wrong = yaml.safe_load(busy.file.read_text())
    wrong["meters"][0]["colour"] = "red"
    assert list(validator.iter_errors(wrong))


async def test_without_a_store_a_list_says_how_to_get_one(home: Home) -> None:
    home.config["meters"] = []
    home.write()
    done = await home.verb("meters", code=1)
    assert "`meterd run` makes it" in done.err
    assert done.out == ""


async def test_a_reader_that_has_seen_enough_is_no_error(busy: Home, tmp_path: Path) -> None:
    said = tmp_path / "said"
    for command in ("meters --json", "intervals --meter main --csv", "check --schema"):
        line = f"'{METERD}' {command} -c '{busy.file}' 2>'{said}' | head -c 1 >/dev/null"
        line += '; exit "${PIPESTATUS[0]}"'
        process = await asyncio.create_subprocess_exec("bash", "-c", line)
        assert await asyncio.wait_for(process.wait(), 30) == 0, said.read_text()
        assert said.read_text() == ""


async def test_the_books_balance_at_every_moment_of_a_running_daemon(busy: Home) -> None:
    for _ in range(8):
        assert (await busy.rows("audit"))["ok"]
