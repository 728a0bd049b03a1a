"""Try word orders, addresses, types and scales on a Modbus meter, and show which obeys physics.

The meter's words are read twice. Of everything they could mean, what gives likely voltages and
frequencies, a power that is volts times amperes, and counters that rise at its rate comes
first, with the points as they would be written. Exit 1 if that is not what the file says.
"""

from __future__ import annotations

import asyncio
import random
import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Final

import msgspec

from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.printing import as_json
from meterd.cli.site import known, whole
from meterd.clock import SystemClock
from meterd.config.links import Modbus, modbus_device, modbus_link
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import ModbusDevice, ModbusPoint
from meterd.readers.found import Found, FoundPoint, proposed
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus.guesses import Guess, judgeable
from meterd.readers.modbus.options import OTHER
from meterd.readers.modbus.probing import probe
from meterd.readers.protocols import reader
from meterd.units import canonical_unit

SECONDS: Final = 10.0
BEST: Final = 5
"""So many guesses are shown."""
COLUMNS: Final = (
    "rank", "score", "obeys", "table", "shift", "word_order", "byte_order", "changed",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("meter", metavar="METER")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="between the two readings; default 10"
    )
    parser.add_argument("--csv", action="store_true", help="print the ranking as CSV")


def run(args: Namespace) -> int:
    """Exit 1 if something else obeys physics better than what the file says."""
    config = whole(args)
    names = {meter.name: meter for meter in config.meters}
    meter = names[known("meter", args.meter, names)]
    device, guesses = _guesses(config, meter, max(0.0, args.seconds))
    if not guesses:
        raise CliError(f"{meter.name}: it answers, and no point of it gives a value", FINDING)
    found = guesses[:BEST]
    rows = [_row(device, guess, rank) for rank, guess in enumerate(found, 1)]
    if args.json:
        points = [_points(meter, device, guess) for guess in found]
        ranking = [row | {"points": each} for row, each in zip(rows, points, strict=True)]
        as_json({"meter": meter.name, "seconds": args.seconds, "ranking": ranking})
    else:
        put(args, rows, COLUMNS)
        if not args.csv:
            _say(meter, device, found[0])
    return DONE if rows[0]["changed"] == "" else FINDING


def _guesses(
    config: Config, meter: MeterConfig, seconds: float
) -> tuple[ModbusDevice, list[Guess]]:
    name, link = str(meter.connection), config.connections.get(meter.connection or "")
    if not isinstance(link, Modbus):
        raise CliError(f"{meter.name} is not read over Modbus, so there is no order to try", USAGE)
    device = modbus_device(meter, link)
    if not any(judgeable(point) for point in device.points):
        what = "has no point whose meaning physics could tell"
        raise CliError(f"{meter.name} {what} (SunSpec devices say it themselves)", USAGE)
    clock = SystemClock()
    around = Surroundings(clock, lambda _: None, random.Random())  # noqa: S311 - jitter

    async def ask() -> list[Guess]:
        talk = reader(link.protocol).talk(modbus_link(name, link), device.pause_ms, around)
        try:
            return await probe(talk, device, seconds, clock)
        finally:
            talk.close()

    try:
        return device, asyncio.run(ask())
    except ReadFailed as error:
        raise CliError(f"{meter.name}: {error}", FINDING) from error


def _row(device: ModbusDevice, guess: Guess, rank: int) -> dict[str, Any]:
    frame = guess.frame
    return {
        "rank": rank,
        "score": round(guess.score, 1),
        "obeys": f"{guess.obeys} of {len(guess.claims)}",
        "table": "the other" if frame.swapped else "as declared",
        "shift": frame.shift,
        "word_order": frame.word_order,
        "byte_order": frame.byte_order,
        "changed": ", ".join(_changed(device, guess)),
    }


def _declared(device: ModbusDevice) -> dict[str, ModbusPoint]:
    return {point.quantity: point for point in device.points}


def _changed(device: ModbusDevice, guess: Guess) -> list[str]:
    """The points whose keys would be other than they are declared."""
    declared = _declared(device)
    return [one.quantity for one in guess.points if _keys(one) != _keys(declared[one.quantity])]


def _keys(point: ModbusPoint) -> dict[str, Any]:
    """What tells where the value is and what it is; orders only where there is something to
    order."""
    several = point.type not in ("int16", "uint16", "bcd16")
    return {
        "table": point.table,
        "address": point.address,
        "type": point.type,
        "word_order": point.word_order if several else "big",
        "byte_order": point.byte_order,
        "scale": point.scale,
    }


def _points(meter: MeterConfig, device: ModbusDevice, guess: Guess) -> dict[str, dict[str, Any]]:
    """Every judged point as it would be written, its value now, and what speaks of it."""
    said = {one.quantity: f"{'+' if one.weight > 0 else '-'} {one.why}" for one in guess.claims}
    found = {}
    for point in guess.points:
        unit = canonical_unit(point.quantity) or ""
        found[point.quantity] = {
            "keys": _written(meter, device, point),
            "value": guess.values.get(point.quantity),
            "unit": unit,
            "physics": said.get(point.quantity),
        }
    return found


def _written(meter: MeterConfig, device: ModbusDevice, point: ModbusPoint) -> dict[str, Any]:
    """The point's keys in the file, with those of the guess; defaults are left out."""
    config = meter.points[point.quantity]
    ratio = point.scale / _declared(device)[point.quantity].scale
    keys = _keys(point) | {"scale": format((config.scale or 1) * ratio, "f")}
    defaults = {"word_order": "big", "byte_order": "big", "scale": "1"}
    new = {key: value for key, value in keys.items() if value != defaults.get(key)}
    kept = {key: value for key, value in config.said().items() if key not in keys}
    return new | {key: msgspec.to_builtins(value) for key, value in kept.items()}


def _say(meter: MeterConfig, device: ModbusDevice, best: Guess) -> None:
    """The best guess as points of the file."""
    sys.stdout.flush()
    points = tuple(
        FoundPoint(name, one["keys"], one["physics"] or "", one["value"], one["unit"])
        for name, one in _points(meter, device, best).items()
    )
    where = f"table {'other than' if best.frame.swapped else 'as'} declared"
    title = f"{where}, addresses {best.frame.shift:+d}" if best.frame.shift else where
    found = Found(meter.name, meter.address or 0, title, points)
    print("\nmeters:")
    print("\n".join(proposed(str(meter.connection), found)))
    left = [one.quantity for one in device.points if not judgeable(one) and one.table in OTHER]
    if left:
        print(f"  # physics says nothing of {', '.join(left)}")
