"""Results of the long campaigns: one line of JSON each, from which the report is made.

Anything that tries the product for long adds its own line by `keep`, or writes it by hand:
`what` was tried, the `command` that does it again, how much was `tried`, what was `lost` (or
broken, or missed; all 0 when all is well), and the machine.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw

RESULTS: Final = Path(__file__).resolve().parents[2] / "docs" / "reliability-results.jsonl"


class Result(NamedTuple):
    """One line. tried, lost: name -> number. seconds: how long it took. note: a sentence."""

    what: str
    command: str
    tried: Mapping[str, float]
    lost: Mapping[str, float]
    seconds: float = 0.0
    note: str = ""


def machine() -> str:
    """What it ran on."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {apsw.sqlite_lib_version()}"
    )


def keep(result: Result, path: Path = RESULTS) -> None:
    """Add a line; the newest of the same `what` is the one that is reported."""
    told = {"date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine()}
    with path.open("a") as lines:
        lines.write(json.dumps(result._asdict() | told) + "\n")


def newest(path: Path = RESULTS) -> list[dict[str, Any]]:
    """The newest line of each thing that was tried, in the order in which they first came."""
    found: dict[str, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        row: dict[str, Any] = json.loads(line)
        found[row["what"]] = row
    return list(found.values())
