"""One live reading of one meter: every quantity with its unit, and what could not be read."""

from __future__ import annotations

import asyncio
import random
from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.printing import as_json
from meterd.cli.site import known, whole
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.links import links
from meterd.events import Reading
from meterd.metering.calendar import iso
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.protocols import reader
from meterd.shapes.read_rows import rows_of
from meterd.specs import MeterSpec

COLUMNS: Final = ("quantity", "value", "unit")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("meter", metavar="METER")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Exit 1 if the meter does not answer."""
    config = whole(args)
    specs = {spec.name: spec for spec in site_spec(config).meters}
    spec = specs[known("meter", args.meter, specs)]
    for link in links(config):
        for device in link.devices:
            if device.meter == spec.name:
                registers = [register.quantity for register in spec.registers]
                around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311
                read_once = reader(link.protocol).read_once
                try:
                    read_once = reader(link.protocol).read_once
                    reading = asyncio.run(read_once(link, device, registers, around))
                except ReadFailed as error:
                    raise CliError(f"{spec.name}: {error}", FINDING) from error
                _print(args, spec, reading)
                return DONE
    raise CliError(f"{spec.name} is on no connection that can be read now", USAGE)


def _print(args: Namespace, spec: MeterSpec, reading: Reading) -> None:
    rows = rows_of(spec, reading)
    if args.json:
        values = {row["quantity"]: {"value": row["value"], "unit": row["unit"]} for row in rows}
        as_json({"meter": spec.name, "time": iso(reading.at_ms), "quantities": values})
    else:
        put(args, rows, COLUMNS)
