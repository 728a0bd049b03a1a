"""What is there on a connection: its devices, and the meters they could be, as YAML.

Every value is read once, so that a unit or a scale that is wrong is seen before it is billed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import msgspec

from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.printing import as_json
from meterd.cli.site import known, whole
from meterd.clock import SystemClock
from meterd.config.bacnet import BacnetLink, bacnet_link
from meterd.config.connections import Bacnet, Snmp
from meterd.config.models import Config
from meterd.config.snmp import SnmpLink, snmp_link
from meterd.readers.found import Found, proposed
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.protocols import reader


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("connection", metavar="CONNECTION")
    parser.add_argument(
        "--at", action="append", default=[], metavar="ADDRESS", help="look there, too"
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
    link = _link(config, name)
    if args.ede is not None:
        found, failures = _from_file(args.ede)
    else:
        around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311
        scan = reader(link.protocol).scan
        try:
            found, failures = asyncio.run(scan(link, [*args.at, *args.range], around))
        except ReadFailed as error:
            raise CliError(f"{name}: {error}", FINDING) from error
    for failure in failures:
        print(failure, file=sys.stderr)
    _print(args, name, found)
    return DONE if found else FINDING


def _link(config: Config, name: str) -> BacnetLink | SnmpLink:
    """The connection as its reader takes it, with the meters it has, if any."""
    link = config.connections[name]
    if isinstance(link, Bacnet):
        return bacnet_link(config, name, link)
    if isinstance(link, Snmp):
        return snmp_link(config, name, link)
    raise CliError(f"{name} speaks {link.protocol}, which cannot be scanned yet", USAGE)


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
