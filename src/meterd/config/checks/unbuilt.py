"""What this release lacks, in one table; the configuration is already understood.

Sinks and stores are UNBUILT: a recording needs none of them, so `replay` and the
listings go on. What changes the pipeline's own figures is an ERROR everywhere.
"""

from __future__ import annotations

from typing import Final

from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.report import Report

BUILT_STORES: Final = ("sqlite:", "memory")
LACKING: Final = {
    "home_assistant": "discovery by Home Assistant",
    "sparkplug": "Sparkplug",
    "store": "stores other than SQLite",
    "tariff": "tariffs on bills",
}
"""What is not built, as it is told."""
_REMEDY: Final = "Take it out for now."


def check_unbuilt(survey: Survey) -> None:
    """Find all that is asked for and not built."""
    _check_shell(survey)
    config, report = survey.config, survey.report
    for index, bill in enumerate(config.bills):
        if bill.tariff is not None:
            _lacks(report, ("bills", index, "tariff"), "tariff")


def _check_shell(survey: Survey) -> None:
    config, report = survey.config, survey.report
    several = isinstance(config.mqtt, tuple)
    for index, broker in enumerate(config.brokers):
        path: Path = ("mqtt", index) if several else ("mqtt",)
        for key in ("home_assistant", "sparkplug"):
            if getattr(broker, key) is not None:
                report.unbuilt((*path, key), LACKING[key])
    if config.store is not None and not config.store.reveal().startswith(BUILT_STORES):
        report.unbuilt(("store",), LACKING["store"])


def _lacks(report: Report, path: Path, what: str) -> None:
    report.error(path, f"not built yet: {LACKING[what]}", _REMEDY)
