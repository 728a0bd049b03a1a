"""Orders where no daemon runs: the same input, the same pipeline, the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from meterd.cli.site import merged
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.load import Loaded
from meterd.events import Input
from meterd.pipeline import Origin, Pipeline
from meterd.stores import Batch
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore


def carry_out(path: str, found: Loaded, decide: Callable[[Reader], Input]) -> None:
    """Commit one order. decide: what it is, asked once the store is held.

    Makes the store where there is none. Raises StoreBusy where somebody else holds it.
    """
    now_ms = SystemClock().now_ms()
    store = SqliteStore.open(path, now_ms=now_ms, new_epoch=secrets.token_hex(5))
    try:
        reader = store.reader()
        site = site_spec(merged(found, reader).config)
        store.register_configurations(site.records)
        pipeline = Pipeline(site, store.load(), Origin(int(store.epoch, 16)))
        pipeline.feed(decide(reader))
        outputs, snapshot = pipeline.take(views=False)
        store.commit_now(Batch(outputs, snapshot.saved, {}, now_ms))
    finally:
        store.close()
