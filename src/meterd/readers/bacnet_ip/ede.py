"""EDE files: the vendor-neutral list of a BACnet system's points, as meters. Pure.

"Engineering Data Exchange", BACnet Interest Group Europe, layouts 2.2 and 2.3: some header
lines, a line of column names, a line an object. Real files differ: the separator, a missing
header, a column's spelling; what cannot be understood is named by its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Final

from meterd.readers.bacnet_ip.survey import MEASURING, Seen, found
from meterd.readers.found import Found

_COLUMNS: Final = {
    "device": re.compile(r"device.*inst", re.IGNORECASE),
    "name": re.compile(r"object.?name", re.IGNORECASE),
    "type": re.compile(r"object.?type", re.IGNORECASE),
    "instance": re.compile(r"object.?inst", re.IGNORECASE),
    "units": re.compile(r"unit.?code", re.IGNORECASE),
    "text": re.compile(r"description", re.IGNORECASE),
    "key": re.compile(r"key.?name", re.IGNORECASE),
}
_NEEDED: Final = ("device", "type", "instance")


class EdeError(Exception):
    """A file that is no EDE file."""


def meters(text: str) -> tuple[list[Found], list[str]]:
    """The devices of a file, with the objects that measure; and the lines that were left out."""
    lines = text.lstrip("\ufeff").splitlines()
    separator = ";" if sum(line.count(";") for line in lines) >= text.count(",") else ","
    rows = list(csv.reader(lines, delimiter=separator))
    head, columns = _header(rows)
    devices: dict[int, list[Seen]] = {}
    odd: list[str] = []
    for number, row in enumerate(rows[head + 1 :], head + 2):
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        try:
            kind, instance = int(cells["type"]), int(cells["instance"])
            device = int(cells["device"])
            units = int(cells["units"]) if cells.get("units") else None
        except ValueError:
            odd.append(f"line {number}: its device, type or instance is no number")
            continue
        name = cells.get("name") or cells.get("key") or cells.get("text") or ""
        if kind in MEASURING:
            devices.setdefault(device, []).append(Seen((kind, instance), name, units))
    return [_device(*one) for one in sorted(devices.items())], odd


def _header(rows: Iterable[list[str]]) -> tuple[int, dict[str, int]]:
    """The line of column names, and where each column is."""
    for number, row in enumerate(rows):
        columns: dict[str, int] = {}
        for at, cell in enumerate(row):
            for name, spelt in _COLUMNS.items():
                if name not in columns and spelt.search(cell):
                    columns[name] = at
                    break
        if all(name in columns for name in _NEEDED):
            return number, columns
    raise EdeError("no line names the columns device obj.-instance, object-type, object-instance")


def _device(instance: int, listed: list[Seen]) -> Found:
    return found(instance, instance, ("", f"device {instance}, from an EDE file"), listed)
