"""Energy against power: what agrees, what is off by a power of ten, and what cannot be told."""

from __future__ import annotations

import pytest

from meterd.events import Reading
from meterd.metering.physics import fitting, judged, moving
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


def test_a_transformer_that_is_declared_is_named() -> None:
    ratios = {"ct_ratio 400:5": 80.0, "pt_ratio 1:1": 1.0}
    for kwh in (10 + 4 * 80, 10 + 4 / 80):
        verdict = judged(SPEC, [read(0, 10, 4), read(1, kwh, 4)], ratios)
        assert verdict.remedy.startswith("ct_ratio 400:5 is in one of the two")


def load(kw: float, **gauges: float) -> list[Reading]:
    return [Reading("main", 0, {}, {"active_power": kw, **gauges})] * 2


PHASES = {f"voltage_l{n}": 230.0 for n in (1, 2, 3)} | {f"current_l{n}": 10.0 for n in (1, 2, 3)}
FITS: dict[str, tuple[list[Reading], bool | None, str]] = {
    "three phases": (load(6.5, **PHASES), True, "94%"),
    "one phase": (load(2.2, voltage=230, current=10), True, "96%"),
    "the other way": (load(-6.5, **PHASES), True, "94%"),
    "watts taken for kilowatts": (load(6500, **PHASES), False, "wrong by 10^3"),
    "a transformer": (load(6.5 * 80, **PHASES), False, "ct_ratio 400:5 is in one"),
    "nothing flows": (load(0, voltage=230, current=0), None, "too little flows"),
    "no current": (load(1, voltage=230), None, "has not power"),
    "no power": ([Reading("main", 0, {}, PHASES)], None, "has not power"),
}


@pytest.mark.parametrize(("readings", "ok", "said"), FITS.values(), ids=FITS.keys())
def test_power_is_held_against_current(readings: list[Reading], ok: bool | None, said: str) -> None:
    verdict = fitting(readings, {"ct_ratio 400:5": 80.0})
    assert verdict.ok is ok
    assert said in f"{verdict.what}. {verdict.remedy}"


def test_readings_that_are_all_the_same_are_odd() -> None:
    still = load(6.5, **PHASES) * 3
    assert moving(still).remedy == "Does its gateway answer from memory?"
    assert moving([*still, *load(6.4, **PHASES)]).ok is True
    assert moving(still[:4]).ok is None
    assert moving(load(0) * 5).what == "too little was read to tell"
