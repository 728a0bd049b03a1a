"""Sources of bills: candidates with their current readings, add, remove, enable, disable, list.

Adding shows what the source reads now and asks, so that it is the right one; --yes does not ask.
Works beside a running daemon, which heeds it at once, and without one.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from meterd.cli.actions import actions
from meterd.cli.books import Known, Order, give, known_books
from meterd.cli.control import actor
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.printing import as_json
from meterd.cli.site import known as expect_known
from meterd.cli.site import loaded, store_argument, store_path
from meterd.clock import SystemClock
from meterd.config.bill_books import attached
from meterd.config.source_orders import added, disabled, enabled, removed
from meterd.shapes.candidates import of_site

CANDIDATES: Final = ("meter", "kind", "phase", "method", "reading", "time", "bills")
SOURCES: Final = ("bill", "meter", "kind", "phase", "enabled", "origin", "reading")
DID: Final = {"add": "added", "remove": "removed", "enable": "enabled", "disable": "disabled"}


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    made = actions(
        parser,
        {
            "candidates": "every meter and kind, with its current reading",
            "list": "the sources of the bills",
            "add": "add a source to a bill, after showing its current reading",
            "remove": "take a source off a bill; what it has used stays billed",
            "enable": "sample a source again",
            "disable": "sample a source no more, and keep it",
        },
    )
    made["candidates"].add_argument("--meter", metavar="METER")
    made["list"].add_argument("bill", metavar="BILL", nargs="?")
    for action in ("candidates", "list"):
        made[action].add_argument("--csv", action="store_true", help="print CSV")
    for action in DID:
        made[action].add_argument("bill", metavar="BILL")
        made[action].add_argument("meter", metavar="METER")
        made[action].add_argument("--kind", choices=("energy", "power", "volt_ampere", "best"))
        made[action].add_argument("--phase", choices=("l1", "l2", "l3"))
    made["add"].add_argument("--disabled", action="store_true", help="add it, and do not sample it")
    made["add"].add_argument("--yes", action="store_true", help="do not ask")


def run(args: Namespace) -> int:
    """Exit 1 where it is refused, or not agreed to."""
    found = loaded(args)
    path = store_path(found, args.store)
    known = known_books(path, found)
    if args.action == "candidates":
        rows = list(_candidates(known, args.meter))
        for row in rows if not args.json else ():
            row["bills"] = " ".join(row["bills"]) or None
        put(args, rows, CANDIDATES)
        return DONE
    names = [bill.name for bill in known.site.bills]
    if args.bill is not None:
        expect_known("bill", args.bill, names)
    if args.action == "list":
        put(args, (row for name in names for row in _listed(known, name, args.bill)), SOURCES)
        return DONE
    if args.action == "add":
        _show(args, known)
    daemon = give(path, found, _order(args))
    if args.json:
        as_json({DID[args.action]: args.meter, "bill": args.bill, "daemon": daemon})
    else:
        print(f"{args.bill}: {args.meter} {DID[args.action]}")
    return DONE


def _order(args: Namespace) -> Order:
    """What was asked, in the API's words, and as a decision."""
    by = SystemClock().now_ms(), actor()
    bill, sources = args.bill, f"/v1/bills/{quote(args.bill)}/sources"
    if args.action == "add":
        body = {"meter": args.meter, "kind": args.kind or "best"}
        body |= {"phase": args.phase} if args.phase else {}
        body |= {"enabled": False} if args.disabled else {}
        return Order("POST", sources, body, lambda books: added(books, bill, body, by))
    kind = "" if args.kind in {None, "best"} else args.kind
    place = (args.meter, kind, args.phase or "")
    asked = {name: text for name, text in (("kind", kind), ("phase", args.phase)) if text}
    target = f"{sources}/{quote(args.meter)}" + (f"?{urlencode(asked)}" if asked else "")
    if args.action == "remove":
        return Order("DELETE", target, None, lambda books: removed(books, bill, place, by))
    on = args.action == "enable"
    turn = enabled if on else disabled
    return Order("PATCH", target, {"enabled": on}, lambda books: turn(books, bill, place, by))


def _show(args: Namespace, known: Known) -> None:
    """Show what the source reads now, and have it agreed to."""
    expect_known("meter", args.meter, [spec.name for spec in known.site.meters])
    wanted = args.kind or "best"
    for row in _candidates(known, args.meter):
        if wanted in {"best", row["kind"]} and row["phase"] == args.phase:
            break
    else:
        return  # it is refused, and told why
    phase = f" of {args.phase}" if args.phase else ""
    told = f"{args.meter}, {row['kind']}{phase} ({row['method']}): {row['reading']}"
    print(told, file=sys.stderr)
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise CliError("nobody is here to agree; say --yes", USAGE)
    print(f"Add it to {args.bill}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CliError("not added", FINDING)


def _candidates(known: Known, meter: str | None) -> Iterator[dict[str, Any]]:
    if meter is not None:
        expect_known("meter", meter, [spec.name for spec in known.site.meters])
    return of_site(known.site, known.meters, meter)


def _listed(known: Known, bill: str, wanted: str | None) -> Iterator[dict[str, Any]]:
    readings = {
        (row["meter"], row["kind"], row["phase"] or ""): row["reading"]
        for row in _candidates(known, None)
    }
    for source in attached(known.books, bill) if wanted in {None, bill} else ():
        meter, kind, phase = source.place
        yield {
            "bill": bill,
            "meter": meter,
            "kind": kind,
            "phase": phase or None,
            "enabled": source.enabled,
            "origin": source.origin,
            "reading": readings.get(source.place),
        }
