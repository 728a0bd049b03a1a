"""What the verbs `cutover`, `pause`, `resume` and `cancel` have in common.

Beside a running daemon the order goes through its control socket; without one it is fed to
the same pipeline and committed in the same transaction. Either way it is an audited event.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final
from urllib.parse import quote

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, CliError
from meterd.cli.offline import engine
from meterd.cli.printing import as_json
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.load import Loaded
from meterd.orders import RecordOrder, RecordOrdered
from meterd.shapes.entries import refusals

DID: Final[dict[RecordOrder, str]] = {
    "cutover": "cut",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
}


def order_arguments(parser: ArgumentParser) -> None:
    """Options of such a verb."""
    store_argument(parser)
    parser.add_argument("configuration", metavar="CONFIG", help="the record configuration")


def give(args: Namespace, order: RecordOrder) -> int:
    """Give the order and print it; exit 1 where it cannot be carried out."""
    found = loaded(args)
    assert found.config is not None
    names = {record.name for record in found.config.records}
    name = known("record configuration", args.configuration, names)
    path = store_path(found, args.store)
    answer = ask(path, "POST", f"/v1/records/{quote(name)}/{order}")
    if answer is not None:
        expect_done(answer)
    else:
        with store_errors():
            _carry_out(path, found, name, order)
    if args.json:
        as_json({order: name, "daemon": answer is not None})
    else:
        print(f"{name}: {DID[order]}")
    return DONE


def _carry_out(path: str, found: Loaded, name: str, order: RecordOrder) -> None:
    item = RecordOrdered(name, SystemClock().now_ms(), actor(), order)
    with engine(path, found) as held:
        outputs = held.pipeline.answer(item)
    for why in refusals(outputs, name):
        raise CliError(why, FINDING)
