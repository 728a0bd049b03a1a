"""Tell that the device of a meter was replaced: book the old one's tail, begin the new one.

Values are in the unit of the meter's point. Where the readings have shown the replacement
already, name its time or the new serial number, and what they could not know is added.
Works beside a running daemon and without one; one transaction, one audited event.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any
from urllib.parse import quote

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.offline import engine
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.load import Loaded
from meterd.events import Event
from meterd.shapes.entries import EntryError, refusals, replacement

COLUMNS = ("kind", "quantity", "baseline", "old_final", "new_initial", "booked", "unit", "serial")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("meter", metavar="METER")
    parser.add_argument("--quantity", metavar="Q", help="the counter, where it has several")
    parser.add_argument("--old-final", metavar="V", help="what the old one last showed")
    parser.add_argument("--new-initial", metavar="V", help="what the new one showed at first")
    parser.add_argument("--serial", metavar="S", help="the new one's serial number")
    parser.add_argument("--at", metavar="T", help="when it was replaced (ISO 8601); default: now")
    parser.add_argument(
        "--force", action="store_true", help="believe more use than the ceiling allows"
    )
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Print what was booked for each register; exit 1 where the numbers cannot be."""
    found = loaded(args)
    path = store_path(found, args.store)
    names = ("quantity", "old_final", "new_initial", "serial", "at")
    asked = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.force:
        asked["force"] = True
    answer = ask(path, "POST", f"/v1/meters/{quote(args.meter)}/replace", asked)
    if answer is not None:
        rows = expect_done(answer)["registers"]
    else:
        with store_errors():
            rows = _carry_out(path, found, args.meter, asked)
    put(args, rows, COLUMNS)
    return DONE


def _carry_out(path: str, found: Loaded, meter: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    with engine(path, found) as held:
        specs = {spec.name: spec for spec in held.site.meters}
        spec = specs[known("meter", meter, specs)]
        try:
            order = replacement(spec, asked, SystemClock().now_ms(), actor())
        except EntryError as error:
            raise CliError(str(error), USAGE) from error
        outputs = held.pipeline.answer(order)
    for why in refusals(outputs, meter):
        raise CliError(why, FINDING)
    events = [output for output in outputs if isinstance(output, Event)]
    return [
        {"kind": event.kind, "quantity": event.quantity, **event.numbers}
        for event in events
        if "booked" in event.numbers
    ]
