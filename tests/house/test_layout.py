"""Rooms, names and the sentence at the head of every file."""

from __future__ import annotations

import ast

import pytest
from tests.house.tree import LAYERS, PURE, ROOT, SRC, modules

OUTSIDE_THE_LAYERS = {"clock"}  # the one thing any shell may use
SAY_NOTHING = {"utils", "util", "helpers", "manager", "service", "base", "common", "misc"}
NOT_A_MIRROR = {"fuzz", "house", "laws", "system", "cases", "databases", "recordings"}


def test_every_room_is_in_the_layers() -> None:
    rooms = {name.split("/")[0].removesuffix(".py") for name in modules()}
    assert rooms - {"__init__"} - set(LAYERS) == OUTSIDE_THE_LAYERS


def test_everything_from_the_pipeline_down_is_declared_pure() -> None:
    assert "pipeline" in PURE
    assert LAYERS[-len(PURE) :] == PURE


@pytest.mark.parametrize("name", modules())
def test_a_name_says_what_is_inside(name: str) -> None:
    assert not SAY_NOTHING & set(name.removesuffix(".py").split("/"))


@pytest.mark.parametrize(("name", "tree"), modules().items(), ids=modules())
def test_a_file_says_in_a_sentence_what_it_is_for(name: str, tree: ast.Module) -> None:
    if tree.body or not name.endswith("__init__.py"):
        first, *_ = (ast.get_docstring(tree) or "").split("\n\n")
        assert first.rstrip().endswith((".", ":"))


def test_tests_stand_where_the_code_stands() -> None:
    """tests/<room>/test_<module>[_<what>].py speaks of src/meterd/<room>/<module>.py."""
    strays = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        room = path.parent.relative_to(ROOT / "tests")
        if room.parts and room.parts[0] in NOT_A_MIRROR:
            continue
        about = path.stem.removeprefix("test_")
        names = {module.stem for module in (SRC / room).glob("*") if module.stem != "__init__"}
        names |= set(room.parts[-1:] or NOT_A_MIRROR)
        if not any(about == name or about.startswith(f"{name}_") for name in names):
            strays.append(str(path.relative_to(ROOT)))
    assert strays == []


def test_every_pure_module_that_does_something_has_a_test_of_its_own() -> None:
    bare = []
    for name, tree in modules().items():
        room, _, file = name.rpartition("/")
        top = name.split("/")[0].removesuffix(".py")
        does = any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
        tests = (ROOT / "tests" / room).glob(f"test_{file.removesuffix('.py')}*.py")
        if top in PURE and does and not any(tests):
            bare.append(name)
    assert bare == []
