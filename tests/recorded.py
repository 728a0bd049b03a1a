"""The recordings of devices: what they said, and what they are to be read as."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

RECORDINGS = Path(__file__).parent / "recordings"


def recording(profile: str) -> dict[str, Any]:
    """What is kept of `make/model`."""
    found: dict[str, Any] = _all()[profile]
    return found


def recordings(kind: str) -> dict[str, dict[str, Any]]:
    """`make/model` -> its recording, for those of "words", of "varbinds" or "pushed"."""
    return {profile: content for profile, content in _all().items() if kind in content}


@cache
def _all() -> dict[str, dict[str, Any]]:
    return {
        f"{path.parent.name}/{path.stem}": yaml.load(path.read_bytes(), yaml.CSafeLoader)
        for path in sorted(RECORDINGS.rglob("*.yaml"))
    }
