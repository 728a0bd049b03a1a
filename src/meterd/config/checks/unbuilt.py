"""What this release lacks; the configuration is already understood.

Stores are UNBUILT: a recording needs none of them, so `replay` and the listings go on.
"""

from __future__ import annotations

from typing import Final

from meterd.config.checks.survey import Survey

BUILT_STORES: Final = ("sqlite:", "memory")


def check_unbuilt(survey: Survey) -> None:
    """Find all that is asked for and not built."""
    store = survey.config.store
    if store is not None and not store.reveal().startswith(BUILT_STORES):
        survey.report.unbuilt(("store",), "stores other than SQLite")
