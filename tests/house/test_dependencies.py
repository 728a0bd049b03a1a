"""What we depend on: declared, used, kept in one place, and locked by hash without a host."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.house.tree import PYPROJECT, ROOT, imported, modules, python

IMPORT_NAMES = {
    "argon2-cffi": "argon2",
    "gufo-snmp": "gufo",
    "prometheus-client": "prometheus_client",
    "protobuf": "google",
    "pyserial": "serial",
    "pysunspec2": "sunspec2",
    "pyyaml": "yaml",
}
NEVER_IMPORTED = {"tzdata"}  # read by zoneinfo, where the host has no time zones
EVERYWHERE = {
    "msgspec",  # the structs all speak in
    "structlog",  # every shell logs
    "aiohttp",  # the server has several pages
}
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==([^\s;]+)", re.MULTILINE)


def top_levels(folder: str) -> set[str]:
    """What the Python files of a folder import that Python does not bring."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / folder).rglob("*.py")]
    return set().union(*map(imported, trees)) - sys.stdlib_module_names


def declared() -> list[Requirement]:
    """What pyproject.toml asks for at run time, with every extra."""
    project = PYPROJECT["project"]
    extras = project.get("optional-dependencies", {}).values()
    texts = [*project["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


@cache
def pins(lock: Path) -> dict[str, str]:
    """Package -> version, as locked."""
    return dict(PIN.findall(lock.read_text("utf-8")))


@cache
def foreign() -> dict[str, list[str]]:
    """Package we did not write -> the modules that import it."""
    users: dict[str, list[str]] = {}
    for name, tree in modules().items():
        for package in imported(tree) - sys.stdlib_module_names - {"meterd"}:
            users.setdefault(package, []).append(name)
    return users


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    wanted = {IMPORT_NAMES.get(need.name, need.name) for need in declared()}
    assert set(foreign()) == wanted - NEVER_IMPORTED


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_what_the_tests_import_is_declared_too(folder: str) -> None:
    ours = {"meterd", "tests", "bench"}
    group = [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"]]
    known = {IMPORT_NAMES.get(need.name, need.name) for need in [*declared(), *group]}
    assert top_levels(folder) - ours <= known


@pytest.mark.parametrize("simulated", [False, True])
def test_a_protocol_library_is_known_to_one_file(simulated: bool) -> None:
    """To one that reads or tells, and to one that pretends to be the other side of it."""
    spread = {
        package: users
        for package, names in foreign().items()
        if package not in EVERYWHERE
        and len(users := [n for n in names if n.startswith("sim/") == simulated]) > 1
    }
    assert spread == {}


def test_checking_a_file_loads_nothing_that_talks() -> None:
    """A library is loaded when the configuration uses it and is run, not before."""
    program = "import sys, meterd.cli.check; print(*sys.modules)"
    done = python("-c", program)
    assert done.returncode == 0, done.stderr
    talks = {
        "aiohttp", "bacpypes3", "cryptography", "gmqtt", "prometheus_client", "pymodbus", "uvloop",
    }  # fmt: skip
    assert talks & set(done.stdout.split()) == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_a_hash_for_every_package_and_no_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    entries = [part for part in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if "==" in part]
    assert entries
    assert [part for part in entries if "--hash=sha256:" not in part] == []
    assert re.findall(r"\S*(?:://|file:|--\w*index|--find-links| @ )\S*", text) == []


def test_the_locks_agree_with_each_other() -> None:
    every = pins(ROOT / "requirements" / "dev.txt")
    assert {lock.name: pins(lock).items() - every.items() for lock in LOCKS} == {
        lock.name: set() for lock in LOCKS
    }


def test_the_lock_holds_what_the_project_asks_for() -> None:
    locked = pins(ROOT / "requirements" / "run.txt")
    stale = [
        str(need)
        for need in declared()
        if need.name not in locked or locked[need.name] not in need.specifier
    ]
    assert stale == [], "run `make lock`"
