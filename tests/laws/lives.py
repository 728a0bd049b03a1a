"""Random lives of meters on one host, as inputs: whatever a meter, a line or a clock may do.

A life is rounds; in each the host waits and asks every meter once. What a meter has truly
used is known, and so is all the time that has truly passed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hypothesis import strategies as st

from meterd.events import GOOD, QUESTIONABLE, Input, PollFailed, Reading, Tick
from meterd.metering.calendar import parse_iso
from meterd.specs import RECONCILE, STRICT, MeterSpec, RegisterSpec

KWH: Final = 3_600_000
HOUR_MS: Final = 3_600_000
BEGIN_MS: Final = parse_iso("2026-03-28T20:00:07Z")  # in Berlin clocks go forward that night
ENERGY: Final = "energy_import"
CLOCKS: Final = ("recorded", "stepped", "booted")
"""No monotonic clock; one, and the wall clock is stepped; one, and the host boots."""

ACTS: Final = (
    *["read"] * 12, "zero", "garbage", "near", "torn", "jump", "reset", "reboot", "restart",
    "serial", "missing", "failed", "offline", "stale", "doubtful", "repeat", "late", "jitter",
)  # fmt: skip
WAITS_S: Final = (1, 10, 60, 60, 300, 300, 300, 300, 300, 600, 900, 901, 2_000, 7_200, 40_000)


class Poll(NamedTuple):
    """What becomes of one poll. used: sixteenths of the ceiling. value: any number."""

    act: str
    used: int
    value: int


class Round(NamedTuple):
    """The host waits, something may befall its clocks, and every meter is asked."""

    wait_s: int
    host: str
    polls: tuple[Poll, ...]


def rounds(meters: int, most: int) -> st.SearchStrategy[list[Round]]:
    """Lives of so many meters, `most` rounds at most."""
    poll = st.builds(Poll, st.sampled_from(ACTS), st.integers(0, 16), st.integers(0, 10**7))
    hosts = st.sampled_from(["", "", "", "", "", "step", "boot", "tick"])
    polls = st.tuples(*[poll] * meters)
    return st.lists(st.builds(Round, st.sampled_from(WAITS_S), hosts, polls), max_size=most)


@st.composite
def registers(draw: st.DrawFn) -> RegisterSpec:
    """Any register the configuration could declare."""
    count = draw(st.sampled_from([1, 1000, 36_000, KWH]))
    modulus = draw(st.sampled_from([None, None, 10**3, 10**5, 2**32]))
    return RegisterSpec(
        ENERGY,
        count=count,
        modulus=modulus and modulus * count,
        per_hour=draw(st.sampled_from([None, 100 * KWH, 1000 * KWH])),
        nonvolatile=draw(st.booleans()),
        jitter=draw(st.sampled_from([0, 0, 2])) * count,
        on_decrease=draw(st.sampled_from([STRICT, RECONCILE])),
        torn=draw(st.booleans()),
        float32=draw(st.sampled_from([0, 0, KWH])),
    )


class Host:
    """The clocks: `true_ms` is what has really passed."""

    def __init__(self, clock: str, begin_ms: int = BEGIN_MS) -> None:
        self.clock = clock
        self.true_ms = 0
        self.wall_ms = begin_ms
        self.mono_ms = 0 if clock == "recorded" else 1_000
        self.boots = 0

    def wait(self, turn: Round) -> None:
        """Let time pass, and what befalls the clocks."""
        wait_ms = turn.wait_s * 1000
        self.true_ms += wait_ms
        self.wall_ms += wait_ms
        self.mono_ms += wait_ms if self.mono_ms else 0
        if turn.host == "step" and self.clock == "stepped":
            self.wall_ms += (turn.polls[0].value % 15_000 - 7_000) * 1000
        if turn.host == "boot" and self.clock == "booted":
            self.boots += 1
            self.mono_ms = 1_000

    @property
    def boot(self) -> str:
        """The boot's name, none in a recording."""
        return f"boot-{self.boots}" if self.mono_ms else ""


class Device:
    """A meter out there, and the line to it. `dial` is what it shows when nothing lies."""

    def __init__(self, spec: MeterSpec, dial: int = 700) -> None:
        self.spec = spec
        self.register = next((r for r in spec.registers if r.quantity == ENERGY), None)
        self.dial = 0 if self.register is None else dial * self.register.count
        self.serial: str | None = None
        self.up_s = 1_000.0

    def answer(self, turn: Round, poll: Poll, host: Host) -> list[Reading | PollFailed]:
        """What the host hears: one input, or two."""
        self.up_s += turn.wait_s
        if poll.act in ("reboot", "restart"):
            self.up_s = 1.0
        if poll.act in ("failed", "offline"):
            return [PollFailed(self.spec.name, host.wall_ms, "silent", poll.act == "offline")]
        reading = self._reading(self._shown(turn, poll), poll, host)
        if poll.act == "repeat":
            return [reading, reading]
        if poll.act == "late":
            late = Host(host.clock)
            late.wall_ms = host.wall_ms - poll.value % 1_000_000 - 1
            late.mono_ms = max(host.mono_ms - poll.value % 1_000_000 - 1, 1) * (host.mono_ms > 0)
            late.boots = host.boots
            return [reading, self._reading(self.dial, poll, late)]
        return [reading]

    def _reading(self, shown: int, poll: Poll, host: Host) -> Reading:
        absent = poll.act == "missing"
        if poll.act == "serial":
            self.serial = "AB"[poll.value % 2]
        power_kw = 1e9 if poll.act == "garbage" else (poll.used - 4) * 5.0
        measured = self.register is not None and not absent
        return Reading(
            self.spec.name,
            host.wall_ms,
            {ENERGY: shown} if measured else {},
            {} if absent else {"active_power": power_kw, "voltage": 230.0, "current": 5.0},
            (ENERGY,) if absent else (),
            serial=self.serial,
            uptime_s=self.up_s,
            age_ms=900_001 if poll.act == "stale" else 0,
            boot=host.boot,
            mono_ms=host.mono_ms,
            quality=QUESTIONABLE if poll.act == "doubtful" else GOOD,
        )

    def _shown(self, turn: Round, poll: Poll) -> int:
        """Use what was used; return what the dial seems to show."""
        if self.register is None:
            return 0
        count, modulus = self.register.count, self.register.modulus
        most = (self.register.per_hour or 1000 * KWH) * turn.wait_s // 3600
        used = 3 * most if poll.act == "jump" else most * poll.used // 16
        self.dial += used // count * count
        if poll.act in ("reset", "restart"):
            self.dial = poll.value % 4 * count
        if modulus is not None:
            self.dial %= modulus
        lies = {
            "zero": 0,
            "garbage": poll.value * count % (modulus or 4 * self.dial + 10**7 * count),
            "near": self.dial + (poll.value % 5 - 2) * most // 2 // count * count,
            "torn": self.dial + (1 if poll.value % 2 else -1) * 65_536 * count,
            "jitter": self.dial - poll.value % 4 * count,
        }
        return lies.get(poll.act, self.dial)


def inputs(specs: list[MeterSpec], life: list[Round], clock: str) -> list[list[Input]]:
    """Each round's inputs, in the order of the meters; a tick comes first."""
    host, devices = Host(clock), [Device(spec) for spec in specs]
    heard: list[list[Input]] = []
    for turn in life:
        host.wait(turn)
        told: list[Input] = [Tick(host.wall_ms)] if turn.host == "tick" else []
        for device, poll in zip(devices, turn.polls, strict=True):
            told += device.answer(turn, poll, host)
        heard.append(told)
    return heard
