"""`meterd scan` on a Modbus connection: its units, one after the other, politely."""

from __future__ import annotations

import asyncio
import random
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

import msgspec

from meterd.cli.exits import USAGE, CliError
from meterd.clock import SystemClock
from meterd.config.links import Modbus, device_points, limited, modbus_link
from meterd.config.meters import MeterConfig
from meterd.config.points import ModbusDevice, ModbusLink
from meterd.config.profiles import profile_names, read_profile
from meterd.readers.found import Found
from meterd.readers.line import Surroundings
from meterd.readers.modbus.survey import Candidate, scan
from meterd.readers.protocols import reader

UNITS: Final = range(1, 248)
"""All that a serial line can have."""
TIMEOUT_MS: Final = 300
"""What a unit is given to answer: most take less than a tenth."""
_MAKE_MIN: Final = 3  # shorter words stand in too many identifications


def scanned(args: Namespace, name: str, link: Modbus) -> tuple[list[Found], list[str]]:
    """What is there, and what else was noticed; ReadFailed if the line cannot be used."""
    units = _units(args.at)
    timeout_ms = min(link.timeout, TIMEOUT_MS) if args.timeout is None else _ms(args.timeout)
    asked = msgspec.structs.replace(
        modbus_link(name, link), timeout_ms=timeout_ms, max_turnaround_ms=2 * timeout_ms
    )
    print(_said(asked, len(units)), file=sys.stderr)
    around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311 - jitter
    return asyncio.run(_scan(asked, units, (link.pause, around)))


async def _scan(
    link: ModbusLink, units: list[int], given: tuple[int, Surroundings]
) -> tuple[list[Found], list[str]]:
    pause_ms, around = given
    talk = reader(link.protocol).talk(link, pause_ms, around)
    try:
        return await scan(talk, units, candidates(), around)
    finally:
        talk.close()


def _said(link: ModbusLink, units: int) -> str:
    """How long it can take, so that nobody waits in doubt."""
    each_ms = link.timeout_ms if link.protocol == "modbus_tcp" else link.max_turnaround_ms
    at_most_s = units * each_ms / 1000
    return f"{link.name}: asking {units} units; {at_most_s:.0f} s at most if nobody answers."


def _ms(seconds: float) -> int:
    if not 0.01 <= seconds <= 60:
        raise CliError(f"--timeout {seconds:g}: from 0.01 to 60 seconds", USAGE)
    return round(1000 * seconds)


def _units(at: list[str]) -> list[int]:
    """The unit ids asked for, as in 1-20 or 5; all of them if none is."""
    found: list[int] = []
    for text in at:
        first, _dash, last = text.partition("-")
        ends = (first, last or first)
        if not all(end.isdecimal() and int(end) <= 255 for end in ends):
            raise CliError(f"--at {text}: write a unit id or a range, as in 5 or 1-20", USAGE)
        found += range(int(first), int(last or first) + 1)
    return found or list(UNITS)


def candidates() -> list[Candidate]:
    """The packaged profiles of Modbus devices."""
    found = []
    for name in profile_names():
        profile, _findings = read_profile(name, Path())
        if profile is None or profile.protocol != "modbus":
            continue
        meter = MeterConfig(name=name, points=profile.points)
        plain = ModbusDevice(
            meter=name, unit=0, points=device_points(meter), sunspec=profile.sunspec
        )
        words = {profile.make, *profile.models, *profile.make.split()}
        makes = tuple(sorted(word.lower() for word in words if len(word) >= _MAKE_MIN))
        found.append(Candidate(name, limited(plain, profile.limits), makes))
    return found
