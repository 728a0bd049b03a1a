"""Freeze what the recordings of tests/cases come to, once, when a release is made (B6).

    python -m tests.releases.freeze

writes tests/releases/<version>.jsonl, a line for each recording, which is never written again
after its release: every later meterd must come to the same bills and records.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from meterd.__main__ import main
from meterd.versions import installed

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/expected.json"))
BOUND = ("bills", "records", "audit")
"""What a later version may not change: events may be told in more words."""


def replayed(folder: Path, *more: str) -> dict[str, Any]:
    """All that `meterd replay --json` says of a recording."""
    options = json.loads((folder / "expected.json").read_text()).get("options", [])
    readings = next(folder.glob("readings.*"))
    words = ["replay", "-c", str(folder / "config.yaml"), "--readings", str(readings), "--json"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main([*words, *options, *more]) == 0
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def bound(found: dict[str, Any]) -> dict[str, Any]:
    """The part of it that is bound."""
    return {name: found[name] for name in BOUND}


def frozen(version: Path) -> dict[str, dict[str, Any]]:
    """Recording -> what it came to in a release."""
    lines = map(json.loads, version.read_text("utf-8").splitlines())
    return {line.pop("case"): line for line in lines}


def freeze() -> None:
    """Write the file of this version."""
    lines = [{"case": folder.name, **bound(replayed(folder))} for folder in FOLDERS]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (HERE / f"{installed('meterd')}.jsonl").write_text(text, "utf-8")


if __name__ == "__main__":
    freeze()
