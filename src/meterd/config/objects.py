"""Meters made through the API, laid beside the file's and checked by the same rules.

The file stands by itself: what it says can only refer to what is in it, and its meters win
over others of the same name. An object that does not fit the file is left out, and it is told
why; the rest goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from meterd.config import yaml
from meterd.config.checks.definitions import check_fields
from meterd.config.checks.meters import check_meters, check_own_points
from meterd.config.checks.places import check_places
from meterd.config.checks.survey import Survey
from meterd.config.checks.unbuilt import check_unbuilt
from meterd.config.findings import ERROR, Finding
from meterd.config.findings import Path as YamlPath
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.profiles import apply_profiles, profile_names
from meterd.config.read import read
from meterd.config.report import Report
from meterd.orders import StoredObject

Findings = dict[str, tuple[Finding, ...]]
"""Meter -> what is wrong with it; a finding's path begins below the meter."""


class Merged(msgspec.Struct, frozen=True):
    """The configuration with the meters made through the API.

    left_out: those that do not fit it, and why. hidden: those that the file has as well.
    """

    config: Config
    left_out: Findings = {}
    hidden: frozenset[str] = frozenset()


class _Meters(msgspec.Struct, frozen=True):
    meters: tuple[MeterConfig, ...]


def with_objects(config: Config, objects: Sequence[StoredObject], folder: Path) -> Merged:
    """The configuration with these meters. config: one without errors. folder: of its file."""
    own = {meter.name for meter in config.meters}
    bodies = {item.name: body_of(item) for item in objects if item.name not in own}
    left_out: Findings = {}
    while bodies:  # each turn leaves at least one out
        merged, wrong = _checked(config, bodies, folder)
        if not wrong:
            return Merged(merged, left_out, _hidden(objects, own))
        left_out |= wrong
        bodies = {name: body for name, body in bodies.items() if name not in wrong}
    return Merged(config, left_out, _hidden(objects, own))


def _hidden(objects: Sequence[StoredObject], own: set[str]) -> frozenset[str]:
    return frozenset(item.name for item in objects if item.name in own)


def body_of(item: StoredObject) -> dict[str, Any]:
    """A stored meter in the words of the file; exact numbers are Decimals."""
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    return decoder.decode(item.body)


def encoded(body: Any) -> str:
    """The same, to be stored, or a part of it."""
    return msgspec.json.Encoder(decimal_format="number").encode(body).decode()


def _checked(
    config: Config, bodies: Mapping[str, dict[str, Any]], folder: Path
) -> tuple[Config, Findings]:
    """All of it, and what is wrong with each of the bodies."""
    stand_ins = [{"name": meter.name} for meter in config.meters]
    report = Report(_node({"meters": [*stand_ins, *bodies.values()]}), folder, {})
    first = len(config.meters)
    made: _Meters = read(_Meters, report)
    meters = [_fileless(meter, n, report) for n, meter in enumerate(made.meters[first:], first)]
    written = msgspec.structs.replace(config, meters=(*config.meters, *meters))
    survey = Survey(apply_profiles(written, report, first), report)
    check_meters(survey)
    check_own_points(survey, written)
    check_places(survey)
    check_fields(survey)
    check_unbuilt(survey)
    return survey.config, _by_meter(report.findings, first, list(bodies))


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


def _by_meter(findings: Sequence[Finding], first: int, names: Sequence[str]) -> Findings:
    """The errors, each with its meter; with every one of them what is nobody's own."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity == ERROR:
            section, _, rest = finding.path.partition(".")
            index, _, path = rest.partition(".")
            place = int(index) - first if section == "meters" and index.isdecimal() else -1
            below = msgspec.structs.replace(finding, path=path)
            for name in names[place : place + 1] if place >= 0 else names:
                found.setdefault(name, []).append(below if place >= 0 else finding)
    return {name: tuple(wrong) for name, wrong in found.items()}


def _node(value: Any) -> yaml.Node:
    """A value as a node of the file's tree. What looks like a reference is none: it is escaped,
    so that nobody reads the host's files and environment through the API."""
    if isinstance(value, dict):
        entries = {str(key): _node(child) for key, child in value.items()}
        return yaml.Mapping(0, 0, entries, dict.fromkeys(entries, (0, 0)))
    if isinstance(value, list):
        return yaml.Sequence(0, 0, [_node(child) for child in value])
    text = value.replace("${", "$${") if isinstance(value, str) else value
    return yaml.Scalar(0, 0, text)
