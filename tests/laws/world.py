"""A small world from one seed: a plant, a host, a daemon, a disk and a broker, and their faults.

The daemon's path, pipeline, store, outbox and messages are the real ones; clocks, devices, the
disk below SQLite and the broker are ours. The same seed and the same faults give the same life.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from tests.laws import books as laws
from tests.laws.daemon import Daemon
from tests.laws.ledger import hold
from tests.laws.lives import ENERGY, HOUR_MS
from tests.laws.plant import Device, Loss
from tests.laws.works import WHOLE, Works, sampled

FAULTS: Final = (
    "power", "end", "kill", "full", "io", "broker", "odd", "silent", "absent", "stale", "repeat",
    "late", "wobble", "foreign", "noise", "refusal", "hangup", "reset", "step", "boot", "night",
    "reload", "outage",
)  # fmt: skip
WAITS_S: Final = (60, 3_600, 21_600, *[43_200] * 3)
STRETCH: Final = 10
"""Rounds after which `every` may be another."""
CUT_WAITS_S: Final = (60, 300, 900, 3_600, 7_200)
CUT_CALLS: Final = (10, 20, 40, 120)
CALM_ROUNDS: Final = 10
"""At the end of a life of power cuts."""
FEW: Final = Works(("fine", "dials", "power"), framed=0)
"""Meters of a life of power cuts: there it is the disk that is looked at."""
DAY_S: Final = 86_400
YEAR_S: Final = 365 * DAY_S
LONG: Final = Works(sampling_ms=6 * HOUR_MS)
"""Every meter, sampled coarsely: thirty years of quarter-hours would fill a disk."""
YEARLY: Final = {
    "power": 1, "end": 1, "kill": 1, "full": 1, "io": 1, "boot": 2, "step": 4, "reload": 2,
    "outage": 1, "reset": 0.5, "odd": 20, "silent": 100, "absent": 20, "stale": 20, "repeat": 20,
    "late": 20, "wobble": 20, "foreign": 50, "noise": 50, "refusal": 20, "hangup": 20,
    "broker": 100, "night": 100,
}  # fmt: skip
"""What befalls a long life so often a year, and a meter in it."""
OUTAGE_MS: Final = 32 * HOUR_MS
SELDOM: Final = 1 / 60
"""How often the books of a long life are audited at a start: there is more of them every year."""
QUIET_ROUNDS: Final = 12
"""Rounds without a fault at the end; then everything must be well again."""


class World(Daemon):
    """One life of a plant and its daemon."""

    def __init__(
        self, folder: Path, seed: int, faults: frozenset[str], works: Works = WHOLE
    ) -> None:
        super().__init__(folder, seed, faults, works)
        self.rounds = 0
        self.waits: tuple[int, ...] = WAITS_S

    # -- a round --------------------------------------------------------------------------

    async def live(self, days: float, most: int = 1 << 62) -> None:
        """Rounds until so much time has truly passed, or there were so many."""
        end_ms = self.host.true_ms() + days * DAY_S * 1000
        while self.host.true_ms() < end_ms and self.rounds < most:
            every_s = self.chance.choice(self.waits)
            for _ in range(self.chance.randrange(1, STRETCH)):
                await self.round(every_s)

    async def quiet(self, rounds: int = QUIET_ROUNDS) -> None:
        """Nothing odd any more; everything must be well again, and every law hold."""
        self.faults = frozenset()
        self.disk.fail(None)
        for _ in range(rounds):
            await self.round(300)
        for _ in range(1 + self.ledger.numbered):
            if self.broker.heard == self.ledger.numbered:
                break
            await self.host.wait(1_000)
            await self.guarded(self._deliver)
        self._judge_back()
        self.look_rate = 1
        await self.crash()
        await self.round(300)
        await self.guarded(self._deliver)
        self.judge()

    async def round(self, every_s: int) -> None:
        """Something happens, every meter is asked, and the broker hears."""
        self.rounds += 1
        await self.field.ask_every(every_s * 1000)
        if self.happens("outage"):
            self.host.sleep(OUTAGE_MS)
        elif self.chance.random() < 0.5:
            await self.host.wait(self.chance.randrange(self.field.every_ms))
        self.field.expect()
        self._befall()
        rebooted = self.happens("boot")
        if rebooted:
            self.host.reboot()
            if "step" in self.faults and self.chance.random() < 0.3:  # nobody knew the time
                self._set_clock()
            for device in self.devices.values():
                device.boot()
        if rebooted or self.happens("kill"):
            await self.crash()
        await self.commit()
        if not (self.happens("broker") or self.happens("broker")):
            await self.guarded(self._deliver)
        if self.happens("night"):
            await self._night()
        if self.happens("reload"):
            await self.guarded(self._reload)

    async def _night(self) -> None:
        """The night's work; what is closed stays closed."""
        store, now_ms = self.ledger.store, self.host.now_ms()
        assert store is not None
        await self.guarded(lambda: store.maintain(now_ms))
        with self.disk.passed_by(), closing(store.reader()) as reader:
            laws.check_periods(reader, self.ledger)
        self.ledger.forget(self.broker.heard)

    def _befall(self) -> None:
        for how in ("power", "end", "full", "io"):
            if self.disk.fault is None and self.happens(how):
                self._arm(how)
        if self.happens("step"):
            self._set_clock()
        for device in self.devices.values():
            device.live(self.host.true_ms())
            if device.may_be_cleared and self.happens("reset"):
                device.clear(self.host.now_ms())

    def _set_clock(self) -> None:
        self.host.ahead += self.chance.randrange(-600_000, 600_000)

    # -- the end ----------------------------------------------------------------------------

    def _judge_back(self) -> None:
        for name in self.devices:
            hold(self.witness.views[name].online, "every meter is back", meter=name)

    def judge(self) -> None:
        """Laws of a life that is over: the truth, the windows, and that all is well again."""
        facts = self.ledger.numbered
        hold(self.broker.heard == facts, "all facts arrive", heard=self.broker.heard, facts=facts)
        assert self.ledger.store is not None
        self._judge_back()
        with self.disk.passed_by(), closing(self.ledger.store.reader()) as reader:
            for name, device in self.devices.items():
                if device.register is not None:
                    self._judge(device, laws.declared(reader, name), laws.windows(reader, name))

    def _judge(self, device: Device, told: int, missing: list[tuple[int, int]]) -> None:
        """A counter against what was truly used."""
        state = self.pipeline.meters[device.name].registers[ENERGY].state
        assert state.first is not None
        used = device.used - device.first_used(state.first)
        short = used - state.booked - state.unbilled - told
        lost = sum(loss.amount for loss in device.losses)
        found = {"meter": device.name, "used": used, "short": short, "lost": lost}
        hold(short >= 0, "nothing is counted that was not used", **found)
        hold(short <= lost, "all that could be seen is counted", **found)
        shown = sum(loss.amount for loss in device.losses if _is_declared(loss, missing))
        hold(short <= shown, "every shortfall is a declared loss window", shown=shown, **found)


def _is_declared(loss: Loss, missing: list[tuple[int, int]]) -> bool:
    """Whether the books say, near one of the times of a loss, that they do not know."""
    near = [(start_ms - 2 * DAY_S * 1000, end_ms + HOUR_MS) for start_ms, end_ms in missing]
    return any(start_ms <= at_ms <= end_ms for at_ms in loss.times for start_ms, end_ms in near)


async def life(folder: Path, seed: int, faults: frozenset[str], days: float) -> World:
    """A whole life, judged; raises BrokenLaw."""
    world = World(folder, seed, faults, sampled(WHOLE, seed))
    async with alive(world):
        await world.live(days)
        await world.quiet()
    return world


async def cut_often(folder: Path, seed: int, cuts: int) -> World:
    """A life of power cuts and little else, judged; raises BrokenLaw."""
    world = World(
        folder, seed, frozenset({"power", "end", "broker", "night", "kill"}), sampled(FEW, seed)
    )
    world.waits, world.calls = CUT_WAITS_S, CUT_CALLS
    world.rates |= {"power": 0.9, "end": 0.5}
    async with alive(world):
        while world.cuts < cuts:
            await world.round(world.chance.choice(world.waits))
        await world.quiet(CALM_ROUNDS)
    return world


async def age(folder: Path, seed: int, years: int, wait_s: int) -> World:
    """A life of years under every fault, polled so often, judged each year; raises BrokenLaw."""
    world = World(folder, seed, frozenset(FAULTS), LONG)
    world.waits = (wait_s,)
    rounds = YEAR_S // wait_s
    world.rates = {fault: count / rounds for fault, count in YEARLY.items()}
    world.look_rate = SELDOM
    async with alive(world):
        for year in range(years):
            await world.live(YEAR_S / DAY_S)
            await world.crash()
            print(f"year {year + 1}: {world.rounds:,} rounds, {world.crashes} crashes", flush=True)
        await world.quiet()
    return world


@asynccontextmanager
async def alive(world: World) -> AsyncIterator[None]:
    """The world, for a time."""
    try:
        yield
    finally:
        await world.close()
