"""A profile held against a device: one that is simulated from it, or words from a recording."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from meterd.cli.exits import USAGE, CliError
from meterd.clock import SystemClock
from meterd.config import yaml
from meterd.config.links import limited
from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint
from meterd.config.profiles import Profile
from meterd.events import Reading
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus_tcp import read_once
from meterd.sim.modbus_server import TABLES, ModbusServer, Unit
from meterd.sim.profile_device import load, refresh, shown
from meterd.sim.sunspec_device import placed, write_map
from meterd.units import UNITS, canonical_unit, from_amount

AT_S: Final = 1234.5
"""How long after its start the simulated device is looked at."""
NEAR: Final = Decimal("1e-6")
"""A gauge is a float; so near, relatively, it is the same."""
_HALF: Final = Decimal("0.5")


def trial(
    profile: Profile, points: tuple[ModbusPoint, ...], recording: Path | None
) -> list[dict[str, Any]]:
    """The rows of a trial with a Modbus device."""
    if recording is None:
        unit, expected, steps = _simulated(profile, points)
    else:
        unit, expected = _recorded(recording)
        steps = dict.fromkeys(expected, Decimal(0))
    try:
        reading = asyncio.run(_read(profile, points, unit))
    except ReadFailed as error:
        raise CliError(f"the device cannot be read: {error}") from error
    return rows(reading, {name: (value, steps[name]) for name, value in expected.items()})


def rows(
    reading: Reading,
    expected: Mapping[str, tuple[Decimal, Decimal]],
    own: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """One row a quantity: what was expected, what was read, and whether they agree.

    expected: quantity -> value, and the step in which the device tells it; canonical units.
    own: the units of counters that have no canonical one.
    """
    read = _values(reading, own or {})
    return [
        {
            "quantity": quantity,
            "expected": format(value, "f"),
            "read": None if quantity not in read else format(read[quantity], "f"),
            "unit": canonical_unit(quantity),
            "ok": quantity in read and _agree(read[quantity], value, step),
        }
        for quantity, (value, step) in expected.items()
    ]


def _agree(read: Decimal, expected: Decimal, step: Decimal) -> bool:
    return abs(read - expected) <= step * _HALF + abs(expected) * NEAR


def _simulated(
    profile: Profile, points: tuple[ModbusPoint, ...]
) -> tuple[Unit, dict[str, Decimal], dict[str, Decimal]]:
    """The device, what it measures and in which steps it tells so; canonical units."""
    unit, measured = Unit(), load(AT_S)
    if any(point.sunspec for point in points):
        write_map(unit, profile.sunspec)
        points = placed(points, profile.sunspec)
    refresh(unit, points, AT_S)
    known = [point for point in points if point.quantity in measured]
    expected = {point.quantity: Decimal(repr(measured[point.quantity])) for point in known}
    steps = {}
    for point in known:
        value = shown(point, measured)
        per = expected[point.quantity] / value if value else Decimal(1)
        steps[point.quantity] = abs(point.scale * per)
    return unit, expected, steps


def _recorded(path: Path) -> tuple[Unit, dict[str, Decimal]]:
    try:
        root, findings = yaml.parse(path.read_bytes())
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}", USAGE) from error
    content = None if root is None or findings else yaml.plain(root)
    if not isinstance(content, Mapping) or not {"words", "expect"} <= content.keys():
        raise CliError(f"{path} is no recording: it needs `words` and `expect`", USAGE)
    try:
        tables = {
            str(table): {int(first) + n: int(word) for first, run in runs.items()
                         for n, word in enumerate(run)}
            for table, runs in content["words"].items()
        }  # fmt: skip
        expected = {str(name): Decimal(str(value)) for name, value in content["expect"].items()}
    except (ValueError, ArithmeticError, AttributeError, TypeError) as error:
        raise CliError(f"{path}: words and expected values are numbers: {error}", USAGE) from error
    if not tables.keys() <= set(TABLES.values()):
        raise CliError(f"{path}: tables are {', '.join(TABLES.values())}", USAGE)
    return Unit(**tables), expected  # type: ignore[arg-type]  # the tables' names were checked


async def _read(profile: Profile, points: tuple[ModbusPoint, ...], unit: Unit) -> Reading:
    server = ModbusServer({1: unit})
    port = await server.start()
    plain = ModbusDevice(meter="trial", unit=1, points=points, sunspec=profile.sunspec)
    device = limited(plain, profile.limits)
    link = ModbusLink(name="trial", host="127.0.0.1", port=port, devices=(device,))
    around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311 - jitter
    try:
        return await read_once(link, device, (), around)
    finally:
        await server.stop()


def _values(reading: Reading, own: Mapping[str, str]) -> dict[str, Decimal]:
    amounts = {
        quantity: from_amount(amount, UNITS[canonical_unit(quantity) or own.get(quantity) or "1"])
        for quantity, amount in reading.registers.items()
    }
    if reading.uptime_s is not None:
        amounts["uptime"] = Decimal(repr(reading.uptime_s))
    return amounts | {name: Decimal(repr(value)) for name, value in reading.gauges.items()}
