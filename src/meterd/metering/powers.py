"""The powers of a meter that become energy: integrated, or estimated from volts and amperes.

A power above the meter's ceiling is no power: it is refused, said once, and shown nowhere
(reference/counter-rules.md, "Power").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from meterd.events import ESTIMATED, INTEGRATED, Booking, Reading
from meterd.metering.estimate import estimate
from meterd.metering.integrate import Integrator, PowerState, milliwatts
from meterd.metering.interval import Key, Track
from meterd.metering.journal import Journal
from meterd.specs import MeterSpec
from meterd.units import float_text

POWERS: Final = ("active_power", "active_power_l1", "active_power_l2", "active_power_l3")


class Power(NamedTuple):
    """A power that is followed, and the tracks it fills."""

    method: str
    phase: str
    integrator: Integrator
    inward: Track
    outward: Track


class Powers:
    """All the powers of a meter that are followed."""

    def __init__(
        self, spec: MeterSpec, states: dict[str, PowerState], track: Callable[[Key], Track]
    ) -> None:
        """track: makes the track of a key. states: by method and phase, added to."""
        self._ceiling_kw = spec.power_ceiling_kw
        wanted = [(INTEGRATED, "")] if spec.integrate else []
        wanted += [(INTEGRATED, phase) for phase in spec.integrate_phases]
        wanted += [(ESTIMATED, phase) for phase in spec.estimate]
        self.followed = [
            Power(
                method,
                phase,
                Integrator(spec.name, states.setdefault(f"{method}/{phase}", PowerState())),
                track(("energy_import", method, phase)),
                track(("energy_export", method, phase)),
            )
            for method, phase in wanted
        ]

    def bookings(
        self, reading: Reading, gauges: dict[str, float]
    ) -> Iterator[tuple[Track, Booking]]:
        """What each power books up to this reading, and on which track."""
        for method, phase, integrator, inward, outward in self.followed:
            if method == INTEGRATED:
                power_kw = gauges.get(f"active_power_{phase}" if phase else "active_power")
                assumed = False
            else:
                power_kw, assumed = estimate(gauges, phase)
            if power_kw is None or abs(power_kw) > self._ceiling_kw:
                continue
            integrator.event = "pf_assumed" if assumed else ""
            pair = integrator.observe(reading.at_ms, reading.mono_ms, milliwatts(power_kw))
            if pair is not None:
                yield inward, pair[0]
                yield outward, pair[1]


def believed(
    reading: Reading, spec: MeterSpec, refused: tuple[str, ...], journal: Journal
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The gauges without powers above the ceiling, and the names of those refused now."""
    gauges, ceiling_kw = reading.gauges, spec.power_ceiling_kw
    for name in POWERS:
        power_kw = gauges.get(name)
        if power_kw is None:
            continue
        if -ceiling_kw <= power_kw <= ceiling_kw:
            if name in refused:
                refused = tuple(other for other in refused if other != name)
            continue
        gauges = {other: value for other, value in gauges.items() if other != name}
        if name not in refused:
            refused = (*refused, name)
            numbers = {
                "value": float_text(power_kw),
                "ceiling": float_text(ceiling_kw),
                "unit": "kW",
            }
            journal.event(reading.at_ms, "out_of_range", spec.name, name, **numbers)
    return gauges, refused
