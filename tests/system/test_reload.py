"""A changed configuration, taken while running: as a difference, or refused whole."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import JOULES, Device, Dial
from tests.system.home import Home
from tests.system.peers import Daemon, until

RELOADED = "Configuration reloaded."
REFUSED = "The configuration is refused; the old one stays."


@pytest.fixture
async def lines(device: Callable[..., Awaitable[Device]]) -> tuple[Device, Device]:
    return await device(main=Dial(), second=Dial()), await device(other=Dial())


@pytest.fixture
async def running(
    home: Home, lines: tuple[Device, Device], broker: Broker, witness: Subscriber
) -> Home:
    """A daemon that reads `main` in the hall and `other` on the roof, and has a broker."""
    hall, roof = lines
    home.add("hall", hall)
    home.add("roof", roof)
    del home.config["meters"][1]
    home.add_bill("tenant")
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    await broker.start()
    await witness.start()
    await home.run()
    await home.daemon.shows(lambda seen: seen.all("meterd_meter_up") == [1, 1])
    return home


async def hang_up(home: Home, sentence: str = RELOADED) -> dict[str, Any]:
    """Write the file, send SIGHUP, and wait for the line that says what came of it."""
    daemon: Daemon = home.daemon
    home.write()
    before = len(daemon.logged(sentence))
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    return (await daemon.logs(sentence, before + 1))[-1]


async def test_a_bad_file_is_refused_whole_and_the_old_one_stays(
    running: Home, lines: tuple[Device, Device]
) -> None:
    accepted = [line.server.accepted for line in lines]
    running.config["meters"][0]["every"] = "soon"
    running.config["meters"].pop()
    said = await hang_up(running, REFUSED)
    assert "meters.0.every" in said["why"]
    seen = await running.daemon.metrics()
    await running.daemon.shows(lambda now: (now.energy() or 0) > (seen.energy() or 0))
    assert seen.all("meterd_meter_up") == [1, 1]
    assert [line.server.accepted for line in lines] == accepted


async def test_a_reload_by_command_says_why_it_is_refused(running: Home) -> None:
    for place, key, value in (
        (running.config["site"], "name", "elsewhere"),
        (running.config, "store", f"sqlite://{running.store}.other"),
        (running.config, "http", {"listen": "127.0.0.1:1"}),
    ):
        before, place[key] = place[key], value
        running.write()
        done = await running.verb("reload", "--store", f"sqlite://{running.store}", code=1)
        assert f"{key} cannot change while running" in done.err
        place[key] = before
    running.config["meters"][0]["colour"] = "red"
    running.write()
    assert "meters.0.colour" in (await running.verb("reload", code=78)).err
    del running.config["meters"][0]["colour"]
    running.write()
    assert (await running.verb("reload")).out == "reloaded\n"


async def test_a_meter_that_leaves_is_forgotten_and_one_that_did_not_change_is_not_disturbed(
    running: Home, lines: tuple[Device, Device], witness: Subscriber
) -> None:
    hall, _roof = lines
    await witness.until(lambda: bool(witness.on("other/state")))
    accepted = hall.server.accepted
    other = running.config["meters"].pop()
    await hang_up(running)
    for topic in ("other/state", "other/availability"):
        await witness.until(lambda: witness.on(topic)[-1].text == "")  # noqa: B023
    seen = await running.daemon.shows(lambda seen: len(seen.all("meterd_meter_up")) == 1)
    assert seen.energy("other") is None
    assert hall.server.accepted == accepted, "its connection is the same one"
    names = [meter["name"] for meter in await running.rows("meters")]
    assert names == ["main"]

    running.config["meters"].append(other)
    await hang_up(running)
    back = await running.daemon.shows(lambda seen: seen.all("meterd_meter_up") == [1, 1])
    assert back.energy("other") is not None
    await witness.until(lambda: witness.on("other/availability")[-1].text == "online")
    assert (await running.rows("audit"))["ok"], "what was counted meanwhile is booked once"


async def test_a_meter_that_comes_is_read_from_then_on(
    running: Home, lines: tuple[Device, Device]
) -> None:
    hall, roof = lines
    accepted = roof.server.accepted
    second = dict(running.config["meters"][0], name="second", address=2)
    running.config["meters"].append(second)
    await hang_up(running)
    await running.daemon.shows(
        lambda seen: seen.energy("second") in {n * JOULES for n in hall.dials["second"].shown}
    )
    assert roof.server.accepted == accepted, "the other line did not change"
    answer = await running.daemon.ask("/v1/meters/second")
    assert answer is not None
    assert answer[0] == 200


async def test_records_and_bills_come_and_go_with_a_broker_attached(
    running: Home, witness: Subscriber
) -> None:
    running.add_record("Line 1")
    running.add_bill("second")
    await hang_up(running)
    await running.daemon.shows(lambda seen: len(seen.all("meterd_bill_used")) == 2)
    await until(lambda: _running_record(running))
    await running.verb("cutover", "Line 1")
    await witness.until(lambda: bool(witness.on("records/Line 1")))
    await witness.until(lambda: bool(witness.on("bills/second/period")))
    running.config["records"].clear()
    running.config["bills"].pop()
    await hang_up(running)
    await witness.until(lambda: witness.on("bills/second/period")[-1].text == "")
    await running.daemon.shows(lambda seen: len(seen.all("meterd_bill_used")) == 1)
    assert await running.daemon.status("/healthz") == 200
    assert await running.daemon.end() == 0
    assert (await running.rows("audit"))["ok"]


async def _running_record(home: Home) -> bool:
    return [row["status"] for row in await home.rows("records")] == ["RUNNING"]


async def test_topics_of_what_left_between_two_runs_are_emptied(
    running: Home, witness: Subscriber
) -> None:
    await witness.until(lambda: bool(witness.on("other/state")))
    assert await running.daemon.end() == 0
    running.config["meters"].pop()
    await running.run()
    for topic in ("other/state", "other/availability"):
        await witness.until(lambda: witness.on(topic)[-1].text == "")  # noqa: B023
    assert witness.on("main/availability")[-1].text != ""
