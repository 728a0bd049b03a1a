"""The library of devices: list it, show a profile, or test one.

    meterd profiles                       what is packaged
    meterd profiles show eastron/sdm630   the points of one
    meterd profiles test ./my-meter.yaml  its mistakes, its requests, and whether a device that
                                          holds such values is read as it should be

`test --recording FILE` holds a recording: `words` (table -> first address -> words) or
`varbinds` (object -> [type, value]), and `expect` (quantity -> value in its canonical unit).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Final

import msgspec

from meterd.cli.agent_trial import agent
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.profile_trial import rows, trial
from meterd.config.findings import render
from meterd.config.links import device_points
from meterd.config.meters import MeterConfig
from meterd.config.points import ModbusPoint
from meterd.config.profiles import Profile, profile_names, read_profile

LIST: Final = ("profile", "make", "models", "protocol", "energy", "points", "verified")
POINTS: Final = ("quantity", "where", "type", "scale", "unit", "modulus", "sources")
TRIAL: Final = ("quantity", "expected", "read", "unit", "ok")
_COUNTERS: Final = ("energy_import", "energy_sum", "volume", "heat_energy", "gas_energy", "count")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("what", nargs="?", default="list", choices=("list", "show", "test"))
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="make/model, or a path")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="words, and what they mean")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Exit 1 if a profile that is tested has a mistake."""
    if args.what == "list":
        put(args, [row(name) for name in profile_names()], LIST)
        return DONE
    if args.profile is None:
        raise CliError(f"which profile? As in: meterd profiles {args.what} eastron/sdm630", USAGE)
    profile = profile_of(args.profile, Path.cwd())
    if args.what == "show":
        return _show(args, profile)
    tried = _trial(args, profile)
    put(args, tried, TRIAL)
    return DONE if all(one["ok"] for one in tried) else FINDING


def _trial(args: Namespace, profile: Profile) -> list[dict[str, Any]]:
    if profile.protocol == "snmp":
        meter = MeterConfig(name="trial", points=profile.points)
        return rows(*agent(meter, args.recording), own=meter.counters)
    return trial(profile, modbus_points(args.profile, profile), args.recording)


def profile_of(name: str, base: Path) -> Profile:
    """The profile of that name or path; CliError with every mistake in it, or if there is none."""
    profile, findings = read_profile(name, base)
    if findings:
        raise CliError("\n".join(["it has mistakes", *(render(one, name) for one in findings)]))
    if profile is None:
        raise CliError(f"no profile {name!r}; `meterd profiles` lists them all", USAGE)
    return profile


def modbus_points(name: str, profile: Profile) -> tuple[ModbusPoint, ...]:
    """The points as the reader polls them; CliError for a profile of another protocol."""
    if profile.protocol != "modbus":
        raise CliError(f"{name} is of {profile.protocol}; modbus and snmp can be done here", USAGE)
    meter = MeterConfig(name="m", points=profile.points)
    return device_points(meter)


def row(name: str) -> dict[str, Any]:
    """A packaged profile as it is listed."""
    profile = profile_of(name, Path())
    counters = [quantity for quantity in _COUNTERS if quantity in profile.points]
    return {
        "profile": name,
        "make": profile.make,
        "models": ", ".join(profile.models or (profile.model,)),
        "protocol": profile.protocol,
        "energy": counters[0] if counters else "integrated",
        "points": len(profile.points),
        "verified": profile.verified,
    }


def _show(args: Namespace, profile: Profile) -> int:
    rows = [_point(quantity, profile) for quantity in profile.points]
    if not args.json and not args.csv:
        print(f"{profile.make} {profile.model}: {', '.join(profile.models or (profile.model,))}")
        print(f"source: {profile.source}")
        for note in profile.notes:
            print(f"note: {note}")
        print(flush=True)
    put(args, rows, POINTS)
    sys.stdout.flush()
    return DONE


def _point(quantity: str, profile: Profile) -> dict[str, Any]:
    said = msgspec.to_builtins(profile.points[quantity].said())
    several = profile.verified and quantity not in profile.single_source
    where = said.get("oid") or said.get("object") or said.get("sunspec") or said.get("address")
    table = f"{said['table']} " if "table" in said else ""
    return {
        "quantity": quantity,
        "where": f"{table}{where}",
        "type": said.get("type"),
        "scale": said.get("scale"),
        "unit": said.get("unit"),
        "modulus": said.get("modulus"),
        "sources": "several" if several else "one",
    }
