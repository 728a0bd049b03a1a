"""How often something is done to the daemon: a few times in CI, many by `make endurance`."""

from __future__ import annotations

import os

ENDURANCE = bool(os.environ.get("METERD_ENDURANCE"))


def often(few: int, many: int) -> int:
    """How often it is this time."""
    return many if ENDURANCE else few
