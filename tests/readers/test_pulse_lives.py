"""Pulses across a daemon that is killed: what was committed stands, what was lost is declared."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from tests.readers.modbus.devices import StillClock
from tests.readers.pulses import KWH, Chip, link, point
from tests.running import House, kinds, only

from meterd.events import Event, Input, Interval, Reading, Tick
from meterd.metering.calendar import iso
from meterd.pipeline import Origin
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.pulse import PulseLine
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec

PULSE = KWH // 1000
ONE = link(point(), every_ms=1000)
SITE = SiteSpec(
    "hq",
    "UTC",
    meters=(MeterSpec("main", registers=(RegisterSpec("energy_import", count=PULSE),)),),
)
START_MS = 1_767_268_800_000  # 2026-01-01T12:00:00Z


class Life:
    """A daemon's life beside a meter that pulses: readings, commits, and an end at any time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.clock = StillClock(START_MS)
        self.house = House(SITE)
        self.sent = 0
        self.lost = 0

    async def live(self, seconds: int) -> None:
        """Start, count, and be killed: what was not committed by then is gone."""
        self.house.resume(Origin(1, self.clock.now))
        waiting: list[Input] = []
        chip = Chip()
        around = Surroundings(self.clock, waiting.append, random.Random(1))._replace(
            lose=waiting.append, counters=self._counters
        )
        line = PulseLine(ONE, around, LinkStats("gpio"), chip.request)
        await line.open()
        uncommitted = 0
        for _ in range(seconds):
            pulses = self.chance.randrange(12)  # some ten a second
            chip.pulse(17, pulses, after_s=0.1)
            line._hear()
            self.sent += pulses
            uncommitted += pulses
            self.clock.now += 1000
            waiting += [await line.read(ONE.devices[0]), Tick(self.clock.now)]
            if self.chance.random() < 0.5:
                self.house.feed(*waiting)
                self.house.take()
                waiting.clear()
                uncommitted = 0
        line._let_go()
        self.lost += uncommitted

    async def _counters(self, _meter: str) -> dict[str, int]:
        state = self.house.pipeline.meters["main"].registers["energy_import"].state
        return {} if state.last is None else {"energy_import": state.last.amount}

    def down(self, seconds: int) -> None:
        """Nobody listens, and the meter pulses on."""
        pulses = 5 * seconds
        self.sent += pulses
        self.lost += pulses
        self.clock.now += 1000 * seconds

    @property
    def booked(self) -> Fraction:
        counter = self.house.pipeline.meters["main"].registers["energy_import"]
        return Fraction(counter.state.booked + (counter.state.first or 0), PULSE)


@pytest.mark.parametrize("seed", range(20))
async def test_nothing_is_lost_but_what_is_declared(seed: int) -> None:
    life = Life(seed)
    for _ in range(4):
        await life.live(30)
        life.down(life.chance.randrange(1, 900))
    await life.live(1)
    life.house.take()
    assert life.booked == life.sent - life.lost
    losses = [event for event in only(Event, life.house.outputs) if event.kind == "loss_window"]
    assert 3 <= len(losses) <= 4  # the last life may have ended before its commit


async def test_the_window_is_from_the_last_commit_to_the_new_start() -> None:
    life = Life(1)
    life.chance = random.Random(3)
    await life.live(60)
    before_ms = life.house.pipeline.meters["main"].state.at_ms
    assert before_ms is not None
    life.house.resume()
    life.house.outputs.clear()
    life.down(600)
    opened_ms = life.clock.now
    await life.live(360)
    life.house.take()
    (loss,) = [event for event in only(Event, life.house.outputs) if event.kind == "loss_window"]
    known_ms = START_MS + round((opened_ms - START_MS) / 1000 - loss.numbers["lost_s"]) * 1000
    assert loss.numbers["since"] == iso(known_ms)
    assert (loss.at_ms, known_ms <= before_ms) == (opened_ms, True)
    words = [interval.quality for interval in only(Interval, life.house.outputs)]
    assert words[:3] == ["questionable", "missing", "questionable"]
    assert "reset" not in kinds(life.house.outputs)


async def test_a_dial_that_was_read_while_nobody_listened_is_where_it_goes_on() -> None:
    life = Life(1)
    await life.live(60)
    life.house.resume()
    life.down(600)
    dial = life.sent * PULSE
    entered = Reading("main", life.clock.now, {"energy_import": dial}, {}, entered_by="ann")
    life.house.feed(entered)
    life.house.take()
    life.lost = 0
    await life.live(60)
    assert life.booked == life.sent - life.lost
    assert not {"reset", "suspect_low"} & set(kinds(life.house.outputs))
