"""The source tree as the house rules look at it: modules, what they import and call."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
SRC: Final = ROOT / "src" / "meterd"
PYPROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS: Final[list[dict[str, Any]]] = PYPROJECT["tool"]["importlinter"]["contracts"]
LAYERS: Final = [
    room.strip() for line in CONTRACTS[0]["layers"] for room in line.strip("()").split("|")
]
PURE: Final = [name.removeprefix("meterd.") for name in CONTRACTS[1]["source_modules"]]


@cache
def modules() -> dict[str, ast.Module]:
    """Path below `src/meterd` -> its syntax tree; read once."""
    return {
        path.relative_to(SRC).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(SRC.rglob("*.py"))
    }


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of what a module imports, lazily or not; relative imports are ours."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """This interpreter in a new process, with the checkout's `meterd` before any other."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(SRC.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def meterd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command `meterd`, in a new process."""
    return python("-m", "meterd", *arguments)
