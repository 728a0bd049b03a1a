"""A plant whose truth is known: eight meters, what they really used, and how they lie.

A device is honest unless told otherwise. An odd value is followed by honest ones until two of
them are kept, since of two odd readings in a row even the law believes the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from tests.laws.hosts import Host
from tests.laws.lives import ENERGY, HOUR_MS, KWH
from tests.laws.works import CEILING, POWER, REGISTERS

from meterd.events import Reading
from meterd.metering.facts import UPTIME_SLACK_S

CLEAN: Final = 3
"""Honest readings that must be kept before a device does something odd again."""
AGREE: Final = 2
"""Values that rose since a counter was cleared, after which the law must have believed it."""
NEAR: Final = 4_000 * KWH
"""What may be used in an outage and the next few hours."""
HELD: Final = 64_000
"""So many counts at once may be a word that is torn, and the next reading decides: what such a
counter shows is not known before."""
NO_UPTIME: Final = frozenset({"coarse", "loose", POWER})
"""Devices that do not say how long they have been up."""


Befalls = Callable[[Sequence[str]], str]
"""Which of these befalls now: the first that happens, "" if none does."""
LIES: Final = ("odd", "absent", "wobble")
"""What a device may do by itself, whatever line it is on."""
HONEST: Final = ("", "repeat", "late")
"""What a device may do and yet show what it has counted."""


class Outside(NamedTuple):
    """What is around devices: the host that asks them, and what befalls them."""

    host: Host
    befalls: Befalls
    chance: Random


class Seen(NamedTuple):
    """What a reading was taken at: used, uptime (s), true time (ms), and whether it was honest."""

    used: int = 0
    up_s: float = 0
    true_ms: int = 0
    honest: bool = False


class Shown(NamedTuple):
    """What a device shows: base units or kW, None for no value, and how long it has been up."""

    amount: int | None
    power_kw: float | None
    up_s: float | None


class Loss(NamedTuple):
    """At most so many base units may be lost, because of what happened then (epoch ms)."""

    amount: int
    times: tuple[int, ...]


class Device:
    """A meter out there. used: base units it has truly counted since it was new.

    showed: what it showed when it was asked last.
    losses: the most that nobody could have seen, since the counter was cleared in between, or
    no clock could tell how long the host was away. clean: honest readings since the last odd one.
    """

    def __init__(self, name: str, chance: Random) -> None:
        self.name = name
        self.register = REGISTERS.get(name)
        self.used = self.clean = 0
        self.losses: list[Loss] = []
        self.up_s = 1_000.0
        self.showed = Shown(None, None, None)
        self._chance = chance
        self._first = self._begin = chance.randrange(9_000) * KWH
        self._moves = 0
        self._taken: dict[int, Seen] = {}
        self._since: int | None = None
        self._doubts: list[int] = []
        self._waits = self._unsure = False
        self._last = self._heard = self._asked = Seen()
        self._until_ms = self._heard_ms = self._apart_ms = 0

    def live(self, true_ms: int) -> None:
        """Use something until now, up to four fifths of what the feed can carry."""
        wait_ms, self._until_ms = true_ms - self._until_ms, true_ms
        self.up_s += wait_ms / 1000
        if self.register is not None:
            count = self.register.count
            most = CEILING * 4 // 5 * wait_ms // HOUR_MS
            self.used += self._chance.randrange(most + 1) // count * count

    @property
    def measures(self) -> tuple[str, Decimal]:
        """What it measures, and what one of what it says is worth, kWh or kW."""
        if self.register is None:
            return "active_power", Decimal("0.001")
        return ENERGY, Decimal(self.register.count) / KWH

    @property
    def shown(self) -> int:
        """What the dial shows."""
        modulus = self.register.modulus if self.register else None
        return (self._begin + self.used) % (modulus or 1 << 62)

    def clear(self, at_ms: int) -> None:
        """The counter is cleared; its owner may see that the device rebooted."""
        self._begin = -self.used
        self._doubt(at_ms)
        if self._chance.random() < 0.5:
            self.up_s = 1.0

    def boot(self) -> None:
        """The host boots: its next readings may be from before its own past, or seem too soon."""
        self._waits = self._unsure = True

    def _doubt(self, at_ms: int) -> None:
        """What is used from the last reading on may be lost, until the law believes again."""
        if self._since is None:
            self._since = self._last.used
        self._moves = self.clean = 0
        self._doubts.append(at_ms)

    @property
    def may_be_cleared(self) -> bool:
        """Not one that wraps, nor one that may soon be past what was last read of it: nobody could
        tell, and a host that was away may know no value but a far lower one than it shows.
        """
        wraps = self.register is None or self.register.modulus is not None
        known = self._begin + self._last.used
        return not wraps and self.clean >= CLEAN and known > NEAR and self._since is None

    @property
    def _near_its_end(self) -> bool:
        """About to wrap: an odd zero and then a wrap are what a reset is."""
        modulus = self.register.modulus if self.register else None
        return modulus is not None and self.shown > modulus - NEAR

    def first_used(self, first: int) -> int:
        """What had been used when the dial showed `first`, its first value."""
        assert self.register is not None
        return (first - self._first) % (self.register.modulus or 1 << 62)

    def look(self, act: str = "") -> Shown:
        """What it shows to who asks now. act: what it does odd."""
        if act == "odd" and self.clean >= CLEAN and not self._near_its_end:
            self.clean = 0
        elif act == "odd":
            act = ""
        if act == "wobble" and self._unsure:
            act = ""  # a host that has booted would go on from it, and ask its clock from there
        up_s = None if self.name in NO_UPTIME else self.up_s // 1
        self._asked = Seen(self.used, up_s or 0, honest=act in HONEST)
        amount = power_kw = None
        if act != "absent" and self.register is None:
            power_kw = round(self._chance.uniform(-5, 80), 3)
        elif act != "absent":
            amount = self._value(act)
        self.showed = Shown(amount, power_kw, up_s)
        return self.showed

    def say(self, act: str = "") -> int | None:
        """The same as its protocol carries it: counts, or watts; None for no value."""
        amount, power_kw, _up_s = self.look(act)
        if amount is not None and self.register is not None:
            return amount // self.register.count
        return None if power_kw is None else round(power_kw * 1000)

    def heard(self, reading: Reading, true_ms: int) -> None:
        """The host has heard what was shown when it was asked last, or what it could use of it."""
        measured = ENERGY in reading.registers or self.register is None
        self._taken[reading.at_ms] = self._asked._replace(
            up_s=reading.uptime_s or 0,
            true_ms=true_ms,
            honest=measured and self._asked.honest,
        )

    def _value(self, act: str) -> int:
        """The dial, or something that cannot be."""
        assert self.register is not None
        if act == "odd":
            far = self.shown + self._chance.randrange(100_000, 1_000_000) * KWH
            return self._chance.choice((0, far))
        back = act == "stale" or (act == "wobble" and self.register.jitter)
        return max(self.shown - self.register.count, 0) if back else self.shown

    def kept(self, at_ms: int) -> None:
        """The host has this reading for good."""
        seen = self._taken.pop(at_ms, None)
        if seen is None or (self._waits and at_ms <= self._heard_ms):
            return
        self._apart_ms += self._told_ms(seen, at_ms)
        self._heard, self._heard_ms, self._waits = seen, at_ms, False
        if seen.honest and self.register:
            self._believe(seen, at_ms)

    def _told_ms(self, seen: Seen, at_ms: int) -> int:
        """How long ago the last reading was, as far as the host can know after a boot: by its
        wall clock, unless the device has been up for clearly longer."""
        if not self._waits:
            return seen.true_ms - self._heard.true_ms
        wall_ms, up_ms = at_ms - self._heard_ms, round(seen.up_s - self._heard.up_s) * 1000
        proven = self._heard.up_s > 0 and up_ms > wall_ms + UPTIME_SLACK_S * 1000
        return up_ms if proven else wall_ms

    def _may_be_torn(self, rise: int) -> bool:
        register = self.register
        return register is not None and register.torn and rise >= HELD * register.count

    def _believe(self, seen: Seen, at_ms: int) -> None:
        """An honest value is known; after a boot, if the clocks leave time for what was used."""
        if self._unsure and seen.used - self._last.used > CEILING * self._apart_ms // HOUR_MS:
            self._doubt(at_ms)
        self.clean = 0 if self._may_be_torn(seen.used - self._last.used) else self.clean + 1
        before, self._last = self._last, seen
        self._unsure, self._apart_ms = False, 0
        if self._since is None:
            return
        self._moves += seen.used > before.used
        if self._moves == AGREE:
            self.losses.append(Loss(seen.used - self._since, tuple(self._doubts)))
            self._since, self._doubts = None, []
