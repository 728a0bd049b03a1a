"""Power from volts and amperes: what is known is used, what is guessed is flagged."""

import pytest

from meterd.metering.estimate import estimate

ONE = {"voltage": 230.0, "current": 10.0}
PHASE_1 = {"voltage_l1": 230.0, "current_l1": 10.0}
PHASE_2 = {"voltage_l2": 231.0, "current_l2": 20.0}
PHASE_3 = {"voltage_l3": 229.0, "current_l3": 0.0}

SEEN = {
    "one phase, power factor guessed": (ONE, "", 2.3, True),
    "one phase, power factor read": ({**ONE, "power_factor": 0.5}, "", 1.15, False),
    "a leading power factor is no export": ({**ONE, "power_factor": -0.5}, "", 1.15, False),
    "a power factor of 0 is one": ({**ONE, "power_factor": 0.0}, "", 0.0, False),
    "phases are added": ({**PHASE_1, **PHASE_2, **PHASE_3}, "", 2.3 + 4.62, True),
    "the phases there are": ({**PHASE_1, **PHASE_3}, "", 2.3, True),
    "each phase at its own power factor": (
        {**PHASE_1, **PHASE_2, "power_factor_l1": 0.5, "power_factor_l2": 1.0},
        "", 1.15 + 4.62, False,
    ),
    "a phase without its own takes the common one": (
        {**PHASE_1, **PHASE_2, "power_factor_l1": 0.5, "power_factor": 0.1},
        "", 1.15 + 0.462, False,
    ),
    "one guess among the phases is a guess": (
        {**PHASE_1, **PHASE_2, "power_factor_l1": 0.5}, "", 1.15 + 4.62, True,
    ),
    "one phase asked for": ({**PHASE_1, **PHASE_2}, "l2", 4.62, True),
    "a phase that was not read": (PHASE_1, "l2", None, False),
    "half of a phase would make the sum too low": (
        {**PHASE_1, "voltage_l2": 231.0}, "", None, False,
    ),
    "half of a phase, but the whole was read": (
        {**ONE, **PHASE_1, "current_l2": 1.0}, "", 2.3, True,
    ),
    "volts alone are no power": ({"voltage": 230.0}, "", None, False),
    "nothing": ({}, "", None, False),
}  # fmt: skip


@pytest.mark.parametrize(("gauges", "phase", "power_kw", "assumed"), SEEN.values(), ids=SEEN.keys())
def test_power_is_estimated_from_what_was_read(
    gauges: dict[str, float], phase: str, power_kw: float | None, assumed: bool
) -> None:
    found, guess = estimate(gauges, phase)
    assert found == (None if power_kw is None else pytest.approx(power_kw))
    assert guess == assumed
