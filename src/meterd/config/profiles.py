"""Profiles: what a device model has to say and where, one file each, under a meter's own points.

    make: Eastron
    model: SDM630
    models: [SDM630-Modbus, SDM630-MCT] # what else it is sold as
    source: where the numbers are from
    verified: true                      # two independent sources agree
    single_source: [frequency]          # but for these points
    serial: 9600 8N1                    # as delivered
    protocol: modbus
    notes: [what whoever bills with it should know]
    extends: eastron/sdm72d             # its points are laid under these
    sys_object_id: [1.3.6.1.4.1.318]    # how an SNMP agent of the kind begins to name itself
    limits: {max_words: 60}
    points: {active_power: {table: input, address: 52, type: float32, unit: W}}

A meter's point that says where it is replaces the profile's; one that does not (say, only
`max_kw`) is laid over it key by key.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

import msgspec

from meterd.config import yaml
from meterd.config.checks.meters import check_limits
from meterd.config.checks.points import check_points
from meterd.config.connections import family
from meterd.config.findings import ERROR, Finding
from meterd.config.findings import Path as YamlPath
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import LimitsConfig, PointConfig
from meterd.config.read import read
from meterd.config.report import Report
from meterd.config.sunspec import SunSpecConfig

UNREAD: Final = frozenset({"push", "manual"})
"""Protocols that read no points, so that any profile may tell what is given."""
_PACKAGED: Final = re.compile(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_.-]*(?<!\.yaml)(?<!\.yml)\Z")


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One device model. verified: two independent sources gave the same numbers, but for the
    points of `single_source`. extends: a packaged profile whose points lie under these.
    """

    make: str
    model: str
    models: tuple[str, ...] = ()
    source: str
    verified: bool = False
    single_source: tuple[str, ...] = ()
    serial: str | None = None
    protocol: Literal["modbus", "snmp", "bacnet", "push"]
    notes: tuple[str, ...] = ()
    extends: str | None = None
    sys_object_id: tuple[str, ...] = ()
    limits: LimitsConfig = LimitsConfig()
    sunspec: SunSpecConfig = SunSpecConfig()
    points: dict[str, PointConfig] = {}


@cache
def profile_names() -> tuple[str, ...]:
    """The packaged profiles, as `make/model`."""
    names = [
        f"{make.name}/{model.name.removesuffix('.yaml')}"
        for make in _packaged().iterdir()
        if make.is_dir()
        for model in make.iterdir()
        if model.name.endswith(".yaml")
    ]
    return tuple(sorted(names))


def read_profile(
    name: str, base: Path, below: tuple[str, ...] = ()
) -> tuple[Profile | None, list[Finding]]:
    """A profile by `make/model`, or by a path from `base`, and what is wrong with it.

    No profile and no finding: there is none of that name. below: the profiles that extend it.
    """
    packaged = _PACKAGED.match(name) is not None
    source: Traversable = _packaged() / f"{name}.yaml" if packaged else base / name
    try:
        data = source.read_bytes()
    except (OSError, ValueError):  # absent, unreadable, or no path at all
        return None, []
    root, syntax = yaml.parse(data)
    found = [msgspec.structs.replace(finding, file=str(source)) for finding in syntax]
    if root is None:
        return None, found
    report = Report(root, base, {}, str(source))
    profile = read(Profile, report)
    if not isinstance(profile, Profile):
        return None, found + report.findings
    if profile.extends is not None:
        profile = _extended(profile, profile.extends, report, (*below, name))
    check_points(report, ("points",), profile.protocol, profile.points)
    check_limits(report, ("limits",), profile.limits.max_words, profile.limits.max_hole)
    for index, quantity in enumerate(profile.single_source):
        if quantity not in profile.points:
            remedy = report.guess(quantity, profile.points, "Name one of its points.")
            report.error(("single_source", index), f'no point "{quantity}"', remedy)
    return profile, found + report.findings


def _extended(profile: Profile, name: str, report: Report, below: tuple[str, ...]) -> Profile:
    """The profile over the one it extends, which is a packaged one and not itself."""
    if name in below:
        report.error(("extends",), f'"{name}" extends itself', "Name another profile.")
        return profile
    under = None
    if _PACKAGED.match(name):
        under, findings = read_profile(name, report.base, below)
        report.findings += findings
    if under is None:
        remedy = report.guess(name, profile_names(), "`meterd profiles` lists them all.")
        report.error(("extends",), f'no profile "{name}"', remedy)
        return profile
    return msgspec.structs.replace(
        profile,
        points=_over(profile.points, under.points),
        limits=profile.limits.over(under.limits),
        sunspec=profile.sunspec.over(under.sunspec),
        serial=profile.serial or under.serial,
    )


def apply_profiles(config: Config, report: Report, first: int = 0) -> Config:
    """The configuration with every meter's profile laid under it; each is read once.

    first: the first meter to look at; those before it have theirs already.
    """
    known: dict[str, Profile | None] = {}
    meters = list(config.meters[:first])
    for index, meter in enumerate(config.meters[first:], first):
        path: YamlPath = ("meters", index, "profile")
        profile = None if meter.profile is None else _known(meter.profile, path, known, report)
        if profile is not None:
            link = config.connections.get(meter.connection or "")
            if link is not None and family(link.protocol) not in {profile.protocol, *UNREAD}:
                message = f'"{meter.profile}" is for {profile.protocol}, not {link.protocol}'
                report.error(path, message, "Choose another profile or connection.")
        meters.append(meter if profile is None else _laid_over(meter, profile))
    return msgspec.structs.replace(config, meters=tuple(meters))


def _packaged() -> Traversable:
    return files("meterd") / "profiles"


def _known(
    name: str, path: YamlPath, known: dict[str, Profile | None], report: Report
) -> Profile | None:
    """The profile; None where there is none or it has mistakes, which are told once."""
    if name in known:
        return known[name]
    profile, findings = read_profile(name, report.base)
    report.findings += findings
    if any(finding.severity == ERROR for finding in findings):
        report.error(path, f'the profile "{name}" has mistakes', "They are listed as well.")
        profile = known[name] = None
    elif profile is None:
        remedy = report.guess(name, profile_names(), "`meterd profiles` lists them all.")
        report.error(path, f'no profile "{name}"', remedy)
    else:
        known[name] = profile
    return profile


def _over(mine: dict[str, PointConfig], below: dict[str, PointConfig]) -> dict[str, PointConfig]:
    """Points over points, quantity by quantity."""
    laid = {
        quantity: point.over(below[quantity]) if quantity in below else point
        for quantity, point in mine.items()
    }
    return {**below, **laid}


def _laid_over(meter: MeterConfig, profile: Profile) -> MeterConfig:
    return msgspec.structs.replace(
        meter,
        points=_over(meter.points, profile.points),
        limits=meter.limits.over(profile.limits),
        sunspec=meter.sunspec.over(profile.sunspec),
        manufacturer=meter.manufacturer or profile.make,
        model=meter.model or profile.model,
    )
