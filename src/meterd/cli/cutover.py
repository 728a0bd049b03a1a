"""Cut a record now: complete the one that runs and begin the next.

Works beside a running daemon, which does it, and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from urllib.parse import quote

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE
from meterd.cli.printing import as_json
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.events import CutoverOrdered
from meterd.pipeline import Origin, Pipeline
from meterd.specs import SiteSpec
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("configuration", metavar="CONFIG", help="the record configuration")


def run(args: Namespace) -> int:
    """Print the order as it was carried out."""
    found = loaded(args)
    assert found.config is not None
    site = site_spec(found.config)
    name = known("record configuration", args.configuration, {r.name for r in site.records})
    path = store_path(found, args.store)
    answer = ask(path, "POST", f"/v1/records/{quote(name)}/cutover")
    if answer is not None:
        expect_done(answer)
    else:
        with store_errors():
            _cut(path, site, name)
    if args.json:
        as_json({"cutover": name, "daemon": answer is not None})
    else:
        print(f"{name}: cut")
    return DONE


def _cut(path: str, site: SiteSpec, name: str) -> None:
    """Without a daemon: the same input, the same pipeline, the same transaction."""
    now_ms = SystemClock().now_ms()
    store = SqliteStore.open(path, now_ms=now_ms, new_epoch="0" * 10)
    try:
        store.register_configurations(site.records)
        pipeline = Pipeline(site, store.load(), Origin(int(store.epoch, 16)))
        pipeline.feed(CutoverOrdered(name, now_ms, actor()))
        outputs, snapshot = pipeline.take(views=False)
        store.commit_now(Batch(outputs, snapshot.saved, {}, now_ms))
    finally:
        store.close()
