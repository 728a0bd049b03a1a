"""Looking around on a Modbus line: which units answer, what they are, and what they measure.

Units are asked one after the other, each once, with a short timeout, so that a line on which
nobody answers is done in a known time. One that answers tells its identification, is looked at
for SunSpec models, and is read as each packaged profile would; the profile whose values obey
physics best is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from meterd.config.points import ModbusDevice, ModbusPoint
from meterd.config.sunspec import INVERTERS, METERS, SunSpecConfig
from meterd.events import Reading
from meterd.readers.found import Found, FoundPoint, slug
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus import plausible, sunspec
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.sunspec_unit import SunSpecUnit
from meterd.readers.modbus.talk import Talk
from meterd.readers.modbus.turns import Ask
from meterd.readers.modbus.unit import Unit
from meterd.units import canonical_unit

UNREACHABLE: Final = (10, 11)
"""Exceptions of a gateway for a unit that is not there."""
STRANGERS: Final = (246, 247)
"""Unit ids that hardly anybody has: a device that answers for both answers for all."""
SILENCES_MAX: Final = 3
"""After so many requests without an answer a unit is not asked for other profiles."""
ENOUGH: Final = 3.0
"""A profile with less evidence is not proposed."""
SHOWN: Final = 4
"""So many other profiles that fit as well are named."""
_GATES: Final = ("frequency", "voltage_l1", "voltage", "voltage_l12")


class Candidate(NamedTuple):
    """A profile that a unit could have. makes: words that may be in its identification."""

    name: str
    device: ModbusDevice
    makes: tuple[str, ...]


class Fit(NamedTuple):
    """How well a profile fits a unit."""

    candidate: Candidate
    score: float
    reading: Reading


async def scan(
    talk: Talk, units: Iterable[int], candidates: Iterable[Candidate], around: Surroundings
) -> tuple[list[Found], list[str]]:
    """The units that answer, as meters, and what else was noticed.

    Raises ReadFailed if the line itself cannot be used.
    """
    look = _Look(talk, tuple(candidates), around)
    found: list[Found] = []
    noticed: list[str] = []
    wanted = list(units)
    if {*STRANGERS} <= set(wanted) and all([await look.answers(unit) for unit in STRANGERS]):
        noticed.append("it answers for every unit id, so only the first is looked at")
        wanted = wanted[:1]
    for unit in wanted:
        try:
            if await look.answers(unit):
                found += await look.at(unit)
        except ReadFailed as failure:
            if failure.link_down:
                raise
            noticed.append(f"unit {unit}: {failure}")
    return found, noticed


class _Look:
    """A look at one unit after the other."""

    def __init__(self, talk: Talk, candidates: tuple[Candidate, ...], around: Surroundings) -> None:
        self._talk = talk
        self._candidates = candidates
        self._around = around

    async def answers(self, unit: int) -> bool:
        """Whether somebody answers; ReadFailed for noise, and for a line that is down."""
        try:
            await self._talk.words(unit, "holding", 0, 1)
        except RefusedError as refusal:
            return refusal.code not in UNREACHABLE
        except ReadFailed as failure:
            if failure.reason != "timeout":
                raise
            return False
        return True

    async def at(self, unit: int) -> list[Found]:
        """What the unit is; several, if its SunSpec map has several meters."""
        identity = await self._identity(unit)
        title = " ".join((f"unit {unit}:", *identity)) if identity else f"unit {unit}"
        solar = await self._solar(unit, title)
        return solar or [await self._matched(unit, title, identity)]

    async def _identity(self, unit: int) -> tuple[str, ...]:
        try:
            return await self._talk.identity(unit)
        except (RefusedError, ReadFailed) as error:
            if getattr(error, "link_down", False):
                raise
            return ()

    async def _solar(self, unit: int, title: str) -> list[Found]:
        async def words(address: int, count: int) -> tuple[int, ...]:
            return await self._talk.words(unit, "holding", address, count)

        try:
            models = await sunspec.walk(words)
        except ReadFailed as failure:
            if failure.link_down:
                raise
            return []
        found: list[Found] = []
        for name, ids in (("sunspec/meter", METERS), ("sunspec/inverter", INVERTERS)):
            there = [model.id for model in models if model.id in ids]
            for number, model in enumerate(there, 1):
                instance = number if len(there) > 1 else None
                said = f"{title}, SunSpec model {model}"
                found += await self._sunspec_meter(unit, said, (name, instance))
        return found

    async def _sunspec_meter(
        self, unit: int, title: str, which: tuple[str, int | None]
    ) -> list[Found]:
        name, instance = which
        profile = next((one for one in self._candidates if one.name == name), None)
        if profile is None:
            return []
        wanted = SunSpecConfig(instance=instance).over(profile.device.sunspec)
        device = msgspec.structs.replace(profile.device, unit=unit, sunspec=wanted)
        reader = SunSpecUnit(device, (), self._talk.transport, lambda: 0)
        try:
            reading = await reader.read(self._talk.ask, self._around)
        except ReadFailed as failure:
            if failure.link_down:
                raise
            return []
        keys = {} if instance is None else {"sunspec": {"instance": instance}}
        suffix = "" if instance is None else f"-{instance}"
        label = f"{slug(name, '-')}-{unit}{suffix}"
        return [Found(label, unit, title, _values(device, reading), name, keys)]

    async def _matched(self, unit: int, title: str, identity: tuple[str, ...]) -> Found:
        fits = await self._fits(unit, identity)
        if not fits:
            return Found(f"unit-{unit}", unit, f"{title}, which no packaged profile fits", ())
        best = fits[0]
        others = [fit.candidate.name for fit in fits[1:] if fit.score >= best.score - 1][:SHOWN]
        if others:
            title += f"; as likely {', '.join(others)}"
        name = best.candidate.name
        points = _values(best.candidate.device, best.reading)
        return Found(f"{slug(name, '-')}-{unit}", unit, title, points, name)

    async def _fits(self, unit: int, identity: tuple[str, ...]) -> list[Fit]:
        """The profiles that fit, the best first."""
        asking = _Remembered(self._talk.ask)
        said = " ".join(identity).lower()
        found: list[Fit] = []
        for candidate in self._candidates:
            if asking.silences >= SILENCES_MAX:
                break
            if candidate.device.sunspec.models:
                continue
            device = msgspec.structs.replace(candidate.device, unit=unit)
            reading = await self._tried(device, asking.ask)
            if reading is not None:
                named = any(make in said for make in candidate.makes)
                points = 0.05 * (len(device.points) - 2 * len(reading.missing))
                score = plausible.score(plausible.claims(plausible.values_of(reading)))
                if score >= ENOUGH:
                    found.append(Fit(candidate, score + points + 5 * named, reading))
        return sorted(found, key=lambda fit: -fit.score)

    async def _tried(self, device: ModbusDevice, ask: Ask) -> Reading | None:
        """The unit as the profile reads it, if its first volts or hertz are likely."""
        gates = {point.quantity: point for point in device.points}
        first = next((gates[name] for name in _GATES if name in gates), None)
        try:
            if first is not None and not await self._likely(device, first, ask):
                return None
            unit = Unit(device, (), self._talk.transport)
            return await unit.read(ask, self._around)
        except ReadFailed as failure:
            if failure.link_down:
                raise
            return None

    async def _likely(self, device: ModbusDevice, point: ModbusPoint, ask: Ask) -> bool:
        alone = msgspec.structs.replace(device, points=(point,))
        reading = await Unit(alone, (), self._talk.transport).read(ask, self._around)
        return any(one.weight > 0 for one in plausible.claims(plausible.values_of(reading)))


class _Remembered:
    """Asks the same only once, since many profiles begin with the same words. Its memory ends
    with the unit's look. silences: requests that were not answered."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, bytes | RefusedError | ReadFailed] = {}
        self.silences = 0

    async def ask(self, request: object) -> bytes:
        """As Ask."""
        key = str(request)
        if key not in self._known:
            try:
                self._known[key] = await self._ask(request)
            except RefusedError as refusal:
                self._known[key] = refusal
            except ReadFailed as failure:
                if failure.link_down:
                    raise
                self.silences += 1
                self._known[key] = failure
        answer = self._known[key]
        if isinstance(answer, bytes):
            return answer
        raise answer


def _values(device: ModbusDevice, reading: Reading) -> tuple[FoundPoint, ...]:
    """The points that have a value, with it."""
    values: Mapping[str, float] = plausible.values_of(reading)
    return tuple(
        FoundPoint(quantity, {}, "", values[quantity], canonical_unit(quantity) or "")
        for quantity in (point.quantity for point in device.points)
        if quantity in values
    )
