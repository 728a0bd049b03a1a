"""What the listing verbs have in common: their options, their span, how rows come out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from meterd.cli.exits import USAGE, CliError
from meterd.cli.printing import as_csv, as_table, json_list
from meterd.cli.site import store_argument
from meterd.metering.calendar import Calendar
from meterd.stores.pages import Page


def list_arguments(parser: ArgumentParser, *, span: bool = True) -> None:
    """The options of a listing verb."""
    store_argument(parser)
    parser.add_argument("--csv", action="store_true", help="print CSV")
    if span:
        parser.add_argument("--from", dest="since", metavar="T", help="at or after T (ISO 8601)")
        parser.add_argument("--to", dest="until", metavar="T", help="before T (ISO 8601)")


def instant(text: str | None, zone: str) -> int | None:
    """An instant given on the command line, epoch ms; CliError 2 if it is none.

    zone: the site's, of a date and of a time without an offset.
    """
    if text is None:
        return None
    try:
        return Calendar(zone).parse(text)
    except (ValueError, OverflowError) as error:
        hint = "write 2026-01-31 or 2026-01-31T12:00:00Z"
        raise CliError(f"{text!r} is no time: {error}; {hint}", USAGE) from error


def page(args: Namespace, zone: str) -> Page:
    """The span asked for, as the first page of it."""
    since, until = instant(args.since, zone), instant(args.until, zone)
    first = Page()
    return Page(
        start_ms=first.start_ms if since is None else since,
        end_ms=first.end_ms if until is None else until,
    )


def put(args: Namespace, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as asked. columns: those of the table and the CSV."""
    if args.json:
        json_list(rows)
    elif args.csv:
        as_csv(rows, columns)
    else:
        as_table(rows, columns)
