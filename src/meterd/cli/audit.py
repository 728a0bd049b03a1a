"""Prove that the books balance: every counter, every record, every closed period."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE, FINDING
from meterd.cli.printing import as_json, as_table
from meterd.cli.site import store_argument, stored
from meterd.pipeline import Pipeline
from meterd.stores.audit import audit

COLUMNS: Final = (
    "meter", "quantity", "first", "last", "rolled_over", "replaced", "booked", "unbilled",
    "difference",
)  # fmt: skip

_DIFFERENCE: Final = ("bill", "period", "record", "figure", "stored", "computed")
_RECORD: Final = ("configuration", "recorded", "not_recorded", "difference")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """Exit 1 and the difference where they do not."""
    with stored(args) as site, site.reader.snapshot():
        states = site.reader.states()  # of the same instant as the rows: a daemon may be at work
        found = audit(site.reader, Pipeline(site.site, states))
    if args.json:
        as_json(found)
    else:
        as_table(found["counters"], COLUMNS)
        if found["differences"]:
            as_table(found["differences"], _DIFFERENCE)
        unequal = [row for row in found["records"] if row["difference"] != "0"]
        if unequal:
            as_table(unequal, _RECORD)
        periods = found["periods"]
        print(f"closed periods: {periods['checked']} checked, {periods['broken']} broken")
        print("the books balance" if found["ok"] else "THE BOOKS DO NOT BALANCE")
    return DONE if found["ok"] else FINDING
