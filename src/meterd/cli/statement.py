"""The bill as a document: what was used and what it costs, with meter readings and proof.

Plain text unless another format is asked for. Works beside a running daemon and without one,
as of the last commit; of a period that is not closed it is provisional, and says so.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from meterd.cli.bills import bill_row
from meterd.cli.exits import DONE, USAGE, CliError
from meterd.cli.site import Stored, known, store_argument, stored
from meterd.pipeline import Pipeline
from meterd.shapes.periods import NoSuchPeriodError
from meterd.shapes.statement.formats import FORMATS, written
from meterd.shapes.statement.gather import Sheet, gather

TEXT: Final = "text"
OTHERS: Final = tuple(name for name in FORMATS if name not in {TEXT, "json"})


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("bill", metavar="BILL")
    parser.add_argument("--period", metavar="2026-01", help="when it began; default: the newest")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="instead of printing it")
    for name in OTHERS:
        parser.add_argument(f"--{name}", action="store_true", help=f"as {name}")


def run(args: Namespace) -> int:
    """Print it, or write it to the file."""
    asked = [name for name in (*OTHERS, "json") if getattr(args, name)]
    if len(asked) > 1:
        raise CliError(f"--{asked[0]} or --{asked[1]}: one format at a time", USAGE)
    name = asked[0] if asked else TEXT
    if FORMATS[name].binary and args.output is None and sys.stdout.isatty():
        raise CliError(f"--{name} is nothing for a terminal; write it to a file with -o", USAGE)
    with stored(args) as site, site.reader.snapshot():
        document = _document(site, known("bill", args.bill, site.pipeline.bills), name, args.period)
    if args.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(document)
        return DONE
    try:
        args.output.write_bytes(document)
    except OSError as error:
        raise CliError(f"{args.output}: {error.strerror}") from error
    return DONE


def _document(site: Stored, bill: str, name: str, period: str | None) -> bytes:
    states = site.reader.states()  # of the same instant as the rows: a daemon may be at work
    now = Stored(site.site, site.reader, Pipeline(site.site, states))
    sheet = Sheet(site.site, bill_row(now, bill), now.pipeline.state.now_ms)
    try:
        return written(gather(site.reader, sheet, period), name)
    except NoSuchPeriodError as error:
        raise CliError(f"{bill}: {error}", USAGE) from error
