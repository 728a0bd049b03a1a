"""The same recording gives the same bytes, whatever the process it is replayed in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from tests.system.devices import POINTS
from tests.system.home import Home
from tests.system.peers import verb

from meterd.metering.calendar import iso

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
STEP_MS = 300_000
VERBS = {
    "meters": (),
    "records": (),
    "bills": (),
    "samples": ("--bill", "tenant"),
    "intervals": ("--meter", "main"),
    "events": (),
    "adjustments": (),
    "audit": (),
}


def recording() -> str:
    """Six weeks of two meters in five-minute steps: with a wrap, a spike, zeros and an outage."""
    chance = random.Random(4)
    rows = ["time,meter,energy_import"]
    stands = {"main": 990_000, "other": 5}
    for step in range(42 * 288):
        for meter, before in stands.items():
            stand = stands[meter] = (before + chance.randrange(200)) % 1_000_000
            shown = 0 if chance.random() < 0.001 else stand
            if not 3000 < step < 3100:
                rows.append(f"{iso(START_MS + step * STEP_MS)},{meter},{shown / 1000}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def site_of_two(site: Callable[[str], Home]) -> Home:
    home = site("replayed")
    wraps = POINTS["energy_import"] | {"modulus": 1000, "max_kw": 50}
    home.config["connections"]["hall"] = {"protocol": "modbus_tcp", "host": "127.0.0.1"}
    home.config["meters"] = [
        {"name": name, "connection": "hall", "address": number, "points": {"energy_import": wraps}}
        for number, name in enumerate(("main", "other"), 1)
    ]
    home.config["sampling"] = "5m"
    home.add_record("Line 1", cutover={"schedule": "0 6,14,22 * * *"})
    home.add_bill("tenant", "main", "other", allowance=100)
    home.add_bill("peak", "main", type="demand", billing_day=15)
    home.write()
    (home.folder / "readings.csv").write_text(recording())
    return home


async def replayed(home: Home, seed: str) -> tuple[str, ...]:
    """All that the commands say of a store made by a replay."""
    said = []
    environ = {"PYTHONHASHSEED": seed}
    store = f"sqlite://{home.folder}/{seed}.db"
    common = ("-c", home.file, "--json", "--store", store)
    end = iso(START_MS + 70 * 86_400_000)
    readings = ("--readings", home.folder / "readings.csv", "--until", end)
    for name, words in ({"replay": readings} | VERBS).items():
        done = await verb(name, *common, *words, environ=environ)
        assert done.code == 0, done.err
        said.append(done.out)
    return tuple(said)


async def test_two_replays_say_the_same_to_the_byte(site_of_two: Home) -> None:
    one, two = await asyncio.gather(replayed(site_of_two, "1"), replayed(site_of_two, "2"))
    assert [len(text) for text in one] == [len(text) for text in two]
    assert one == two
    report, meters, records, bills, samples, intervals, events, _adjustments, audit = one
    for said in (report, meters, records, bills, samples, intervals, events, audit):
        assert len(said) > 100
    for kind in ("rollover", "offline", "cutover"):
        assert f'"kind":"{kind}"' in events
    assert '"status": "closed"' in bills
