"""A profile held against an SNMP agent: one that is simulated from it, or a recording."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from meterd.cli.exits import USAGE, CliError
from meterd.cli.profile_trial import AT_S
from meterd.clock import SystemClock
from meterd.config import yaml
from meterd.config.meters import MeterConfig
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint, snmp_points
from meterd.events import Reading
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.snmp import read_once
from meterd.sim.profile_device import load
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_ber import TAGS, Value, number, object_id, text
from meterd.sim.snmp_device import identity, objects, step
from meterd.units import TEXTS, UNITS, canonical_unit

Expected = dict[str, tuple[Decimal, Decimal]]
"""Quantity -> what it should be, and in which steps it is told; canonical units."""


def agent(meter: MeterConfig, recording: Path | None) -> tuple[Reading, Expected]:
    """What is read of an agent that has the meter's points, and what should be."""
    points = snmp_points(meter)
    if recording is None:
        values = objects(points, AT_S) | identity(meter.name, "", AT_S)
        expected = _expected(points, AT_S)
    else:
        values, expected = _recorded(recording)
    try:
        return asyncio.run(_read(meter, points, values)), expected
    except ReadFailed as error:
        raise CliError(f"the agent cannot be read: {error}") from error


def _expected(points: tuple[SnmpPoint, ...], at_s: float) -> Expected:
    measured, found = load(at_s), {}
    for point in points:
        canonical = canonical_unit(point.quantity)
        if point.quantity in measured and canonical is not None:
            by = UNITS[point.unit or canonical].factor / UNITS[canonical].factor
            count = abs(step(point, points)) * by.numerator / by.denominator
            found[point.quantity] = Decimal(repr(measured[point.quantity])), count
    return found


def _recorded(path: Path) -> tuple[dict[str, Value], Expected]:
    try:
        root, findings = yaml.parse(path.read_bytes())
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}", USAGE) from error
    content = None if root is None or findings else yaml.plain(root)
    if not isinstance(content, Mapping) or not {"varbinds", "expect"} <= content.keys():
        raise CliError(f"{path} is no recording: it needs `varbinds` and `expect`", USAGE)
    try:
        values = {str(oid): _value(*said) for oid, said in content["varbinds"].items()}
        numbers = {str(name): _number(value) for name, value in content["expect"].items()}
    except (ValueError, ArithmeticError, AttributeError, TypeError, KeyError) as error:
        said = f"{path}: varbinds are [type, value], expected values numbers: {error}"
        raise CliError(said, USAGE) from error
    return values, {
        name: (value, Decimal(0))
        for name, value in numbers.items()
        if value is not None and name not in TEXTS
    }


def _value(kind: str, said: Any) -> Value:
    if kind == "octets":
        return text(str(said))
    if kind == "oid":
        return object_id(str(said))
    return number({kind: kind for kind in TAGS}[kind], int(said))


def _number(said: Any) -> Decimal | None:
    """What is expected, None for a text."""
    try:
        return Decimal(str(said))
    except ArithmeticError:
        return None


async def _read(
    meter: MeterConfig, points: tuple[SnmpPoint, ...], values: dict[str, Value]
) -> Reading:
    served = SnmpAgent(values)
    port = await served.start()
    device = SnmpDevice(meter=meter.name, host="127.0.0.1", port=port, points=points)
    link = SnmpLink(name="trial", login=SnmpLogin(community=Secret("public")), devices=(device,))
    around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311 - jitter
    try:
        return await read_once(link, device, meter.counters, around)
    finally:
        await served.stop()
