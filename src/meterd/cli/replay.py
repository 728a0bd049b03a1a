"""Feed recorded readings through the same pipeline, in event time.

Without --store the result is kept in memory and printed; with it, it is there for the
listing verbs. The same input gives the same output, byte for byte.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

import msgspec

from meterd.cli.audit import COLUMNS as COUNTER_COLUMNS
from meterd.cli.bills import bill_rows
from meterd.cli.exits import DONE, FINDING, CliError
from meterd.cli.listing import instant
from meterd.cli.meters import TOTALS
from meterd.cli.printing import as_json, as_table
from meterd.cli.site import (
    RECORDED,
    Stored,
    loaded,
    merged,
    seen,
    store_argument,
    store_errors,
    store_path,
)
from meterd.config.compile import site_spec
from meterd.config.inventory import inventory
from meterd.events import Tick
from meterd.pipeline import Pipeline
from meterd.readers.recording import RecordingError, local, opened, quantities, readings
from meterd.shapes import event, meter_row, other_totals, record
from meterd.stores import Batch
from meterd.stores.audit import audit
from meterd.stores.pages import walk
from meterd.stores.places import shown
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.units import NEAR_QUANTITY, QUANTITIES, is_own_name

BATCH: Final = 10_000
"""Readings in one transaction."""
REPLAY_EPOCH: Final = "0000000000"
"""A replay's ids come from event time and order alone."""
COLUMNS_MOST: Final = 100
"""Names of a recording that are looked at for what they were probably meant to be."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("--readings", required=True, metavar="FILE", help="CSV or .jsonl; .gz; -")
    parser.add_argument("--until", metavar="T", help="let time pass to T after the last reading")


def run(args: Namespace) -> int:
    """Exit 1 at a line that cannot be understood; what came before it is kept."""
    found = loaded(args)
    assert found.config is not None
    until_ms = instant(args.until, found.config.site.timezone)
    target = store_path(found, args.store) if args.store else ":memory:"
    with (
        store_errors(),
        _open(target) as store,
        store.reader() as reader,
        local(args.readings) as path,
    ):
        try:
            have = recorded(reader, path)
            _warn(args.readings, have)
            config = merged(found, reader).config
            site = site_spec(config, have)
            store.register_configurations(site.records, inventory(config))
            pipeline = Pipeline(site, store.load())
            count = feed(pipeline, store, path, until_ms)
        except RecordingError as error:
            raise CliError(str(error).replace(path, args.readings), FINDING) from error
        except (OSError, UnicodeDecodeError, EOFError) as error:
            raise CliError(f"{args.readings}: {error}", FINDING) from error
        asyncio.run(store.set_meta(RECORDED, msgspec.json.encode(have)))
        _tell(args, Stored(site, reader, pipeline), count, target)
    return DONE


def recorded(reader: Reader, path: str) -> dict[str, list[str]]:
    """meter -> what this and earlier recordings in the store have of it."""
    with opened(path) as text:
        found = quantities(path, text)
    for name, known in seen(reader).items():
        found.setdefault(name, set()).update(known)
    return {name: sorted(have) for name, have in found.items()}


def _warn(path: str, have: dict[str, list[str]]) -> None:
    """Tell of what was probably meant to be a canonical quantity: its energy would be missed."""
    names = set().union(*have.values()) - QUANTITIES
    for name in islice(sorted(name for name in names if not is_own_name(name)), COLUMNS_MOST):
        for near in get_close_matches(name, QUANTITIES, 1, NEAR_QUANTITY):
            text = f'{path}: "{name}" is no canonical quantity. Did you mean "{near}"?'
            print(f"{text} Any other name is carried as it is.", file=sys.stderr)


def _tell(args: Namespace, stored: Stored, count: int, target: str) -> None:
    if args.json:
        as_json(_report(stored))
    elif args.store:
        print(f"{count} readings replayed into {shown(target)}")
    else:
        _print(stored)


@contextmanager
def _open(target: str) -> Iterator[SqliteStore]:
    store = SqliteStore.open(target, now_ms=0, new_epoch=REPLAY_EPOCH)
    try:
        yield store
    finally:
        store.close()


def feed(pipeline: Pipeline, store: SqliteStore, path: str, until_ms: int | None) -> int:
    """Replay a file into a store; return how many rows there were."""
    count = 0
    with opened(path) as text:
        try:
            for reading in readings(path, text, {spec.name: spec for spec in pipeline.site.meters}):
                pipeline.feed(reading)
                count += 1
                if count % BATCH == 0:
                    _commit(pipeline, store)
            if until_ms is not None:
                pipeline.feed(Tick(until_ms))
            pipeline.settle()
        finally:
            _commit(pipeline, store)
    return count


def _commit(pipeline: Pipeline, store: SqliteStore) -> None:
    outputs, snapshot = pipeline.take(views=False)
    store.commit_now(Batch(outputs, snapshot.saved, {}, pipeline.state.now_ms))


def _report(stored: Stored) -> dict[str, Any]:
    reader = stored.reader
    now_ms = stored.pipeline.state.now_ms
    return {
        "meters": [
            meter_row(spec, stored.pipeline.meter_view(spec.name), stored.site.fields)
            for spec in stored.site.meters
        ],
        "records": [record(row.columns, row.row, now_ms) for row in walk(reader.records)],
        "bills": list(bill_rows(stored)),
        "events": [event(row) for row in walk(reader.events)],
        "audit": audit(reader, stored.pipeline),
    }


def _print(stored: Stored) -> None:
    report = _report(stored)
    titles = {
        "meters": (
            "name", "kwhLifetime", "kwhThisMonth", "peakDemandKw", "costThisMonth", TOTALS,
        ),
        "records": ("name", "status", "start_date", "end_date", "usage_value", "cost", "cut_by"),
        "events": ("time", "kind", "meter", "quantity", "booked", "unbilled"),
    }  # fmt: skip
    for row, spec in zip(report["meters"], stored.site.meters, strict=True):
        row[TOTALS] = other_totals(spec, stored.pipeline.meter_view(spec.name))
    for title, columns in titles.items():
        print(f"\n{title}")
        as_table(report[title], columns)
    for row in report["bills"]:
        print(f"\nbill {row['name']} ({row['unit']})")
        as_table(row["periods"], ("start", "end", "status", "used", "peak", "accuracy"))
    print("\naudit")
    as_table(report["audit"]["counters"], COUNTER_COLUMNS)
    sys.stdout.flush()
