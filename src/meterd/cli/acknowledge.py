"""Say that an alarm was seen, and by whom; it stands until its condition is over all the same.

meterd acknowledge main
meterd acknowledge main load/critical --note "fan ordered"

Works beside a running daemon and without one; an audited event.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any, Final
from urllib.parse import quote

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, CliError
from meterd.cli.listing import put
from meterd.cli.offline import engine
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.load import Loaded
from meterd.events import Event
from meterd.metering.acknowledge import ACKNOWLEDGED
from meterd.orders import Acknowledged
from meterd.shapes.entries import refusals

COLUMNS: Final = ("alarm", "severity", "since")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("meter", metavar="METER")
    parser.add_argument("alarm", metavar="ALARM", nargs="?", default="", help="default: all of it")
    parser.add_argument("--note", metavar="TEXT", default="", help="what there is to say of it")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Print the alarms that nobody had acknowledged before; exit 1 where none stands."""
    found = loaded(args)
    path = store_path(found, args.store)
    asked = {"alarm": args.alarm, "note": args.note}
    answer = ask(path, "POST", f"/v1/meters/{quote(args.meter)}/acknowledge", asked)
    if answer is not None:
        rows = expect_done(answer)["alarms"]
    else:
        with store_errors():
            rows = _carry_out(path, found, args.meter, asked)
    put(args, rows, COLUMNS)
    return DONE


def _carry_out(path: str, found: Loaded, meter: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    with engine(path, found) as held:
        known("meter", meter, {spec.name for spec in held.site.meters})
        order = Acknowledged(meter, SystemClock().now_ms(), actor(), **asked)
        outputs = held.pipeline.answer(order)
    for why in refusals(outputs, meter):
        raise CliError(why, FINDING)
    events = [one for one in outputs if isinstance(one, Event) and one.kind == ACKNOWLEDGED]
    return [{name: one.numbers[name] for name in COLUMNS} for one in events]
