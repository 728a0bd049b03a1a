"""The alarms that stand: what was read beyond its threshold, stale meters, calibrations due."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, put
from meterd.cli.site import known, stored
from meterd.shapes import alarm_rows

COLUMNS: Final = (
    "meter", "alarm", "severity", "since", "value", "limit", "unit", "field", "acknowledged_by",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser, span=False)
    parser.add_argument("--meter", metavar="NAME", help="of this meter only")


def run(args: Namespace) -> int:
    """Print them, in the order of the configuration."""
    with stored(args) as found:
        meters = found.pipeline.meters
        names = meters if args.meter is None else [known("meter", args.meter, meters)]
        rows = alarm_rows({name: found.pipeline.meter_view(name) for name in names})
    put(args, rows, COLUMNS)
    return DONE
