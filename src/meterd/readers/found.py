"""What a scan finds: devices, and the meters that are proposed for them, as YAML.

A protocol that can look around has `async def scan(link, asked, around) -> list[Found]`;
`meterd scan` prints what it returns. asked: addresses to look at besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from meterd.units import GAUGES, REGISTERS, UNITS

_FIRST: Final = {
    "energy": "energy_import",
    "reactive_energy": "reactive_energy_import",
    "apparent_energy": "apparent_energy",
    "volume": "volume",
    "power": "active_power",
    "reactive_power": "reactive_power",
    "apparent_power": "apparent_power",
    "current": "current",
    "voltage": "voltage",
    "frequency": "frequency",
    "flow": "flow",
    "temperature": "temperature",
}
"""Dimension -> the quantity that the first point of it most likely is."""
_FACTOR: Final = re.compile(r"power.?factor|cos.?phi|\bpf\b", re.IGNORECASE)
_PHASE: Final = re.compile(r"(?:\b|_)(?:l|phase[ _-]?)([123])(?:\b|_)", re.IGNORECASE)
_EXPORT: Final = re.compile(r"export|deliver|feed.?in|\b2\.8", re.IGNORECASE)


class FoundPoint(msgspec.Struct, frozen=True):
    """Something that can be read. keys: of a point of the file. value: as it is now, if known."""

    quantity: str
    keys: dict[str, Any]
    title: str = ""
    value: float | None = None
    unit: str = ""


class Found(msgspec.Struct, frozen=True):
    """A device, as a meter would have it. title: what it says of itself, and where it is.

    profile: that fits it; then its points have no keys. keys: what the meter has besides.
    """

    name: str
    address: int | str
    title: str
    points: tuple[FoundPoint, ...]
    profile: str | None = None
    keys: dict[str, Any] = {}


def slug(text: str, joint: str = "_") -> str:
    """A name as the file can have it."""
    return re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint)


def quantity(title: str, unit: str, taken: Iterable[str]) -> str:
    """What a point probably measures, by its unit and its name; a name of its own if in doubt."""
    taken = set(taken)
    known = UNITS.get(unit)
    guess = _FIRST.get(known.dimension, "") if known is not None else ""
    if _FACTOR.search(title):
        guess = "power_factor"
    if guess in {"energy_import", "reactive_energy_import"} and _EXPORT.search(title):
        guess = guess.replace("import", "export")
    phase = _PHASE.search(title)
    if phase is not None and f"{guess}_l{phase[1]}" in GAUGES:
        guess = f"{guess}_l{phase[1]}"
    if guess and guess not in taken:
        return guess
    own = slug(title)
    if not own or not own[0].isalpha():
        own = f"{guess or 'value'}_{own}".strip("_")
    while own in taken or own in REGISTERS or own in GAUGES:
        own += "_2"
    return own


def proposed(connection: str, found: Found) -> list[str]:
    """The lines of a meter in the file; what is read now stands behind each point."""
    if found.profile is None and not found.points:
        return [f"  # {_plain(found.title)}"]
    lines = [
        f"  # {_plain(found.title)}",
        f"  - name: {found.name}",
        f"    connection: {connection}",
    ]
    lines += [f"    address: {_scalar(found.address)}"]
    if found.profile is not None:
        lines.append(f"    profile: {found.profile}")
        lines += [f"    {key}: {_scalar(value)}" for key, value in found.keys.items()]
        lines += [f"    # {point.quantity}{_now(point)}" for point in found.points]
        return lines
    lines.append("    points:")
    for point in found.points:
        keys = ", ".join(f"{key}: {_scalar(value)}" for key, value in point.keys.items())
        title = f"{_plain(point.title)}{_now(point)}"
        lines.append(f"      {point.quantity}: {{{keys}}}  # {title}")
    return lines


def _now(point: FoundPoint) -> str:
    return "" if point.value is None else f": {point.value:.10g} {point.unit}".rstrip()


def _scalar(value: Any) -> str:
    """A value that YAML reads as it was meant."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_scalar(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_/.-]*", value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def _plain(text: str) -> str:
    """Text that ends no comment."""
    return "".join(char if char.isprintable() else " " for char in text)
