"""Orders where no daemon runs: the same input, the same pipeline, the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from meterd.cli.site import merged, seen
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.inventory import inventory
from meterd.config.load import Loaded
from meterd.events import Input
from meterd.pipeline import Origin, Pipeline
from meterd.specs import SiteSpec
from meterd.stores import Batch
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore


class Engine(NamedTuple):
    """What `meterd run` works with, held by a command instead."""

    site: SiteSpec
    reader: Reader
    pipeline: Pipeline


@contextmanager
def engine(path: str, found: Loaded) -> Iterator[Engine]:
    """Hold the store, and commit what the pipeline was fed with once that has gone well.

    Makes the store where there is none. Raises StoreBusy where somebody else holds it.
    """
    now_ms = SystemClock().now_ms()
    store = SqliteStore.open(path, now_ms=now_ms, new_epoch=secrets.token_hex(5))
    try:
        with store.reader() as reader:
            config = merged(found, reader).config
            site = site_spec(config, seen(reader))
            store.register_configurations(site.records, inventory(config))
            pipeline = Pipeline(site, store.load(), Origin(int(store.epoch, 16)))
            for recorder in pipeline.recorders.values():
                recorder.restarted_ms = now_ms  # a cut that fell due waits for its reading
            yield Engine(site, reader, pipeline)
        outputs, snapshot = pipeline.take(views=False)
        store.commit_now(Batch(outputs, snapshot.saved, {}, now_ms))
    finally:
        store.close()


def carry_out(path: str, found: Loaded, decide: Callable[[Reader], Input]) -> None:
    """Commit one order. decide: what it is, asked once the store is held."""
    with engine(path, found) as held:
        held.pipeline.feed(decide(held.reader))
