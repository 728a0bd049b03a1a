"""Where a running daemon is found; small, since every verb of the command line asks."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from meterd.config.store import default_store
from meterd.stores.places import is_database, shown


def control_path(store: str) -> Path:
    """Where the daemon that holds a store takes orders: beside its file, or, if that is at
    PostgreSQL, where a file would be.
    """
    if not is_database(store):
        return Path(f"{store}.sock")
    folder = Path(default_store(os.environ).removeprefix("sqlite://")).parent
    return folder / f"postgresql-{sha256(shown(store).encode()).hexdigest()[:12]}.sock"
