"""What was made through the API, laid beside the file's and checked by the same rules.

The file stands by itself: what it says can only refer to what is in it, and its meters and
bills win over others of the same name. Bills come after meters, for they name them. An object
that does not fit the file is left out, and it is told why; the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from meterd.config.bill_objects import with_bills
from meterd.config.checks.definitions import check_fields
from meterd.config.checks.meters import check_meters, check_own_points
from meterd.config.checks.places import check_places
from meterd.config.checks.survey import Survey
from meterd.config.findings import Path as YamlPath
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.profiles import apply_profiles, profile_names
from meterd.config.read import read
from meterd.config.report import Report
from meterd.config.stored import (
    BILL,
    BILL_SOURCES,
    METER,
    Findings,
    body_of,
    by_object,
    label,
    label_of,
    node,
)
from meterd.orders import StoredObject


class Merged(msgspec.Struct, frozen=True):
    """The configuration with what was made through the API, told apart by labels.

    left_out: objects that do not fit it, and why. hidden: those that the file has as well.
    """

    config: Config
    left_out: Findings = {}
    hidden: frozenset[str] = frozenset()


Bodies = Mapping[str, dict[str, Any]]
"""Label -> an object in the words of the file."""
Checked = Callable[[Config, Bodies], tuple[Config, Findings]]


class _Meters(msgspec.Struct, frozen=True):
    meters: tuple[MeterConfig, ...]


def with_objects(config: Config, objects: Sequence[StoredObject], folder: Path) -> Merged:
    """The configuration with these objects. config: one without errors. folder: of its file."""
    own = {label(METER, meter.name) for meter in config.meters}
    own |= {label(BILL, bill.name) for bill in config.bills}
    bodies = {label_of(item): body_of(item) for item in objects if label_of(item) not in own}
    metered = _all_that_fit(config, _of(METER, objects, bodies), partial(_checked, folder=folder))
    billed = _all_that_fit(
        metered.config,
        _of(BILL_SOURCES, objects, bodies) | _of(BILL, objects, bodies),
        partial(with_bills, folder=folder),
    )
    hidden = frozenset(label_of(item) for item in objects if label_of(item) in own)
    return Merged(billed.config, metered.left_out | billed.left_out, hidden)


def _of(entity: str, objects: Sequence[StoredObject], bodies: Bodies) -> dict[str, dict[str, Any]]:
    """Those of one entity, by label."""
    labels = (label_of(item) for item in objects if item.entity == entity)
    return {name: bodies[name] for name in labels if name in bodies}


def _all_that_fit(config: Config, bodies: Bodies, checked: Checked) -> Merged:
    """Those that fit, and those that do not."""
    left_out: Findings = {}
    while bodies:  # each turn leaves at least one out
        merged, wrong = checked(config, bodies)
        if not wrong:
            return Merged(merged, left_out)
        left_out |= wrong
        bodies = {name: body for name, body in bodies.items() if name not in wrong}
    return Merged(config, left_out)


def _checked(config: Config, bodies: Bodies, folder: Path) -> tuple[Config, Findings]:
    """All of it with these meters, and what is wrong with each of the bodies."""
    stand_ins = [{"name": meter.name} for meter in config.meters]
    report = Report(node({"meters": [*stand_ins, *bodies.values()]}), folder, {})
    first = len(config.meters)
    made: _Meters = read(_Meters, report)
    meters = [_fileless(meter, n, report) for n, meter in enumerate(made.meters[first:], first)]
    written = msgspec.structs.replace(config, meters=(*config.meters, *meters))
    survey = Survey(apply_profiles(written, report, first), report)
    check_meters(survey)
    check_own_points(survey, written)
    check_places(survey)
    check_fields(survey)
    return survey.config, by_object(report.findings, "meters", [*[""] * first, *bodies])


def _fileless(meter: MeterConfig, index: int, report: Report) -> MeterConfig:
    """The meter without any file of the host that it names; only the file may name those."""
    path: YamlPath = ("meters", index)
    profile = meter.profile
    if profile is not None and profile not in profile_names():
        remedy = report.guess(profile, profile_names(), "Profiles in files are the file's alone.")
        report.error((*path, "profile"), f'no packaged profile "{profile}"', remedy)
        meter = msgspec.structs.replace(meter, profile=None)
    for quantity, point in meter.points.items():
        if point.path is not None:
            remedy = "Write this meter in the configuration file."
            where = (*path, "points", quantity, "path")
            report.error(where, "files cannot be named through the API", remedy)
    return meter
