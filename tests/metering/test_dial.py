"""What a device tells of its counters, and what is made of it."""

from __future__ import annotations

from meterd.events import Event, Reading
from meterd.metering.dial import Dial, completed
from meterd.pipeline import Origin, Pipeline
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec

KWH = 3_600_000
MINUTE = 60_000
T0 = 1_780_000_200_000
TOLD = Dial(KWH // 100, 1000 * KWH)


def test_what_is_declared_is_declared() -> None:
    declared = RegisterSpec("energy_import", count=KWH, modulus=10 * KWH)
    assert completed(declared, TOLD) == declared


def test_what_is_not_declared_is_as_the_device_says() -> None:
    found = completed(RegisterSpec("energy_import"), TOLD)
    assert (found.count, found.modulus) == (KWH // 100, 1000 * KWH)
    assert completed(RegisterSpec("energy_import"), Dial(7)).modulus is None


def site() -> SiteSpec:
    register = RegisterSpec("energy_import", per_hour=100 * KWH)
    return SiteSpec(name="hq", timezone="UTC", meters=(MeterSpec("main", registers=(register,)),))


class Life:
    """A pipeline, and what it decides."""

    def __init__(self) -> None:
        self.pipeline = Pipeline(site(), {}, Origin(1))

    def reads(self, minute: int, kwh: float, *dials: Dial) -> list[str]:
        """Feed a reading; the kinds of events that came of it."""
        amount = round(kwh * KWH)
        told = {"energy_import": dials[0], "other": dials[0]} if dials else {}
        self.pipeline.feed(
            Reading("main", T0 + minute * MINUTE, {"energy_import": amount}, {}, dials=told)
        )
        outputs, snapshot = self.pipeline.take()
        self.saved = {(one.kind, one.key): one.body for one in snapshot.saved}
        return [one.kind for one in outputs if isinstance(one, Event)]

    def booked(self) -> float:
        return self.pipeline.meters["main"].registers["energy_import"].state.booked / KWH


def test_a_wrap_that_the_device_explains_is_a_rollover() -> None:
    life = Life()
    life.reads(0, 999.5, TOLD)
    assert life.reads(1, 0.5, TOLD) == ["rollover"]
    assert life.booked() == 1.0


def test_without_it_the_next_reading_decides() -> None:
    life = Life()
    life.reads(0, 999.5)
    assert life.reads(1, 0.5) == ["decrease_discarded"]
    assert life.booked() == 0


def test_what_was_told_is_kept_over_a_restart() -> None:
    life = Life()
    life.reads(0, 999.5, TOLD)
    again = Life()
    again.pipeline = Pipeline(site(), life.saved, Origin(1))
    counter = again.pipeline.meters["main"].registers["energy_import"]
    assert counter.spec.modulus == 1000 * KWH
    assert "rollover" in again.reads(1, 0.5)
    assert again.booked() == 1.0


def test_a_count_larger_than_the_ceiling_allows_in_a_poll_is_still_one_count() -> None:
    life = Life()
    life.reads(0, 100, Dial(10 * KWH))
    life.reads(1, 110, Dial(10 * KWH))
    assert life.booked() == 10.0
