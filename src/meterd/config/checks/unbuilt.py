"""What this release lacks, in one table; the configuration is already understood.

Sinks and stores are UNBUILT: a recording needs none of them, so `replay` and the
listings go on.
"""

from __future__ import annotations

from typing import Final

from meterd.config.checks.survey import Survey
from meterd.config.findings import Path

BUILT_STORES: Final = ("sqlite:", "memory")
LACKING: Final = {
    "sparkplug": "Sparkplug",
    "store": "stores other than SQLite",
}
"""What is not built, as it is told."""


def check_unbuilt(survey: Survey) -> None:
    """Find all that is asked for and not built."""
    config, report = survey.config, survey.report
    several = isinstance(config.mqtt, tuple)
    for index, broker in enumerate(config.brokers):
        path: Path = ("mqtt", index) if several else ("mqtt",)
        if broker.sparkplug is not None:
            report.unbuilt((*path, "sparkplug"), LACKING["sparkplug"])
    if config.store is not None and not config.store.reveal().startswith(BUILT_STORES):
        report.unbuilt(("store",), LACKING["store"])
