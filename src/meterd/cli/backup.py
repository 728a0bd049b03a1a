"""Make a consistent copy of the store, with the daemon running or stopped.

    meterd backup /srv/backup/meterd-2026-02-01.db

The copy is a store: `--store sqlite:///srv/backup/...` lists and audits it. A store at
PostgreSQL is copied by `pg_dump`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from meterd.cli.exits import DONE, FINDING, CliError
from meterd.cli.printing import as_json
from meterd.cli.site import loaded, store_argument, store_errors, store_path
from meterd.stores.backup import back_up
from meterd.stores.places import is_database, shown


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a file that is not there yet")
    store_argument(parser)


def run(args: Namespace) -> int:
    """Exit 1 if there is no whole copy."""
    store = store_path(loaded(args), args.store)
    if is_database(store):
        raise CliError(f"{shown(store)}: a database is copied by `pg_dump`", FINDING)
    with store_errors():
        size = back_up(store, args.file)
    if args.json:
        as_json({"store": store, "copy": str(args.file), "bytes": size})
    else:
        print(f"{store} is copied to {args.file}, {size:,} bytes")
    return DONE
