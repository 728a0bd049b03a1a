"""Bills made through the API, and sources made or disabled there on bills of the file.

A source of the file stays the file's: through the API it can be disabled and enabled again, no
more. Others stand after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from meterd.config.bills import BillConfig, SourceConfig
from meterd.config.checks.bills import check_bills, kind_of
from meterd.config.checks.survey import Survey
from meterd.config.findings import Finding
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.read import read
from meterd.config.report import Report
from meterd.config.stored import BILL, BILL_SOURCES, Findings, by_object, label, node

Meters = Mapping[str, MeterConfig]
Place = tuple[str, str, str]
"""(meter, kind, phase): what a source is on its bill."""


_LOST: Final = Finding("", 0, 0, "their bill is not in the configuration file any more")


class _Bills(msgspec.Struct, frozen=True):
    bills: tuple[BillConfig, ...]


def with_bills(
    config: Config, bodies: Mapping[str, dict[str, Any]], folder: Path
) -> tuple[Config, Findings]:
    """All of it with these bills and sources, and what is wrong with each of the bodies.

    bodies: label -> object, of bills and of the sources of the file's bills.
    """
    labels = [label(BILL_SOURCES, bill.name) for bill in config.bills]
    before = [
        {**bodies.get(key, {}), "name": bill.name}
        for key, bill in zip(labels, config.bills, strict=True)
    ]
    made = {key: body for key, body in bodies.items() if key.startswith(label(BILL, ""))}
    report = Report(node({"bills": [*before, *made.values()]}), folder, {})
    found: _Bills = read(_Bills, report)
    meters = {meter.name: meter for meter in config.meters}
    first = len(config.bills)
    bills = [
        msgspec.structs.replace(bill, sources=beside(bill.sources, here.sources, meters))
        for bill, here in zip(config.bills, found.bills[:first], strict=True)
    ]
    survey = Survey(msgspec.structs.replace(config, bills=(*bills, *found.bills[first:])), report)
    check_bills(survey)
    places = [key if key in bodies else "" for key in labels]
    wrong = by_object(report.findings, "bills", [*places, *made])
    lost = bodies.keys() - made.keys() - set(labels)
    return survey.config, wrong | dict.fromkeys(sorted(lost), (_LOST,))


def place(source: SourceConfig, meters: Meters) -> Place:
    """What a source is on its bill, `best` resolved."""
    meter = meters.get(source.meter)
    kind = kind_of(source, meter) if meter is not None else None
    return source.meter, kind or source.kind, source.phase or ""


def beside(
    own: Iterable[SourceConfig], here: Iterable[SourceConfig], meters: Meters
) -> tuple[SourceConfig, ...]:
    """The file's sources, those disabled that are disabled here, and then the others of here."""
    others = {place(source, meters): source for source in here}
    sources = []
    for source in own:
        told = others.pop(place(source, meters), None)
        enabled = source.enabled and (told is None or told.enabled)
        sources.append(msgspec.structs.replace(source, enabled=enabled))
    return (*sources, *others.values())
