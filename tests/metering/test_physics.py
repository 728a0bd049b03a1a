"""Energy against power: what agrees, what is off by a power of ten, and what cannot be told."""

from __future__ import annotations

import pytest

from meterd.events import Reading
from meterd.metering.physics import judged
from meterd.specs import MeterSpec, RegisterSpec

KWH = 3_600_000
HOUR_MS = 3_600_000
SPEC = MeterSpec("main", registers=(RegisterSpec("energy_import", count=36_000),))


def read(hours: float, kwh: float, kw: float) -> Reading:
    registers = {"energy_import": round(kwh * KWH)}
    return Reading("main", round(hours * HOUR_MS), registers, {"active_power": kw})


SAID: dict[str, tuple[list[Reading], bool | None, str]] = {
    "agrees": ([read(0, 10, 4), read(0.5, 12, 4), read(1, 14, 4)], True, "energy is 100% of"),
    "a little more": ([read(0, 10, 4), read(1, 14.8, 4)], True, "energy is 120% of"),
    "ten times too much": ([read(0, 10, 4), read(1, 50, 4)], False, "wrong by 10^1"),
    "a thousandth": ([read(0, 10, 4), read(1, 10.004, 4)], False, "wrong by 10^-3"),
    "a ratio of its own": ([read(0, 10, 4), read(1, 90, 4)], False, "transformer's ratio"),
    "counts down": ([read(0, 10, 4), read(1, 6, 4)], False, "count down"),
    "stands still": ([read(0, 10, 4), read(1, 10, 4)], False, "stands still at 4 kW"),
    "nothing flows": ([read(0, 10, 0), read(1, 10, 0)], None, "too little is used within 3600 s"),
    "flows out": ([read(0, 10, -4), read(1, 10, -4)], None, "power flows out"),
    "once": ([read(0, 10, 4)], None, "not both energy and power"),
    "no power": ([Reading("main", 0, {"energy_import": 1}, {})] * 2, None, "not both"),
}


@pytest.mark.parametrize(("readings", "ok", "said"), SAID.values(), ids=SAID.keys())
def test_what_is_said_of_a_meter(readings: list[Reading], ok: bool | None, said: str) -> None:
    verdict = judged(SPEC, readings)
    assert verdict.ok is ok
    assert said in f"{verdict.what}. {verdict.remedy}"
