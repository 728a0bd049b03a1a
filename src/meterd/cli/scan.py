"""What is there on a connection: its devices, and the meters they could be, as YAML.

Every value is read once, so that a unit or a scale that is wrong is seen before it is billed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.printing import as_json
from meterd.cli.scan_modbus import scanned
from meterd.cli.site import known, whole
from meterd.clock import SystemClock
from meterd.config.bacnet import BacnetLink, bacnet_link
from meterd.config.connections import Bacnet, Snmp
from meterd.config.links import Modbus
from meterd.config.snmp import SnmpLink, snmp_link
from meterd.readers.found import Found, proposed
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.protocols import reader


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("connection", metavar="CONNECTION")
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="BACnet: look there, too; SNMP: there; Modbus: only these unit ids, as in 5 or 1-20",
    )
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="Modbus: of each request; default 0.3"
    )
    parser.add_argument(
        "--range", action="append", default=[], metavar="A.B.C.D/N",
        help="look at every address of a range (SNMP)",
    )  # fmt: skip
    parser.add_argument(
        "--ede", metavar="FILE", type=Path, help="take the points from an EDE file, ask nobody"
    )


def run(args: Namespace) -> int:
    """Exit 1 if nothing is found."""
    config = whole(args)
    name = known("connection", args.connection, config.connections)
    link = config.connections[name]
    if isinstance(link, Modbus):
        look = partial(scanned, args, name, link)
    elif isinstance(link, Snmp):
        look = partial(_asked, args, snmp_link(config, name, link))
    elif not isinstance(link, Bacnet):
        raise CliError(f"{name} speaks {link.protocol}, which cannot be scanned yet", USAGE)
    elif args.ede is not None:
        look = partial(_from_file, args.ede)
    else:
        look = partial(_asked, args, bacnet_link(config, name, link))
    try:
        found, failures = look()
    except ReadFailed as error:
        raise CliError(f"{name}: {error}", FINDING) from error
    for failure in failures:
        print(failure, file=sys.stderr)
    _print(args, name, found)
    return DONE if found else FINDING


def _asked(args: Namespace, link: BacnetLink | SnmpLink) -> tuple[list[Found], list[str]]:
    around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311 - jitter
    found: tuple[list[Found], list[str]] = asyncio.run(
        reader(link.protocol).scan(link, [*args.at, *args.range], around)
    )
    return found


def _from_file(path: Path) -> tuple[list[Found], list[str]]:
    from meterd.readers.bacnet_ip import ede  # noqa: PLC0415 - only if there is a file

    try:
        return ede.meters(path.read_bytes().decode("utf-8-sig", "replace"))
    except (OSError, ede.EdeError) as error:
        raise CliError(f"{path}: {error}", FINDING) from error


def _print(args: Namespace, connection: str, found: list[Found]) -> None:
    if args.json:
        rows: Any = msgspec.to_builtins(found)
        as_json(rows)
        return
    if not found:
        print("Nothing answers.", file=sys.stderr)
        return
    print("meters:")
    for one in found:
        print("\n".join(proposed(connection, one)))
