"""Bills made through the commands: add one, change its terms, end it, list them.

The configuration file's bills are read-only here. A change of terms applies from the next
period. Works beside a running daemon, which heeds it at once, and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from meterd.cli.actions import actions
from meterd.cli.books import Known, Order, give, known_books
from meterd.cli.control import actor
from meterd.cli.exits import DONE, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.printing import as_json
from meterd.cli.site import loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.bill_orders import changed, created, ended
from meterd.stores.pages import Page
from meterd.stores.queries import Reader

COLUMNS: Final = (
    "name", "type", "billing_day", "allowance", "currency", "sources", "origin", "ended",
)  # fmt: skip
TERMS: Final = {
    "type": "energy or demand",
    "billing_day": "day of the month that a period begins on, 1..31",
    "allowance": "kWh of an energy bill, kW of a demand bill; none for none",
    "max_source_kw": "believed ceiling of one source",
    "tariff": "one of the configuration's tariffs",
    "currency": "as EUR",
    "grace": "how long after a period late data may still arrive, as 24h",
}
DEMAND: Final = {
    "window": "as 15m",
    "step": "shorter than the window: it rolls",
    "quantity": "kw or kva",
}
NONE: Final = "none"


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    made = actions(
        parser,
        {
            "add": "make a bill; `meterd source add` gives it sources",
            "change": "change its terms, from the next period on",
            "end": "close its period at its end and open no other",
            "list": "every bill and its terms",
        },
    )
    for action in ("add", "change"):
        made[action].add_argument("name", metavar="NAME")
        for option, text in {**TERMS, **DEMAND}.items():
            made[action].add_argument(f"--{option.replace('_', '-')}", metavar="V", help=text)
    made["end"].add_argument("name", metavar="NAME")
    made["list"].add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Exit 1 where it is refused."""
    found = loaded(args)
    path = store_path(found, args.store)
    if args.action == "list":
        put(args, _rows(known_books(path, found)), COLUMNS)
        return DONE
    order = {"add": _add, "change": _change, "end": _end}[args.action](args, path)
    daemon = give(path, found, order)
    did = {"add": "added", "change": "changed", "end": "ended"}[args.action]
    if args.json:
        as_json({did: args.name, "daemon": daemon})
    else:
        print(f"{args.name}: {did}")
    return DONE


def _by() -> tuple[int, str]:
    return SystemClock().now_ms(), actor()


def _add(args: Namespace, _path: str) -> Order:
    body = {"name": args.name, **_terms(args)}
    return Order("POST", "/v1/bills", body, lambda books: created(books, body, _by()))


def _change(args: Namespace, _path: str) -> Order:
    body = _terms(args)
    if not body:
        raise CliError("say what to change, as --allowance 6000", USAGE)
    target = f"/v1/bills/{quote(args.name)}"
    return Order("PATCH", target, body, lambda books: changed(books, args.name, body, _by()))


def _end(args: Namespace, path: str) -> Order:
    def change(books: Any) -> Any:
        with store_errors(), Reader.open(path) as reader:
            first = Page(limit=1)
            sampled = bool(reader.samples(args.name, first) or reader.periods(args.name, first))
        return ended(books, args.name, _by(), sampled=sampled)

    return Order("DELETE", f"/v1/bills/{quote(args.name)}", None, change)


def _terms(args: Namespace) -> dict[str, Any]:
    """What was said, in the words of the file; `none` takes a value away."""
    said = {name: getattr(args, name) for name in TERMS if getattr(args, name) is not None}
    terms: dict[str, Any] = {name: None if text == NONE else text for name, text in said.items()}
    day = terms.get("billing_day")
    if day is not None:
        if not day.isdecimal():
            raise CliError(f"--billing-day is a day of the month, not {day!r}", USAGE)
        terms["billing_day"] = int(day)
    demand = {name: getattr(args, name) for name in DEMAND if getattr(args, name) is not None}
    return terms | ({"demand": demand} if demand else {})


def _rows(known: Known) -> Iterator[dict[str, Any]]:
    for spec in known.site.bills:
        yield {
            "name": spec.name,
            "type": spec.type,
            "billing_day": spec.billing_day,
            "allowance": None if spec.allowance is None else str(spec.allowance),
            "currency": spec.currency,
            "sources": len(spec.sources),
            "origin": "file" if known.books.in_file(spec.name) else "api",
            "ended": spec.ended,
        }
